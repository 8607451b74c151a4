"""The film viewer in Chromium, with films and readings made up beforehand: nothing it does is asked of the server."""

import base64
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import numpy.typing as npt
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from chexview.films.grey import grey
from chexview.films.radiograph import Radiograph, VoiView
from chexview.findings import NAMES, title
from chexview.text.reading import ordered
from tests.browser.conftest import PATIENCE
from tests.browser.serving import ROOT, serving
from tests.browser.viewer_films import NOT_SQUARE, PADDED, SQUARE, chest, padded, readings

pytestmark = pytest.mark.browser

SHOTS = ROOT / "screenshots"
HOST = "document.querySelector('[data-testid=stBidiComponentIsolated]')?.__chexview"
PACK = """(layer) => { let text = ''; const { data, width, height } = layer;
    for (let at = 0; at < data.length; at += 32768) text += String.fromCharCode(...data.subarray(at, at + 32768));
    return [btoa(text), height, width]; }"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the viewer's own little application."""
    log = tmp_path_factory.mktemp("log") / "viewer.log"
    with serving(log, {}, "tests/browser/viewer_app.py") as made:
        yield made
    assert "Traceback" not in log.read_text()


class Desk:
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

    def open(self, **asked: str) -> "Desk":
        query = "&".join(f"{name}={value}" for name, value in asked.items())
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
        told: dict[str, Any] = self.ask("state(...values)", number)
        return told

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


@pytest.fixture
def desk(browser: Browser, address: str) -> Iterator[Desk]:
    """A desk that must log no error and ask no other host."""
    with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        hosts: set[str | None] = set()
        page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))
        made = Desk(page, address)
        yield made
        assert made.wrong == []
        assert hosts - {None} == {"127.0.0.1"}


def test_reading_a_film_asks_the_server_nothing(desk: Desk) -> None:
    desk.open()
    desk.quiet()
    first = desk.grey()
    desk.drag(desk.at(1000, 1200), desk.at(1600, 900))
    windowed = desk.state()["window"]
    assert windowed["width"] > 2600 and windowed["centre"] < 800
    assert (desk.grey() != first).mean() > 0.3

    place, film = (818.0, 300.0), desk.under(818, 300)
    desk.page.mouse.move(*place)
    for _ in range(4):
        desk.page.mouse.wheel(0, -200)
    zoomed = desk.state()
    assert zoomed["scale"] > 2 * 0.2
    assert desk.at(*film) == pytest.approx(place, abs=0.6)
    desk.drag(place, (place[0] + 80, place[1] - 50), button="right")
    assert desk.at(*film) == pytest.approx((place[0] + 80, place[1] - 50), abs=0.6)

    desk.press("0", "l")
    desk.drag(desk.at(600, 1000), desk.at(1800, 1500))
    (length,) = desk.state()["results"]
    assert length["unit"] == "mm" and "detector plane" in length["text"]
    assert length["value"] == pytest.approx(1300 * 0.14, rel=0.01)
    expect(desk.page.locator(".viewer .prompt")).to_contain_text("Length")

    assert desk.layer("readHeat")[..., 3].max() == 0
    desk.press("t")
    ranked = [score.name for score in ordered(readings()["chest"])]
    assert set(ranked) == set(NAMES) and ranked != list(NAMES)
    desk.page.locator(".viewer select.finding").select_option(ranked[0])
    desk.page.locator(".viewer .stage").focus()
    seen = []
    for name in ranked:
        assert desk.state()["finding"] == name
        assert desk.state()["badge"].startswith(f"AI \N{MIDDLE DOT} {title(name)} ")
        seen.append(desk.layer("readHeat"))
        desk.press(".")
    assert desk.state()["finding"] == ranked[0]
    assert all((seen[k] != seen[k + 1]).any() for k in range(len(ranked) - 1))
    desk.press(",")
    assert desk.state()["finding"] == ranked[-1]
    desk.page.locator(".viewer select.finding").select_option(NAMES[4])
    desk.page.locator(".viewer .stage").focus()

    strong = desk.layer("readHeat")[..., 3].astype(int)
    desk.press("[", "[", "[")
    faint = desk.layer("readHeat")[..., 3].astype(int)
    assert faint.max() == pytest.approx(strong.max() * 0.45 / 0.75, abs=3)
    desk.press("}", "}", "}", "}", "}", "}")
    cut = desk.layer("readHeat")[..., 3]
    assert 0 < (cut > 0).sum() < 0.6 * (faint > 0).sum()
    desk.press("g")
    assert (desk.layer("readHeat") != faint[..., None]).any()

    for key in ("r", "c", "f", "i", "v", "k", "s", "s", "1", "Control+z", "Home", "?", "Escape", "Escape"):
        desk.press(key)
    desk.page.wait_for_timeout(600)
    assert desk.traffic == []
    expect(desk.page.get_by_role("dialog")).to_have_count(0)


