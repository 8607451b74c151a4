"""The whole application in Chromium: two films read, a heatmap seen, a validation run examined."""

import re
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, expect

from chexview.settings import BUNDLED
from chexview.web.security_headers import COOKIE
from tests.browser.pages import rests
from tests.browser.serving import PATIENCE, ROOT

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


def loaded(page: Page, panes: int = 1) -> None:
    """Waits until the viewer has the films of its panes."""
    page.wait_for_function(
        """panes => [...document.querySelectorAll('[data-testid=stBidiComponentIsolated]')]
            .some(host => host.__chexview && Array.from({length: panes}, (_, i) => host.__chexview.ready(i)).every(Boolean))""",
        arg=panes,
        timeout=PATIENCE,
    )


def state(page: Page) -> dict[str, Any]:
    """What the viewer says of its first pane."""
    state: dict[str, Any] = page.evaluate(f"() => {HOST}.__chexview.state(0)")
    return state


HOST = "[...document.querySelectorAll('[data-testid=stBidiComponentIsolated]')].find(host => host.__chexview)"


def test_films_are_read_and_a_run_examined(page: Page, context: BrowserContext, browser: Browser, server: str) -> None:
    films: list[str] = []
    page.on("response", lambda answer: films.append(answer.url) if is_film(answer) else None)
    page.goto(server)
    expect(page.get_by_text("Or open an example")).to_be_visible()
    assert background(page) < 40
    expect(page.get_by_text("For research and teaching, not for diagnosis.")).to_have_count(1)
    shot(page, "read-empty")

    page.locator("input[type=file]").first.set_input_files([DICOM, PNG])
    expect(page.locator(".strip .item")).to_have_count(2)
    expect(page.locator("button.row")).to_have_count(14)
    loaded(page)
    page.locator(".viewer .switch").click()
    nothing_asks_the_server(page)
    shot(page, "read-heatmap")
    expect(page.get_by_text(re.compile(r"^base .* contributions .* = log-odds"))).to_be_visible()
    page.set_viewport_size({"width": 800, "height": 1100})
    page.wait_for_timeout(800)
    shot(page, "read-800")
    page.set_viewport_size({"width": 1440, "height": 900})

    assert context.request.get(films[0]).status == 200
    with browser.new_context() as other:
        other.request.get(page.url)
        assert other.request.get(films[0]).status == 404

    page.get_by_role("link", name="Evaluate").click()
    if any((BUNDLED / "runs").glob("*/run.json")):
        examined(page)
    shot(page, "evaluate")
    assert "00013911" not in page.url
    page.get_by_role("link", name="Read", exact=True).click()
    expect(page.locator(".strip .item")).to_have_count(2)
    loaded(page)


def is_film(answer: Response) -> bool:
    """Whether an answer holds a film's pixels."""
    return "/film/" in answer.url and answer.headers.get("content-type", "") == "application/octet-stream"


def settle(page: Page, quiet: float = 1.5) -> None:
    """Waits until nothing was requested for a while: pictures of a run that goes on, scripts of widgets that appear late."""
    last = [time.monotonic()]
    page.on("request", lambda _: last.append(time.monotonic()))
    while time.monotonic() - last[-1] < quiet:
        page.wait_for_timeout(100)


def overheard(page: Page) -> Callable[[], list[str]]:
    """From now on, when all is quiet: what the page asks the server for, or says to it."""
    page.evaluate(
        "() => { window.__sent = 0; const send = WebSocket.prototype.send;"
        " WebSocket.prototype.send = function (...values) { window.__sent += 1; return send.apply(this, values); }; }"
    )
    settle(page)
    while page.evaluate("window.__sent"):  # the list asks for more as long as films are being read
        page.evaluate("window.__sent = 0")
        page.wait_for_timeout(2000)
    urls: list[str] = []
    page.on("request", lambda request: urls.append(request.url))
    return lambda: [*urls, *("a message" for _ in range(page.evaluate("window.__sent")))]


def nothing_asks_the_server(page: Page) -> None:
    """Fourteen findings, the window and the zoom: the picture changes, the list follows, and the server hears nothing."""
    heard = overheard(page)
    stage = page.locator(".stage")
    stage.focus()
    seen = set()
    for _ in range(14):
        page.keyboard.press(".")
        page.wait_for_timeout(60)
        chosen = state(page)["finding"]
        expect(page.locator("button.row[aria-pressed=true]")).to_have_attribute("data-finding", chosen)
        seen.add(chosen)
    assert len(seen) == 14
    page.locator("button.row").nth(3).click()
    assert state(page)["finding"] == page.locator("button.row").nth(3).get_attribute("data-finding")
    assert f"finding={state(page)['finding']}" in page.url
    before = state(page)
    box = stage.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 300, box["y"] + 300)
    page.mouse.down()
    page.mouse.move(box["x"] + 380, box["y"] + 340, steps=8)
    page.mouse.up()
    page.mouse.wheel(0, -400)
    page.wait_for_timeout(400)
    after = state(page)
    assert after["window"] != before["window"] and after["scale"] > before["scale"]
    page.keyboard.press("Home")
    assert heard() == []


def examined(page: Page) -> None:
    """A policy and the slider move the threshold."""
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    page.get_by_role("button", name="Sensitivity 90 % (validation)").or_(
        page.get_by_role("radio", name="Sensitivity 90 % (validation)")
    ).first.click()
    said = page.locator(".said").first
    expect(said).to_be_visible()
    rests(page, 1000)
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
        films: list[str] = []
        page.on("response", lambda answer: films.append(answer.url) if is_film(answer) else None)
        page.goto(server)
        page.locator("input[type=file]").first.set_input_files([PNG])
        loaded(page)
        cookie = next(item["value"] for item in context.cookies() if item["name"] == COOKIE)
        headers = {"cookie": f"{COOKIE}={cookie}"}
        assert httpx.get(films[0], headers=headers).status_code == 200
    for _ in range(240):
        if httpx.get(films[0], headers=headers).status_code == 404:
            return
        time.sleep(0.5)
    pytest.fail("the film outlived its session by two minutes")


def test_a_page_that_is_opened_by_its_address_asks_for_nothing_that_is_not_there(page: Page, server: str) -> None:
    missing: list[str] = []
    page.on("response", lambda answer: missing.append(answer.url) if answer.status >= 400 else None)
    page.goto(f"{server}/model_card")
    expect(page.locator(".foot")).to_be_visible()
    assert missing == []
