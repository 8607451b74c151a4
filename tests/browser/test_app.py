"""The whole application in Chromium: two films read, a heatmap seen, a validation run examined."""

import re
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from chexview.settings import BUNDLED
from chexview.viewer.headers import COOKIE
from tests.browser.conftest import PATIENCE, ROOT

pytestmark = pytest.mark.browser

DICOM, PNG = BUNDLED / "films" / "00013911_000.dcm", BUNDLED / "films" / "00013125_000.png"
SHOTS = ROOT / "screenshots"


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A newcomer whose system is set to light."""
    with browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme="light") as made:
        made.set_default_timeout(PATIENCE)
        yield made


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page that must log no error and ask no other host for anything."""
    made = context.new_page()
    wrong: list[str] = []
    hosts: set[str | None] = set()

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error":
            wrong.append(message.text)

    made.on("console", heard)
    made.on("pageerror", lambda error: wrong.append(str(error)))
    made.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))
    yield made
    assert wrong == []
    assert hosts - {None} == {"127.0.0.1"}


def shot(page: Page, name: str) -> None:
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png")


def background(page: Page) -> int:
    """The brightness of the page, 0 to 255."""
    colour = page.evaluate("getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor")
    return int(re.findall(r"\d+", colour)[0])


def loaded(page: Page, image: str) -> None:
    """Waits until a picture of the film view has come."""
    expect(page.locator(f"img.{image}")).to_be_attached()
    page.wait_for_function(
        """name => [...document.querySelectorAll('[data-testid=stBidiComponentIsolated]')]
            .some(host => host.shadowRoot?.querySelector('img.' + name)?.naturalWidth > 0)""",
        arg=image,
        timeout=PATIENCE,
    )


def test_films_are_read_and_a_run_examined(page: Page, context: BrowserContext, browser: Browser, server: str) -> None:
    page.goto(server)
    expect(page.get_by_text("Or open an example")).to_be_visible()
    assert background(page) < 40
    expect(page.get_by_text("For research and teaching, not for diagnosis.")).to_have_count(1)
    shot(page, "read-empty")

    page.locator("input[type=file]").first.set_input_files([DICOM, PNG])
    expect(page.locator(".strip .item")).to_have_count(2)
    expect(page.locator("button.row")).to_have_count(14)
    loaded(page, "film")
    shot(page, "read-film")

    page.locator("button.row").nth(3).click()
    expect(page.locator("button.row[aria-pressed=true]")).to_have_count(1)
    switch = page.get_by_role("switch")
    expect(switch).to_have_attribute("aria-checked", "false")
    expect(page.locator("img.heat")).to_be_hidden()
    switch.click()
    loaded(page, "heat")
    expect(page.locator("img.heat")).to_be_visible()
    film, heat = page.locator("img.film").bounding_box(), page.locator("img.heat").bounding_box()
    assert film == heat
    assert film is not None
    assert film["height"] > 550
    assert film["y"] + film["height"] < 900
    expect(page.get_by_text(re.compile(r"^base .* contributions .* = log-odds"))).to_be_visible()
    opacity_stays_in_the_browser(page)
    shot(page, "read-heatmap")
    page.set_viewport_size({"width": 800, "height": 1100})
    page.wait_for_timeout(800)
    shot(page, "read-800")
    page.set_viewport_size({"width": 1440, "height": 900})

    film_is_its_owners_alone(page, context, browser)

    page.get_by_role("link", name="Evaluate").click()
    if any((BUNDLED / "runs").glob("*/run.json")):
        examined(page)
    shot(page, "evaluate")
    assert "00013911" not in page.url
    page.get_by_role("link", name="Read").click()
    expect(page.locator(".strip .item")).to_have_count(2)
    loaded(page, "film")


def settle(page: Page, quiet: float = 1.5) -> None:
    """Waits until nothing was requested for a while: pictures of a run that goes on, scripts of widgets that appear late."""
    last = [time.monotonic()]
    page.on("request", lambda _: last.append(time.monotonic()))
    while time.monotonic() - last[-1] < quiet:
        page.wait_for_timeout(100)


def opacity_stays_in_the_browser(page: Page) -> None:
    """Moving the slider changes the heatmap, and asks the server nothing."""
    settle(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    slider = page.locator(".opacity input")
    before = page.locator("img.heat").evaluate("img => img.style.opacity")
    slider.press("ArrowLeft")
    slider.press("ArrowLeft")
    assert float(page.locator("img.heat").evaluate("img => img.style.opacity")) == pytest.approx(float(before) - 0.1)
    page.wait_for_timeout(300)
    assert asked == []


def film_is_its_owners_alone(page: Page, context: BrowserContext, browser: Browser) -> None:
    """The film's address answers its own browser, and is nothing to another."""
    url = page.locator("img.film").evaluate("img => img.src")
    assert context.request.get(url).status == 200
    with browser.new_context() as other:
        other.request.get(page.url)
        assert other.request.get(url).status == 404


def examined(page: Page) -> None:
    """A policy and the slider move the threshold."""
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    page.get_by_role("button", name="Sensitivity at least 90 %").or_(
        page.get_by_role("radio", name="Sensitivity at least 90 %")
    ).first.click()
    said = page.locator(".said").first
    expect(said).to_be_visible()
    page.wait_for_timeout(1500)
    before = said.inner_text()
    slider = page.get_by_role("slider").first
    slider.focus()
    for _ in range(12):
        slider.press("ArrowLeft")
    expect(said).not_to_have_text(before)


def test_films_are_dropped_when_their_session_ends(browser: Browser, server: str) -> None:
    with browser.new_context() as context:
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto(server)
        page.locator("input[type=file]").first.set_input_files([PNG])
        loaded(page, "film")
        url = page.locator("img.film").evaluate("img => img.src")
        cookie = next(item["value"] for item in context.cookies() if item["name"] == COOKIE)
        headers = {"cookie": f"{COOKIE}={cookie}"}
        assert httpx.get(url, headers=headers).status_code == 200
    for _ in range(60):
        if httpx.get(url, headers=headers).status_code == 404:
            return
        time.sleep(0.5)
    pytest.fail("the film outlived its session by 30 seconds")