VIEWS = [(chest, view) for view in chest().views] + [(padded, view) for view in chest().views[:2]]


@pytest.mark.parametrize("painter", ["2d", "webgl"])
def test_greys_are_those_of_python(desk: Desk, painter: str) -> None:
    """One pixel of the film on one of the screen, under every kind of view, a film with padding and inversion among them."""
    for make, view in VIEWS:
        name = make.__name__
        if f"films={name}&" not in desk.page.url:
            desk.open(films=name, painter=painter)
            assert desk.ask("painter") == painter
            desk.press("1")
        desk.page.locator(".viewer select.views").select_option(view.name)
        at_one_to_one(desk, make(), view, 0 if painter == "2d" else 1)
        desk.page.locator(".viewer .stage").focus()
    desk.press("f", "r")
    assert desk.state()["turned"] == "mirrored, turned 90\N{DEGREE SIGN}"
    at_one_to_one(desk, padded(), view, 0 if painter == "2d" else 1)
    desk.press("r", "r", "r", "f", "0")
    desk.page.wait_for_timeout(300)
    top, bottom, left, right = PADDED
    box = desk.page.locator(".viewer .stage").bounding_box()
    assert box is not None
    x, y = desk.at((left + right) / 2, (top + bottom) / 2)
    assert desk.grey()[round(y - box["y"]), round(x - box["x"])] == 0


def at_one_to_one(desk: Desk, film: Radiograph, view: VoiView, most: int) -> None:
    """Compares what is drawn of a film, however it is turned, with the pipeline in Python."""
    assert desk.state()["scale"] == 1
    drawn = desk.grey()
    wanted = np.floor(grey(film, view) * np.float32(255) + np.float32(0.5)).astype(np.uint8)
    box = desk.page.locator(".viewer .stage").bounding_box()
    assert box is not None
    (x0, y0), (x1, y1), (x2, y2) = (desk.at(*place) for place in ((0, 0), (1, 0), (0, 1)))
    turn = np.array([[x1 - x0, x2 - x0], [y1 - y0, y2 - y0]])
    rows, columns = np.mgrid[0 : drawn.shape[0], 0 : drawn.shape[1]]
    screen = np.stack([columns + 0.5 + box["x"] - x0, rows + 0.5 + box["y"] - y0])
    x, y = np.floor(np.tensordot(np.linalg.inv(turn), screen, 1)).astype(int)
    inside = (x >= 0) & (y >= 0) & (x < wanted.shape[1]) & (y < wanted.shape[0])
    assert inside.sum() > 300_000
    difference = np.abs(drawn[inside].astype(int) - wanted[y[inside], x[inside]])
    assert difference.max() <= most, f"{view.name}: {difference.max()}, {(difference > 0).sum()} pixels"
    assert (drawn[~inside] == 0).all()


@pytest.mark.parametrize("painter", ["2d", "webgl"])
def test_a_heatmap_stays_on_what_it_is_of(desk: Desk, painter: str) -> None:
    """A square near the right and lower edges of a film whose pixels are not square, turned every way, and zoomed."""
    desk.open(films="stretched", painter=painter)
    desk.press("t")
    rows, columns, aspect = NOT_SQUARE
    top, bottom, left, right = SQUARE
    for keys in (["r"], ["f"], ["r"], ["r"], ["i", "i"], ["-", "-"], ["f", "r"]):
        square, heat, reach = middles(desk, rows * aspect, columns)
        assert np.abs(square - heat).max() <= 0.01 * reach, f"before {keys}"
        assert np.abs(square - shown(desk, (left + right) / 2, (top + bottom) / 2)).max() <= 0.004 * reach
        for key in keys:
            desk.press(key)
    square = middles(desk, rows * aspect, columns)[0]
    desk.page.mouse.move(*(square + stage(desk)))
    for _ in range(3):
        desk.page.mouse.wheel(0, -200)
    square, heat, reach = middles(desk, rows * aspect, columns)
    assert np.abs(square - heat).max() <= 0.01 * reach


def stage(desk: Desk) -> npt.NDArray[np.float64]:
    box = desk.page.locator(".viewer .stage").bounding_box()
    assert box is not None
    return np.array([box["x"], box["y"]])


def shown(desk: Desk, x: float, y: float) -> npt.NDArray[np.float64]:
    """A place of the film in pixels of the stage."""
    return np.array(desk.at(x, y)) - stage(desk)


