"""The film viewer of ``viewer_app.py`` in a page, and what tests do with it."""

import base64
from typing import Any

import numpy as np
import numpy.typing as npt
from playwright.sync_api import ConsoleMessage, Page

from tests.browser.serving import PATIENCE, ROOT

SHOTS = ROOT / "screenshots"
HOST = "document.querySelector('[data-testid=stBidiComponentIsolated]')?.__chexview"
PACK = """(layer) => { let text = ''; const { data, width, height } = layer;
    for (let at = 0; at < data.length; at += 32768) text += String.fromCharCode(...data.subarray(at, at + 32768));
    return [btoa(text), height, width]; }"""


class OpenViewer:
    """A page with a viewer, and what a test does with it."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.traffic: list[str] = []
        self.wrong: list[str] = []
        page.on("websocket", lambda socket: socket.on("framesent", lambda _: self.traffic.append("frame")))
        page.on("request", lambda request: self.traffic.append(request.url))
        page.on("console", self.heard)
        page.on("pageerror", lambda error: self.wrong.append(str(error)))

    def heard(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.wrong.append(message.text)

    def open(self, **options: str) -> "OpenViewer":
        query = "&".join(f"{name}={value}" for name, value in options.items())
        self.page.goto(f"{self.address}/?{query}")
        self.wait()
        self.page.locator(".viewer .stage").focus()
        return self

    def wait(self, number: int = 0) -> None:
        self.page.wait_for_function(f"number => {HOST}?.ready(number)", arg=number, timeout=PATIENCE)

    def ask(self, call: str, *values: object) -> Any:
        return self.page.evaluate(f"(values) => {HOST}.{call}", list(values))

    def state(self, number: int = 0) -> dict[str, Any]:
        self.wait(number)
        state: dict[str, Any] = self.ask("state(...values)", number)
        return state

    def layer(self, name: str, number: int = 0) -> npt.NDArray[np.uint8]:
        """What is drawn now, uint8 (rows, columns, 4)."""
        self.wait(number)
        packed, rows, columns = self.page.evaluate(f"(values) => ({PACK})({HOST}.{name}(...values))", [number])
        return np.frombuffer(base64.b64decode(packed), np.uint8).reshape(rows, columns, 4)

    def grey(self, number: int = 0) -> npt.NDArray[np.uint8]:
        layer = self.layer("readPane", number)
        assert (layer[..., 0] == layer[..., 1]).all() and (layer[..., 3] == 255).all()
        return layer[..., 0]

    def at(self, x: float, y: float, number: int = 0) -> tuple[float, float]:
        left, top = self.ask("toScreen(...values)", number, x, y)
        return left, top

    def under(self, left: float, top: float) -> tuple[float, float]:
        """The place of an upright film under a place of the page."""
        (x0, y0), (x1, y1) = self.at(0, 0), self.at(1000, 1000)
        return (left - x0) / (x1 - x0) * 1000, (top - y0) / (y1 - y0) * 1000

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
        self.page.wait_for_timeout(50)
        self.wait()

    def drag(
        self, start: tuple[float, float], stop: tuple[float, float], button: Any = "left", steps: int = 12
    ) -> None:
        mouse = self.page.mouse
        mouse.move(*start)
        mouse.down(button=button)
        mouse.move(*stop, steps=steps)
        mouse.up(button=button)
        self.wait()

    def quiet(self) -> None:
        """Waits until the page asks for nothing any more, and forgets what it asked."""
        while True:
            self.traffic.clear()
            self.page.wait_for_timeout(1200)
            if not self.traffic:
                return

    def shot(self, name: str) -> None:
        SHOTS.mkdir(exist_ok=True)
        self.page.screenshot(path=SHOTS / f"{name}.png")
