"""Films read blind by the keyboard in Chromium: every frame and response is searched for a score that was planted."""

import base64
import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import torch
from playwright.sync_api import Browser, Page, Response, WebSocket, expect

from chexview.calibration import Calibration
from chexview.films.library import Library
from chexview.model import checkpoint
from chexview.model.predictor import Predictor
from chexview.settings import BUNDLED
from chexview.studies.storage import Study, list_studies, open_study
from chexview.worklist.reader import reader_of
from tests.browser.conftest import IMAGES
from tests.browser.serving import PATIENCE, serving
from tests.browser.test_app import shot

pytestmark = pytest.mark.browser

NAME = "planted-9417"
PROBABILITY = 0.9417


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
    """Everything that went between browser and server: frames of websockets, and bodies of responses."""

    parts: list[bytes] = field(default_factory=list)
    frames: int = 0

    def listen(self, page: Page) -> None:
        page.on("websocket", self.socket)
        page.on("response", self.response)

    def socket(self, socket: WebSocket) -> None:
        for event in ("framereceived", "framesent"):
            socket.on(event, self.frame)  # type: ignore[call-overload]

    def frame(self, payload: str | bytes) -> None:
        self.frames += 1
        self.parts.append(payload.encode() if isinstance(payload, str) else payload)

    def response(self, response: Response) -> None:
        self.parts.append(response.url.encode())
        self.parts.append(repr(response.headers).encode())

    def has(self, needle: bytes) -> bool:
        return any(needle in part for part in self.parts)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
        context.set_default_timeout(PATIENCE)
        yield context.new_page()


def needles(study: Study, home: Path, film: str) -> list[bytes]:
    """What the model has to say of a film, as the browser would get it: its name, probability, sum and map."""
    predictor = Predictor(checkpoint.load(home / "checkpoints" / NAME), torch.device("cpu"))
    images = Library((IMAGES, BUNDLED / "films"))
    (outcome,) = reader_of(predictor).read([images.film(film)])
    assert outcome.reading is not None, outcome.withheld
    cells = outcome.reading.contributions("Nodule").astype("<f4").tobytes()
    return [NAME.encode(), b"94 %", b"2.78", base64.b64encode(cells)[:40]]


def ready(page: Page, button: str) -> None:
    expect(page.get_by_role("button", name=button)).to_be_visible()
    expect(page.locator(".st-key-film canvas").first).to_be_visible()
    expect(page.locator("[data-testid=stStatusWidget]")).to_have_count(0)


def test_nothing_of_the_model_reaches_the_browser_before_the_first_answer(
    page: Page, planted: Path, tmp_path: Path
) -> None:
    settings = {
        "CHEXVIEW_HOME": str(planted),
        "CHEXVIEW_CHECKPOINT": NAME,
        "CHEXVIEW_IMAGES": str(IMAGES),
        "CHEXVIEW_DEVICE": "cpu",
    }
    heard = Heard()
    heard.listen(page)
    with serving(tmp_path / "one.log", settings) as address:
        page.goto(f"{address}/reader_study")
        page.get_by_label("Your name as a reader").fill("Ada")
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Begin the tour").click()
        ready(page, "Store the answer")
        (listing,) = list_studies(planted / "studies")
        study = open_study(listing.folder)
        order = study.design.order("Ada")
        said = needles(study, planted, order[0].id)
        page.keyboard.press("4")
        expect(page.locator(".study-answers")).to_contain_text("Probably present")
        assert heard.frames > 5
        assert [needle for needle in said if heard.has(needle)] == []
        assert study.entries("Ada").alone == {}
        page.keyboard.press("Enter")
        ready(page, "Next film")
        expect(page.get_by_text("94 %").first).to_be_visible()
        assert [needle for needle in said if not heard.has(needle)] == []
        assert list(study.entries("Ada").alone) == [order[0].id]
        shot(page, "reader-study-revealed")
        heard.parts.clear()
        page.keyboard.press("Enter")
        ready(page, "Store the answer")
        second = needles(study, planted, order[1].id)
        assert not heard.has(second[-1])
        page.keyboard.press("2")
        expect(page.locator(".study-answers")).to_contain_text("Probably absent")
        shot(page, "reader-study-blind")
        link = page.url
    assert list(study.entries("Ada").alone) == [order[0].id]
    heard.parts.clear()
    with serving(tmp_path / "two.log", settings) as address:
        page.goto(address + link[link.index("/reader_study") :])
        for film in order[1:]:
            ready(page, "Store the answer")
            page.keyboard.press("2")
            expect(page.locator(".study-answers")).to_contain_text("Probably absent")
            assert not heard.has(b"94 %") or film != order[1]
            page.keyboard.press("Enter")
            ready(page, "Next film")
            page.keyboard.press("Enter")
        expect(page.get_by_text("area under the ROC curve").first).to_be_visible()
        shot(page, "reader-study-results")
    assert set(study.entries("Ada").alone) == {film.id for film in order}
    for log in ("one.log", "two.log"):
        assert "Traceback" not in (tmp_path / log).read_text()
