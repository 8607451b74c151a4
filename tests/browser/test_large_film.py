"""A film of 3000 x 2500 pixels and 12 bits in the real application: what a hand does to it asks the server nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.benchmarks.viewer import film
from tests.browser.serving import PATIENCE
from tests.browser.test_app import HOST, loaded, overheard, shot, state

pytestmark = pytest.mark.browser

SPACING = 0.14


@pytest.fixture
def page(browser: Browser, server: str, tmp_path: Path) -> Iterator[Page]:
    """The Read page with the film open."""
    film(tmp_path / "large.dcm", 1)
    with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
        context.set_default_timeout(PATIENCE)
        made = context.new_page()
        made.goto(server)
        made.locator("input[type=file]").first.set_input_files(tmp_path / "large.dcm")
        expect(made.locator("button.row")).to_have_count(14)
        loaded(made)
        yield made


def at(page: Page, x: float, y: float) -> tuple[float, float]:
    """Where a pixel of the film lies on the screen."""
    place = page.evaluate(f"([x, y]) => {HOST}.__chexview.toScreen(0, x, y)", [x, y])
    return place[0], place[1]


def checksum(page: Page) -> int:
    """A number that changes with what is drawn of the film."""
    return int(
        page.evaluate(
            f"() => {HOST}.__chexview.readPane(0).data.reduce((sum, grey, at) => (sum + grey * (at % 251)) | 0, 0)"
        )
    )


def test_a_large_film_is_read_by_hand(page: Page) -> None:
    heard = overheard(page)
    stage = page.locator(".stage")
    drawn = [checksum(page)]
    start = at(page, 1000, 1000)
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(start[0] + 60, start[1] - 30, steps=6)
    page.mouse.up()
    page.wait_for_timeout(400)
    drawn.append(checksum(page))
    page.mouse.wheel(0, -600)
    page.wait_for_timeout(400)
    drawn.append(checksum(page))
    stage.focus()
    for key in ("i", "r", "f"):
        page.keyboard.press(key)
        page.wait_for_timeout(400)
        drawn.append(checksum(page))
    assert len(set(drawn)) == len(drawn)
    page.keyboard.press("Home")
    page.keyboard.press("l")
    for x, y in ((600, 800), (1600, 1500)):
        page.mouse.click(*at(page, x, y))
    (length,) = state(page)["results"]
    assert length["unit"] == "mm" and "detector plane" in length["text"]
    assert length["value"] == pytest.approx(SPACING * (1000**2 + 700**2) ** 0.5, rel=0.01)
    shot(page, "read-large")
    page.keyboard.press("t")
    for _ in range(14):
        page.keyboard.press(".")
    for key in ("[", "]", "}", "g", "o"):
        page.keyboard.press(key)
    page.wait_for_timeout(500)
    assert heard() == []
