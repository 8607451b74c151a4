"""The first minute on Read at 1440 x 900: the first finding's map is a click away, and what else can be asked is in sight."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from chexview.findings import title
from chexview.pages.film_sections import SECTIONS
from chexview.settings import BUNDLED
from tests.browser.pages import faultless_page, rests
from tests.browser.test_app import loaded

pytestmark = pytest.mark.browser
FILM = BUNDLED / "films" / "00013911_000.dcm"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with faultless_page(browser, 900) as made:
        yield made


def test_the_first_findings_map_and_four_tools_are_in_sight(page: Page, server: str) -> None:
    page.goto(server)
    page.locator("input[type=file]").first.set_input_files([FILM])
    expect(page.locator("button.row")).to_have_count(14)
    loaded(page)
    rests(page)
    row = page.locator("button.row").first
    chance = re.search(r"[\d.]+ %", row.inner_text())
    assert chance and "flagged" in row.inner_text()
    said = f"{title(row.get_attribute('data-finding') or '')} {chance[0]}"
    switch = page.locator(".viewer .switch")
    expect(switch).to_be_in_viewport(ratio=1)
    expect(switch).to_have_attribute("aria-label", f"Heatmap of {said}")
    expect(switch).to_have_attribute("aria-checked", "false")
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "true")
    expect(page.locator(".viewer [aria-live=polite]")).to_contain_text(f"AI \u00b7 {said}, flagged")
    for name in ("header", "input", "saliency", "robustness"):
        tool = page.get_by_role("radio", name=SECTIONS[name]).or_(page.get_by_role("button", name=SECTIONS[name])).first
        expect(tool).to_be_in_viewport(ratio=1)
    assert page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollTop") == 0
