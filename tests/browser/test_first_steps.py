"""What a newcomer does first: brings a run, chooses the light theme, comes with a telephone; what follows is in sight."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.pages import faultless_page, rests
from tests.browser.test_app import background
from tests.evaluation.test_importing import csv
from tests.evaluation.test_importing import table as predictions

pytestmark = pytest.mark.browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with faultless_page(browser, 900) as made:
        yield made


def test_an_imports_answer_and_the_new_run_are_in_sight(page: Page, server: str) -> None:
    page.goto(f"{server}/runs")
    expect(page.locator(".run-head").first).to_be_visible()
    file = {"name": "theirs.csv", "mimeType": "text/csv", "buffer": csv(predictions())}
    page.locator("input[type=file]").first.set_input_files(file)  # type: ignore[arg-type]
    expect(page.get_by_text("theirs.csv")).to_be_visible()
    page.get_by_label("Title").fill("Scores of theirs")
    rests(page)
    button = page.get_by_role("button", name="Import", exact=True)
    button.click()
    answer, run = page.locator(".st-key-runs-answer"), page.locator(".st-key-run-Scores-of-theirs")
    expect(answer).to_contain_text("Imported as Scores of theirs: 120 films of 40 patients")
    rests(page)
    expect(run).to_be_in_viewport(ratio=0.9)
    expect(answer).to_be_in_viewport(ratio=1)
    tops = [place.bounding_box() for place in (button, answer, run)]
    assert all(tops) and [box["y"] for box in tops if box] == sorted(box["y"] for box in tops if box)
    expect(run).to_contain_text("imported probabilities")
    run.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete this run").click()
    expect(run).to_have_count(0)


def test_the_light_theme_is_one_click_away_and_stays(page: Page, server: str) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto(f"{server}/kept_data")
    choice = page.get_by_role("group").filter(has=page.get_by_role("button", name="As the system"))
    expect(choice.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
    assert background(page) < 40
    choice.get_by_role("button", name="Light").click()
    expect(choice.get_by_role("button", name="Light")).to_have_attribute("aria-pressed", "true")
    rests(page)
    assert background(page) > 200
    page.get_by_role("link", name="Model card").click()
    expect(page.locator(".limits").first).to_be_visible()
    assert background(page) > 200
    page.reload()
    expect(page.locator(".limits").first).to_be_visible()
    assert background(page) > 200
    choice.get_by_role("button", name="As the system").click()
    expect(choice.get_by_role("button", name="As the system")).to_have_attribute("aria-pressed", "true")
    rests(page)
    assert background(page) < 40


def beyond(picture: Locator, in_cells: bool) -> list[str]:
    """The words of a figure that lie over each other or reach beyond it; with ``in_cells``, or are wider than a half of it."""
    found: list[str] = picture.evaluate(
        """(plot, cells) => {
            const widest = cells ? plot._fullLayout.xaxis._length / 2 : Infinity;
            const frame = plot.getBoundingClientRect(), words = [...plot.querySelectorAll('.annotation-text')];
            const boxes = words.map(word => [word.textContent, word.getBoundingClientRect()]).filter(([said]) => said.trim());
            const out = boxes.filter(([, box]) => box.left < frame.left - 1 || box.right > frame.right + 1
                || box.width > widest);
            const over = boxes.filter(([, a], k) => boxes.slice(k + 1).some(([, b]) =>
                a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1));
            return [...out, ...over].map(([said]) => said);
        }""",
        in_cells,
    )
    return found


@pytest.mark.parametrize("width", [390, 800])
def test_words_of_the_matrices_stay_in_their_cells_on_a_telephone(page: Page, server: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{server}/evaluate?finding=Effusion")
    for says in ("true positive", "NIH: no"):
        picture = page.locator(".js-plotly-plot").filter(has_text=says).first
        expect(picture).to_be_visible()
        rests(page)
        cells = picture.locator(".annotation-text")
        assert cells.count() >= 8 and beyond(picture, says == "true positive") == []
    page.goto(f"{server}/examine?finding=Effusion")
    table = page.locator("table.moved")
    expect(table.get_by_role("columnheader", name="At your prevalence")).to_be_visible()
    assert table.get_by_role("row").count() == 7
    assert re.search(r"^50 %\s+\d+ %$", table.get_by_role("row").last.inner_text())
    assert table.evaluate("table => table.scrollWidth <= table.parentElement.clientWidth + 1")