def middles(desk: Desk, tall: float, wide: float) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], float]:
    """The middles of the bright square and of the heatmap's peak on the stage, and the film's shorter side there."""
    drawn, alpha = desk.grey(), desk.layer("readHeat")[..., 3]
    assert alpha.max() > 120
    found = [
        np.array([x.mean() + 0.5, y.mean() + 0.5])
        for y, x in (np.nonzero(drawn > 200), np.nonzero(alpha >= alpha.max() - 1))
    ]
    return found[0], found[1], min(tall, wide) * desk.state()["scale"]


def test_measurements_in_pixels_and_ratios(desk: Desk) -> None:
    """Without spacing lengths are in square pixels; the ratio counts what is level on the screen."""
    desk.open(films="stretched")
    desk.press("l")
    desk.drag(desk.at(200, 100), desk.at(500, 350))
    desk.press("c")
    for start, stop in (((500, 400), (440, 430)), ((500, 450), (680, 420)), ((300, 500), (800, 480))):
        desk.drag(desk.at(*start), desk.at(*stop))
    desk.press("a")
    for point in ((300, 600), (300, 200), (700, 200)):
        desk.page.mouse.click(*desk.at(*point))
    length, ratio, angle = desk.state()["results"]
    assert (length["unit"], length["value"]) == ("px", pytest.approx(np.hypot(300, 250 * 1.6), rel=0.01))
    assert ratio["value"] == pytest.approx((60 + 180) / 500, rel=0.01)
    assert "CTR 0.48" in ratio["text"]
    assert angle["value"] == pytest.approx(90, abs=0.5)
    desk.press("Control+z")
    assert len(desk.state()["results"]) == 2
    desk.press("Delete", "Delete")
    assert desk.state()["results"] == []


def test_points_can_be_set_by_keys_alone(desk: Desk) -> None:
    desk.open()
    desk.press("l", "ArrowLeft", "ArrowLeft", "Enter", *["ArrowRight"] * 10, "Enter")
    (length,) = desk.state()["results"]
    assert length["value"] == pytest.approx(100 / desk.state()["scale"] * 0.14, rel=0.01)
    desk.press("w", "Shift+ArrowRight", "ArrowUp")
    assert desk.state()["window"]["width"] > 2600
    assert desk.state()["view"]["centre"][1] < 0.5


def test_layouts_links_and_held_keys(desk: Desk) -> None:
    desk.open(films="chest,padded", layout="beside", box="1")
    desk.press("t") if not desk.state()["preferences"]["heat"] else None
    desk.wait(1)
    assert desk.layer("readHeat", 0)[..., 3].max() == 0
    assert desk.layer("readHeat", 1)[..., 3].max() > 0
    np.testing.assert_array_equal(desk.grey(0), desk.grey(1)[:, : desk.grey(0).shape[1]])
    desk.shot("viewer-beside")
    desk.page.mouse.move(*desk.at(1200, 1200, 1))
    desk.page.mouse.wheel(0, -300)
    assert desk.state(0)["scale"] == desk.state(1)["scale"] > 0.25
    desk.page.keyboard.down("h")
    desk.page.wait_for_timeout(100)
    assert desk.layer("readHeat", 1)[..., 3].max() == 0
    desk.page.keyboard.up("h")
    assert desk.layer("readHeat", 1)[..., 3].max() > 0
    desk.press("i")
    inverted = desk.grey(1)
    desk.page.keyboard.down("o")
    desk.page.wait_for_timeout(100)
    assert (desk.grey(1) != inverted).mean() > 0.2
    assert desk.layer("readHeat", 1)[..., 3].max() == 0
    desk.page.keyboard.up("o")
    np.testing.assert_array_equal(desk.grey(1), inverted)

    desk.press("s")
    desk.wait(1)
    assert [desk.state(k)["id"] for k in (0, 1)] == ["chest", "padded"]
    desk.press("k")
    before = desk.state(0)["scale"]
    desk.page.mouse.move(*desk.at(1200, 1200, 1))
    desk.page.mouse.wheel(0, -300)
    assert desk.state(0)["scale"] == before < desk.state(1)["scale"]
    desk.press("s", "n")
    assert desk.state()["id"] == "padded"
    scale = desk.state()["view"]["zoom"]
    desk.press("n", "n")
    assert desk.state()["view"]["zoom"] == scale


def test_another_part_of_the_page_chooses_a_finding(desk: Desk) -> None:
    desk.open(films="chest,padded")
    desk.quiet()
    choose = "([film, name]) => window.dispatchEvent(new CustomEvent('chexview:finding', {detail: {film, name}}))"
    for film, name, expected in ((None, "Edema", "Edema"), ("chest", "Mass", "Mass"), ("padded", "Hernia", "Mass")):
        desk.page.evaluate(choose, [film, name])
        assert desk.state()["finding"] == expected
    assert desk.traffic == []


