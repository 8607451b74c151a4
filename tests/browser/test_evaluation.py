"""From a run to a threshold, to the films behind a cell, to Read and back: in Chromium, by real clicks."""

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from chexview.evaluation.cases import cell_films
from chexview.evaluation.confusion import Cell, confusion
from chexview.evaluation.operating import Policy
from chexview.evaluation.run import ValidationRun
from chexview.evaluation.thresholds import offer
from chexview.films.library import Library
from chexview.model.predictor import Predictor
from chexview.pages.state.case_choice import PAGE
from chexview.settings import BUNDLED
from chexview.worklist.reader import reader_of
from tests.browser.conftest import IMAGES
from tests.browser.pages import faultless_page, rests
from tests.browser.test_app import PNG, shot

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def run(bundled_run: ValidationRun) -> ValidationRun:
    return bundled_run


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with faultless_page(browser, 900) as made:
        yield made


def address(page: Page) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(urlsplit(page.url).query).items()}


def matrix(page: Page) -> Locator:
    return page.locator(".st-key-examined .js-plotly-plot").filter(has_text="true positive")


def shown_counts(page: Page) -> dict[str, int]:
    """The four numbers of the matrix, by its words."""
    text = matrix(page).text_content() or ""
    return {cell.value: int(re.search(rf"([\d,]+){cell.value}", text)[1].replace(",", "")) for cell in Cell}  # type: ignore[index]


def click_curve(page: Page, share: float) -> float:
    """Clicks the point that lies at a share of the ROC curve's points, and gives its threshold."""
    curve = page.locator(".st-key-examined .js-plotly-plot").first
    x, y, threshold = curve.evaluate(
        """(plot, share) => {
            const {xaxis, yaxis} = plot._fullLayout, line = plot.data[0], i = Math.round(share * line.x.length);
            const box = plot.getBoundingClientRect();
            const [left, top] = [box.x + xaxis._offset, box.y + yaxis._offset];
            return [left + xaxis.d2p(line.x[i]), top + yaxis.d2p(line.y[i]), line.customdata[i][0]];
        }""",
        share,
    )
    page.mouse.click(x, y)
    return float(threshold)


def films_here() -> Library:
    """The films that Cases finds without being told of a folder, and those of the tests."""
    return Library([IMAGES, BUNDLED / "films"], [BUNDLED / "films" / "test-films.zip"])


def at_hand(run: ValidationRun, finding: str) -> list[int]:
    """The rows of the first false positives, at the policy's threshold, whose films are here."""
    library = films_here()
    images = run.table.column("image")
    threshold = offer(run, finding, "test").points[Policy.SPECIFICITY_90]
    rows = cell_films(run.select(finding, "test"), threshold, Cell.FALSE_POSITIVE)
    return [int(row) for row in rows if images[row] in library][:PAGE]


def test_a_click_on_the_curve_sets_the_threshold_everywhere(page: Page, server: str, run: ValidationRun) -> None:
    page.goto(server)
    page.locator("input[type=file]").first.set_input_files([PNG])
    expect(page.locator("button.row")).to_have_count(14)
    margins: dict[str, str] = page.locator("button.row").evaluate_all(
        "rows => Object.fromEntries(rows.map(row => [row.dataset.finding, row.querySelector('.over').textContent]))"
    )
    page.get_by_role("link", name="Evaluate").click()
    expect(matrix(page)).to_be_visible()
    rests(page, 1000)
    before = address(page)["threshold"]
    threshold = click_curve(page, 0.6)
    page.wait_for_function("before => !location.search.includes(before)", arg=f"threshold={before}")
    rests(page, 1000)
    at = address(page)
    assert float(at["threshold"]) == pytest.approx(threshold, abs=0.05)
    found = confusion(run.select(at["finding"], at["list"]), float(at["threshold"])).counts
    assert shown_counts(page) == {cell.value: found.of(cell) for cell in Cell}
    shot(page, "evaluate-clicked")
    page.get_by_role("link", name="Read", exact=True).click()
    expect(page.get_by_role("button", name=re.compile("Reset 1 custom"))).to_be_visible()
    row = page.locator(f"button.row[data-finding={at['finding']}]")
    expect(row.locator(".over")).not_to_have_text(margins[at["finding"]])
    page.get_by_role("button", name=re.compile("Reset 1 custom")).click()
    expect(row.locator(".over")).to_have_text(margins[at["finding"]])


def test_a_click_on_a_cell_opens_its_films_and_the_address_brings_them_back(
    page: Page, server: str, run: ValidationRun, bundled: Predictor
) -> None:
    finding = max(run.findings, key=lambda name: len(at_hand(run, name)))
    rows = at_hand(run, finding)
    page.goto(f"{server}/evaluate?run={run.name}&list=test&finding={finding}")
    expect(matrix(page)).to_be_visible()
    rests(page, 1000)
    cell = matrix(page).get_by_text("false positive", exact=True).bounding_box()
    assert cell is not None
    page.mouse.click(cell["x"] + cell["width"] / 2, cell["y"] + cell["height"] / 2)
    page.wait_for_url(re.compile("/cases"))
    expect(page.locator(".card.fp").first).to_be_visible()
    images = run.table.column("image")
    expect(page.locator(".card.fp")).to_have_count(len(rows))
    reader, library = reader_of(bundled), films_here()
    scored = [row for row in rows if reader.read([library.film(str(images[row]))])[0].withheld is None]
    assert len(scored) > PAGE / 2
    expect(page.locator(".card img.heat")).to_have_count(len(scored))
    assert page.locator(".card.fp").evaluate_all("cards => cards.map(card => Number(card.dataset.id))") == rows
    assert not any(str(images[row])[:-4] in page.url for row in rows)
    shot(page, "cases")
    rests(page, 1000)
    page.locator(f".card[data-id='{rows[0]}']").click()
    expect(page.get_by_role("button", name="Open in Read")).to_be_visible()
    page.wait_for_url(re.compile(f"case={rows[0]}"))
    shot(page, "case")
    page.reload()
    expect(page.get_by_role("button", name="Open in Read")).to_be_visible()
    expect(page.get_by_role("rowheader", name="Image", exact=True)).to_be_visible()
    assert address(page)["case"] == str(rows[0])
    page.get_by_role("button", name="Open in Read").click()
    page.wait_for_url(re.compile(rf"/\?.*finding={finding}"))
    expect(page.locator("button.row")).to_have_count(14)


def test_the_prevalence_dial_and_two_runs(page: Page, server: str, run: ValidationRun) -> None:
    page.goto(f"{server}/examine?run={run.name}&list=sharp&finding=Nodule")
    said = page.locator(".said").first
    expect(said).to_contain_text("Of 1,000 such films")
    before = said.inner_text()
    dial = page.get_by_role("slider").first
    dial.focus()
    for _ in range(6):
        dial.press("ArrowLeft")
    expect(said).not_to_have_text(before)
    shot(page, "examine")
    page.goto(f"{server}/compare?first=nodule-mass-448-1&second=nodule-mass-224-1")
    expect(page.locator(".js-plotly-plot").filter(has_text="true positive")).to_have_count(2)
    expect(page.get_by_text("AUROC of a nodule or mass", exact=False).first).to_be_visible()
    shot(page, "compare")
