"""Films read blind by the keyboard alone in Chromium: every frame, request and response is searched for a planted score; the server
is killed on the way; at the end the reader's own point stands on the curve."""

import base64
import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import numpy.typing as npt
import pytest
import torch
from playwright.sync_api import Browser, Page, Request, Response, WebSocket, expect

from chexview.calibration import Calibration
from chexview.films.library import Library
from chexview.model import checkpoint
from chexview.model.predictor import Predictor
from chexview.settings import BUNDLED
from chexview.studies.storage import ReaderStudy, list_studies, open_study
from chexview.worklist.reader import reader_of
from tests.browser.conftest import IMAGES
from tests.browser.serving import PATIENCE, free_port, started
from tests.browser.test_app import shot

pytestmark = pytest.mark.browser

NAME = "planted-9417"
PROBABILITY = 0.9417
KILLED_AFTER = 3
CODED = re.compile(rb"[A-Za-z0-9+/]{20,}={0,2}")

Needle = bytes | npt.NDArray[np.float32]
"""What is searched for: a text, or the cells of a map."""


@pytest.fixture(scope="module")
def planted(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose one checkpoint says 94 % of nodule and of mass on every film, within a hair."""
    own = tmp_path_factory.mktemp("planted")
    loaded = checkpoint.load(home / "checkpoints" / "random")
    odds = math.log(PROBABILITY / (1 - PROBABILITY))
    lines = {name: Calibration(1e-4, odds) for name in ("Nodule", "Mass")}
    card = replace(loaded.card, name=NAME, title=NAME, calibration={**loaded.card.calibration, **lines})
    checkpoint.save(loaded.network, card, own / "checkpoints" / NAME)
    return own


@dataclass
class Heard:
    """Everything that went between browser and server: frames of websockets, requests, and responses with their bodies."""

    parts: list[bytes] = field(default_factory=list)
    responses: list[Response] = field(default_factory=list)
    frames: int = 0

    def listen(self, page: Page) -> None:
        page.on("websocket", self.socket)
        page.on("request", self.request)
        page.on("response", self.response)

    def socket(self, socket: WebSocket) -> None:
        for event in ("framereceived", "framesent"):
            socket.on(event, self.frame)  # type: ignore[call-overload]

    def frame(self, payload: str | bytes) -> None:
        self.frames += 1
        self.parts.append(payload.encode() if isinstance(payload, str) else payload)

    def request(self, request: Request) -> None:
        self.parts += [request.url.encode(), request.post_data_buffer or b""]

    def response(self, response: Response) -> None:
        self.responses.append(response)

    def take_bodies(self) -> None:
        """Adds the responses' headers and bodies; the application's own code and fonts are no answers."""
        for response in self.responses:
            self.parts.append(repr(response.headers).encode())
            if "/static/" not in urlsplit(response.url).path and response.ok:
                self.parts.append(response.body())
        self.responses.clear()

    def lacks(self, page: Page, needles: list[Needle]) -> list[Needle]:
        """Those of the needles that were not heard; a frame may be told of a moment after what it drew is seen."""
        for _ in range(100):
            left = [needle for needle in needles if not self.around([needle])]
            if not left:
                break
            page.wait_for_timeout(100)
        return left

    def around(self, needles: list[Needle]) -> list[bytes]:
        """Where the needles are, with what stands around them."""
        return [
            part[max(0, place - 200) : place + 100]
            for needle in needles
            for part in self.parts
            for place in places(part, needle)
        ]


def places(part: bytes, needle: Needle) -> list[int]:
    """Where a needle stands: a text as it is, a map as float32, raw or in base64.

    A map's last bits differ between processes: they depend on the number of threads and on the processor.
    """
    if isinstance(needle, bytes):
        return [found.start() for found in re.finditer(re.escape(needle), part)]
    coded = [(found.start(), base64.b64decode(found[0][: len(found[0]) // 4 * 4])) for found in CODED.finditer(part)]
    return [start for start, data in ((0, part), *coded) if holds(data, needle)]


def holds(data: bytes, cells: npt.NDArray[np.float32]) -> bool:
    """Whether the cells, one after another, are somewhere in the bytes, but for rounding."""
    near = 1e-4 * np.abs(cells).max()
    for offset in range(min(4, len(data))):
        numbers = np.frombuffer(data, "<f4", (len(data) - offset) // 4, offset)
        if len(numbers) >= len(cells):
            with np.errstate(all="ignore"):
                apart = np.abs(np.lib.stride_tricks.sliding_window_view(numbers, len(cells)) - cells)
            if (apart <= near).all(axis=1).any():
                return True
    return False


def test_the_search_finds_a_map_whatever_its_last_bits() -> None:
    cells = np.array([-0.9152261, -0.15249556, -0.9961091, 1e-7], np.float32)
    said = (cells * np.float32(1.000002)).astype("<f4").tobytes()
    assert said != cells.tobytes()
    texts = [b'{"map": "' + base64.b64encode(said) + b'"}', b"\x00abc\xff" + said + b"\x00", said]
    assert [places(text, cells) for text in texts] == [[9], [0], [0]]
    others = [cells[::-1], cells * np.float32(1.001), np.zeros(4, np.float32)]
    for other in others:
        assert places(texts[0].replace(base64.b64encode(said), base64.b64encode(other.tobytes())), cells) == []
    assert places(b"a 94 % b 94 %", b"94 %") == [2, 9] and places(b"", cells) == places(b"9.4 %", b"94 %") == []


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context(viewport={"width": 1100, "height": 760}) as context:
        context.set_default_timeout(PATIENCE)
        yield context.new_page()


@cache
def reads(home: Path) -> Predictor:
    return Predictor(checkpoint.load(home / "checkpoints" / NAME), torch.device("cpu"))


@cache
def library() -> Library:
    return Library((IMAGES, BUNDLED / "films"), (BUNDLED / "films" / "test-films.zip",))


def needles(home: Path, film: str) -> list[Needle]:
    """What the model has to say of a film, as the browser would get it: its name, probability, sum and map."""
    predictor, images = reads(home), library()
    (outcome,) = reader_of(predictor).read([images.film(film)])
    assert outcome.reading is not None, outcome.withheld
    return [NAME.encode(), b"94 %", b"2.78", outcome.reading.contributions("Nodule").astype(np.float32).ravel()]


def ready(page: Page, button: str, number: int) -> None:
    """Waits until a film, by its place in the order, is there, and nothing of the one before it."""
    expect(page.get_by_text(f"Film {number} of 10", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name=button)).to_be_visible()
    expect(page.locator(".st-key-film [role=application]")).to_be_visible()
    expect(page.locator("[data-testid=stStatusWidget]")).to_have_count(0)
    expect(page.locator("[data-stale=true]")).to_have_count(0)


def answer(page: Page, number: int, key: str, words: str) -> None:
    """One film by the keyboard: the step, then on to the advice."""
    expect(page.locator(".study-answers")).to_contain_text("\u2013")
    page.keyboard.press(key)
    expect(page.locator(".study-answers")).to_contain_text(words)
    page.keyboard.press("Enter")
    ready(page, "Next film", number)


def the_study(home: Path) -> ReaderStudy:
    (listing,) = list_studies(home / "studies")
    return open_study(listing.folder)


def test_ten_films_read_blind_by_the_keyboard_through_a_crash(page: Page, planted: Path, tmp_path: Path) -> None:
    settings = {
        "CHEXVIEW_HOME": str(planted),
        "CHEXVIEW_CHECKPOINT": NAME,
        "CHEXVIEW_IMAGES": str(IMAGES),
        "CHEXVIEW_DEVICE": "cpu",
    }
    heard, port = Heard(), free_port()
    heard.listen(page)
    with started(tmp_path / "first.log", settings, port=port) as server:
        page.goto(f"{server.address}/reader_study")
        page.get_by_label("Your name as a reader").fill("Ada")
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Begin the tour").click()
        ready(page, "Store the answer", 1)
        study = the_study(planted)
        order = [film.id for film in study.design.order("Ada")]
        said = needles(planted, order[0])
        page.keyboard.press("4")
        expect(page.locator(".study-answers")).to_contain_text("Probably present")
        heard.take_bodies()
        assert heard.frames > 5 and study.entries("Ada").alone == {}
        assert heard.around(said) == []
        shot(page, "reader-study-blind")
        page.keyboard.press("Enter")
        ready(page, "Next film", 1)
        expect(page.locator("button.row").first).to_contain_text("94 %")
        assert heard.lacks(page, said) == []
        assert list(study.entries("Ada").alone) == order[:1]
        shot(page, "reader-study-revealed")
        for k in range(1, KILLED_AFTER):
            page.wait_for_timeout(1000)
            heard.parts.clear()
            page.keyboard.press("Enter")
            ready(page, "Store the answer", k + 1)
            heard.take_bodies()
            assert heard.around([needles(planted, order[k])[-1], b"94 %"]) == []
            answer(page, k + 1, "2", "Probably absent")
        address = page.url
        server.kill()
    assert list(study.entries("Ada").alone) == order[:KILLED_AFTER]
    with started(tmp_path / "second.log", settings, port=port):
        page.goto(address)
        for k in range(KILLED_AFTER, len(order)):
            ready(page, "Store the answer", k + 1)
            answer(page, k + 1, "5" if k % 2 else "1", "Definitely present" if k % 2 else "Definitely absent")
            page.keyboard.press("Enter")
        for _ in range(2):
            expect(page.locator(".js-plotly-plot .legend")).to_contain_text("You, alone")
            own = page.locator(".js-plotly-plot").first.evaluate(
                "plot => JSON.stringify(plot.data.filter(t => t.name === 'You, alone').map(t => [t.x[0], t.y[0]]))"
            )
            ((alarms, hits),) = json.loads(own)
            assert 0 <= alarms <= 1 and 0 <= hits <= 1
            page.reload()
        shot(page, "reader-study-results")
    entries = study.entries("Ada")
    assert list(entries.alone) == order == list(entries.advice) and len(order) == 10
    for log in ("first.log", "second.log"):
        assert "Traceback" not in (tmp_path / log).read_text()