def test_what_was_done_to_a_film_is_there_again(desk: Desk) -> None:
    """Another film in the same place and back; then all films forgotten on the server, and brought again."""
    desk.open(films="chest,padded", single="1")
    desk.press("i", "+", "l")
    desk.drag(desk.at(600, 1000), desk.at(1800, 1500))
    before = desk.state()
    following = desk.page.get_by_role("button", name="Next film")
    identity = f"number => {HOST}?.state(0).id === number && {HOST}.ready(0)"
    following.click()
    desk.page.wait_for_function(identity, arg="padded")
    assert desk.state()["results"] == [] and not desk.state()["view"]["invert"]
    desk.quiet()
    following.click()
    desk.page.wait_for_function(identity, arg="chest")
    desk.wait()
    assert desk.state() == before
    assert not any("/film/" in asked for asked in desk.traffic)
    desk.page.get_by_role("button", name="Forget films").click()
    desk.page.wait_for_timeout(1500)
    desk.wait()
    assert any("/film/" in asked for asked in desk.traffic)
    assert desk.state() == before


def test_two_fingers_pinch_and_one_windows(desk: Desk) -> None:
    desk.open()
    send = """(steps) => {
        const stage = document.querySelector('[data-testid=stBidiComponentIsolated]').shadowRoot.querySelector('.stage');
        for (const [kind, id, x, y] of steps) stage.dispatchEvent(new PointerEvent(kind, { pointerId: id, pointerType: 'touch',
            clientX: x, clientY: y, button: 0, bubbles: true })); }"""
    x, y = desk.at(1250, 1500)
    desk.page.evaluate(send, [["pointerdown", 1, x, y], ["pointermove", 1, x + 40, y], ["pointerup", 1, x + 40, y]])
    window = desk.state()["window"]
    assert window["width"] > 2600
    scale = desk.state()["scale"]
    fingers = [["pointerdown", 1, x - 50, y], ["pointerdown", 2, x + 50, y]]
    moves = [
        ["pointermove", 1, x - 100, y],
        ["pointermove", 2, x + 100, y],
        ["pointerup", 1, x - 100, y],
        ["pointerup", 2, x + 100, y],
    ]
    desk.page.evaluate(send, [*fingers, *moves])
    assert desk.state()["scale"] == pytest.approx(2 * scale, rel=0.01)
    assert desk.at(1250, 1500) == pytest.approx((x, y), abs=2)
    assert desk.state()["window"] == window


def test_a_lost_film_is_asked_for_and_comes(desk: Desk) -> None:
    desk.page.goto(f"{desk.address}/?dead=1")
    expect(desk.page.get_by_text("lost: ['chest']")).to_be_visible()
    desk.wait()
    assert desk.state()["trouble"] == ""
    assert desk.grey().max() > 0
    desk.wrong[:] = [text for text in desk.wrong if "404" not in text]


def test_the_automatic_painter_draws(desk: Desk) -> None:
    """Which one it is depends on the machine; without a GPU it is the 2D canvas after the first frames."""
    desk.open()
    print(f"\npainter without a wish: {desk.ask('painter')}, frames {desk.ask('frames')['times'][:6]}")
    assert desk.grey().max() > 0


def test_the_pace_of_a_window_drag(desk: Desk) -> None:
    """Prints the frame rate of a drag on a 3000 x 2500 film on the 2D canvas; asserts nothing of time."""
    desk.open(painter="2d")
    box = desk.page.locator(".viewer .stage").bounding_box()
    assert box is not None
    times = desk.page.evaluate(
        """async ([x, y]) => {
            const stage = document.querySelector('[data-testid=stBidiComponentIsolated]').shadowRoot.querySelector('.stage');
            const send = (kind, dx) => stage.dispatchEvent(new PointerEvent(kind, { pointerId: 1, button: 0, buttons: 1,
                clientX: x + dx, clientY: y + dx / 3, bubbles: true }));
            const times = [];
            send('pointerdown', 0);
            let last = performance.now();
            for (let at = 1; at <= 90; at += 1) {
                send('pointermove', at * 2);
                await new Promise(requestAnimationFrame);
                times.push(performance.now() - last);
                last = performance.now();
            }
            send('pointerup', 180);
            return times; }""",
        [box["x"] + 300, box["y"] + 200],
    )
    own = desk.ask("frames")["times"][-90:]
    print(
        f"\n2D window drag: {1000 / np.median(times):.0f} frames a second (95 % of frames within "
        f"{np.percentile(times, 95):.0f} ms), drawing {np.median(own):.1f} ms a frame"
    )
    assert desk.state()["window"]["width"] > 2600
