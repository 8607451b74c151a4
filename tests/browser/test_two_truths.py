"""The published run by two truths in Chromium: curve, readers and matrix change; a part of Who was right opens its very films."""

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from chexview.evaluation.confusion import Cell
from chexview.evaluation.examination import Examination
from chexview.evaluation.references import load_reference
from chexview.evaluation.run import load_run
from chexview.evaluation.verdicts import verdicts
from chexview.settings import BUNDLED
from tests.browser.pages import faultless_page, rests
from tests.browser.test_app import shot

pytestmark = pytest.mark.browser

THRESHOLD = float(np.float32(np.log(0.2 / 0.8)))


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with faultless_page(browser, 2400) as made:
        yield made


def names(page: Page) -> list[str]:
    """The traces of the ROC curve."""
    found: list[str] = page.locator(".st-key-examined .js-plotly-plot").first.evaluate(
        "plot => plot.data.map(trace => trace.name || '')"
    )
    return found


def test_the_truth_is_switched_and_a_part_opens_its_films(page: Page, server: str) -> None:
    run = load_run(BUNDLED / "runs" / "reproduce-chexnet")
    examination = Examination(run, "published", "nodule_mass", load_reference(BUNDLED / "references" / "four-findings"))
    part = verdicts(examination, THRESHOLD).cells[Cell.FALSE_POSITIVE].rows_with
    assert len(part) == 26
    page.goto(f"{server}/evaluate?run={run.name}&list=published&finding=nodule_mass&threshold={THRESHOLD!r}")
    matrix = page.locator(".st-key-examined .js-plotly-plot").filter(has_text="true positive")
    expect(matrix).to_be_visible()
    expect(page.locator(".fact").first).to_contain_text("0.792")
    before, traces = matrix.text_content(), names(page)
    assert not any("eader" in name for name in traces)
    page.get_by_role("combobox", name="Truth").click()
    page.get_by_role("option", name=re.compile("Three radiologists, adjudicated")).click()
    expect(page.locator(".fact").first).to_contain_text("0.859")
    expect(page.locator("[data-testid=stStatusWidget]")).to_have_count(0)
    expect(matrix).to_have_count(1)
    expect(matrix).not_to_have_text(str(before))
    page.wait_for_url(re.compile("truth=four-findings"))
    assert {"Readers who made the truth", "Their mean", "NIH, from reports"} <= set(names(page))
    shot(page, "evaluate-two-truths")
    page.reload()
    expect(page.locator(".fact").first).to_contain_text("0.859")
    expect(page.locator("[data-testid=stStatusWidget]")).to_have_count(0)
    picture = page.locator(".st-key-examined .js-plotly-plot").filter(has_text="NIH: no")
    picture.scroll_into_view_if_needed()
    rests(page, 1000)
    x, y = picture.evaluate(
        """plot => {
            const trace = plot.data[0];
            const at = trace.customdata.findIndex(([cell, said]) => cell === 'false positive' && said === 'yes');
            const box = plot.getBoundingClientRect(), {xaxis, yaxis} = plot._fullLayout;
            return [box.x + xaxis._offset + xaxis.d2p(trace.x[at]), box.y + yaxis._offset + yaxis.d2p(trace.y[at])];
        }"""
    )
    page.mouse.click(x, y)
    page.wait_for_url(re.compile("/cases"))
    words = page.get_by_text(
        "All of them show a nodule or mass by: Three radiologists, adjudicated.", exact=False
    ).first
    for _ in range(2):
        expect(words).to_contain_text("26 films")
        texts = parse_qs(urlsplit(page.url).query)
        assert (texts["judge"], texts["said"], texts["films"]) == (["four-findings"], ["yes"], ["fp"])
        cards = page.locator(".card[data-id]")
        expect(cards.first).to_be_visible()
        shown = cards.evaluate_all("cards => cards.map(card => Number(card.dataset.id))")
        assert shown and set(shown) <= set(part.tolist())
        shot(page, "cases-two-truths")
        page.reload()
