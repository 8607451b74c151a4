"""What a reader draws on a film of the whole application: a region whose score is read anew, and a cardiothoracic ratio."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from chexview.films.read import read
from chexview.geometry import Rectangle
from chexview.model.perturbations import occlude
from chexview.model.predictor import Predictor
from chexview.settings import BUNDLED
from chexview.text import robustness as robustness_text
from tests.browser.pages import faultless_page
from tests.browser.serving import PATIENCE

pytestmark = pytest.mark.browser

FILM = BUNDLED / "films" / "00013911_000.dcm"
FINDING = "Effusion"
VIEWER = (
    "[...document.querySelectorAll('[data-testid=stBidiComponentIsolated]')].find(host => host.__chexview)?.__chexview"
)


def at(page: Page, x: float, y: float) -> tuple[float, float]:
    """Where a pixel of the film lies on the page."""
    left, top = page.evaluate(f"place => {VIEWER}.toScreen(...place)", [0, x, y])
    return left, top


def drag(page: Page, start: tuple[float, float], stop: tuple[float, float]) -> None:
    """A stroke of the mouse."""
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*stop, steps=8)
    page.mouse.up()


def answer(page: Page, other_than: str = "") -> str:
    """What stands beside the region, once it is read without it."""
    settled = f"""other => {{ const [found] = {VIEWER}?.state(0).results ?? [];
        return found?.words.includes(' without this: ') && found.words !== other && found.words; }}"""
    return str(page.wait_for_function(settled, arg=other_than, timeout=PATIENCE).json_value())


def drawn(page: Page) -> Rectangle:
    """The region as the viewer holds it."""
    (mark,) = page.evaluate(f"() => {VIEWER}.state(0).results")
    (x, y), (stop_x, stop_y) = mark["points"]
    left, top = min(x, stop_x) / 1024, min(y, stop_y) / 1024
    return Rectangle.of_size(left, top, abs(stop_x - x) / 1024, abs(stop_y - y) / 1024)


def test_a_region_is_answered_where_it_is_drawn_and_a_ratio_is_led_on_the_film(
    browser: Browser, server: str, bundled: Predictor
) -> None:
    with faultless_page(browser, 900) as page:
        page.goto(server)
        page.locator("input[type=file]").first.set_input_files([FILM])
        page.wait_for_function(f"() => {VIEWER}?.ready(0)", timeout=PATIENCE)
        expect(page.get_by_text("Verdict and files", exact=True)).to_be_in_viewport(ratio=1)
        page.locator(f"button.row[data-finding={FINDING}]").click()
        stage, prompt = page.locator(".viewer .stage"), page.locator(".viewer .prompt")
        stage.focus()
        page.keyboard.press("e")
        drag(page, at(page, 150, 500), at(page, 450, 800))
        first = answer(page)
        assert first == region_answer(page, bundled)
        expect(page.locator("p.said", has_text=first.split(": ")[1])).to_be_visible()

        page.mouse.move(*at(page, 450, 800))
        page.mouse.down()
        page.mouse.move(*at(page, 760, 900), steps=6)
        (moving,) = page.evaluate(f"() => {VIEWER}.state(0).results")
        assert moving["words"] == "Reading without this region \N{HORIZONTAL ELLIPSIS}"
        page.mouse.up()
        second = answer(page, first)
        assert second == region_answer(page, bundled)
        expect(page.locator("p.said", has_text=second.split(": ")[1])).to_be_visible()

        stage.focus()
        page.keyboard.press("c")
        expect(prompt).to_have_text("Ratio, 1 of 3: start on the midline of the spine")
        drag(page, at(page, 512, 300), at(page, 516, 700))
        expect(prompt).to_contain_text("goes down rather than across")
        box, film = prompt.bounding_box(), stage.bounding_box()
        assert box is not None and film is not None
        assert film["y"] <= box["y"] and box["y"] + box["height"] <= film["y"] + film["height"]
        for number, (start, stop) in enumerate((((512, 500), (300, 500)), ((512, 600), (800, 600))), 2):
            drag(page, at(page, *start), at(page, *stop))
            expect(prompt).to_contain_text(f"Ratio, {number} of 3")
        drag(page, at(page, 140, 640), at(page, 880, 640))
        words = [mark["words"] for mark in page.evaluate(f"() => {VIEWER}.state(0).results")]
        ratio = next(found for text in words if (found := re.search(r"0\.\d\d", text)))
        assert float(ratio[0]) == pytest.approx((212 + 288) / 740, abs=0.02)


def region_answer(page: Page, bundled: Predictor) -> str:
    """What covering the region that is drawn does, worked out here."""
    result = occlude(bundled, read(FILM.read_bytes(), FILM.name), drawn(page))
    return f"{FINDING} without this: {robustness_text.change(robustness_text.of(result.changes, FINDING))}"
