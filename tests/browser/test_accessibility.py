"""Every page, dark and light, by axe-core: nothing that a machine finds wrong for a reader of a screen or of the keyboard."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from chexview.pages.catalogue import PAGES, PageEntry
from chexview.pages.film_sections import SECTIONS
from tests.browser.accessibility import violations
from tests.browser.pages import rests
from tests.browser.serving import PATIENCE
from tests.browser.test_app import PNG, background, loaded

pytestmark = pytest.mark.browser

FOLLOW_SYSTEM = "for (const path of {paths}) localStorage.setItem(`stActiveTheme-${{path}}-v2`, '\"System\"')"
SHOWN = {
    "": ".cards .item",
    "evaluate": ".js-plotly-plot .main-svg",
    "cases": ".card",
    "examine": ".said",
    "compare": ".js-plotly-plot .main-svg",
    "runs": ".run-head",
    "reader_study": "h2",
    "model_card": ".limits",
    "pacs_films": "h2",
    "kept_data": "table",
}
"""What stands on each page when it is drawn."""


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """A page whose colours are the system's, dark at first."""
    with browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme="dark") as context:
        context.set_default_timeout(PATIENCE)
        context.add_init_script(FOLLOW_SYSTEM.format(paths=[f"/{path}" for path in ("", *(p.path for p in PAGES))]))
        yield context.new_page()


def sound_in_both_themes(page: Page, shown: str) -> None:
    """``shown`` is what stands on the page when it is drawn."""
    expect(page.locator(shown).first).to_be_visible()
    rests(page)
    assert background(page) < 40
    assert violations(page, "body") == []
    page.emulate_media(color_scheme="light")
    page.reload()
    expect(page.locator(shown).first).to_be_visible()
    rests(page)
    assert background(page) > 200
    assert violations(page, "body", "color-contrast") == []
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_timeout(400)
    sideways = "[...document.querySelectorAll('[data-testid=stMain], [data-testid=stMainBlockContainer]')]"
    assert page.evaluate(f"() => {sideways}.every(part => part.scrollWidth <= part.clientWidth + 1)")
    page.set_viewport_size({"width": 1440, "height": 900})


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.title)
def test_a_page_has_no_violations(page: Page, server: str, entry: PageEntry) -> None:
    path = entry.path
    page.emulate_media(color_scheme="dark")
    page.goto(f"{server}/{path}")
    sound_in_both_themes(page, SHOWN[path])


def test_films_that_are_read_have_no_violations(page: Page, server: str) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto(server)
    page.locator("input[type=file]").first.set_input_files([PNG])
    expect(page.locator("button.row")).to_have_count(14)
    loaded(page)
    sound_in_both_themes(page, "button.row")
    for section in (SECTIONS[name] for name in ("input", "robustness", "results")):
        page.get_by_role("radio", name=section).or_(page.get_by_role("button", name=section)).first.click()
        rests(page)
        assert violations(page, "[data-testid=stMainBlockContainer]") == [], section


@pytest.fixture
def newcomer(browser: Browser) -> Iterator[Page]:
    """A page of somebody who has opened no film yet."""
    with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
        context.set_default_timeout(PATIENCE)
        yield context.new_page()


def test_an_example_opens_on_its_boxed_finding_and_the_keyboard_stays_there(newcomer: Page, server: str) -> None:
    page = newcomer
    page.goto(server)
    example = page.locator(".cards .item").nth(1)
    example.focus()
    page.keyboard.press("Enter")
    expect(page.locator("button.row")).to_have_count(14)
    loaded(page)
    page.wait_for_function("() => document.activeElement?.shadowRoot?.activeElement?.classList.contains('stage')")
    expect(page.locator("button.row[aria-pressed=true]")).to_have_attribute("data-finding", "Mass")
    expect(page.locator(".viewer .switch")).to_have_attribute("aria-checked", "true")
    expect(page.locator(".details")).to_contain_text("missed at this threshold")
    page.wait_for_function("() => location.search.includes('finding=Mass')")
    page.locator("button.row[data-finding=Effusion]").click()
    page.get_by_text("Robustness checks", exact=True).click()
    expect(page.get_by_role("combobox", name="Finding", exact=True)).to_have_value("Effusion")
    outline = page.get_by_role("link", name="Evaluate").evaluate(
        "link => { link.focus({ focusVisible: true }); const { outlineStyle, outlineWidth } = getComputedStyle(link);"
        " return [outlineStyle, parseFloat(outlineWidth)]; }"
    )
    assert outline[0] == "solid" and outline[1] >= 2
