"""A page of the application in Chromium."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page

from tests.browser.serving import PATIENCE

IDLE = """quiet => {
    const app = document.querySelector('[data-testid=stApp]');
    const rests = app?.dataset.testScriptState === 'notRunning' && !document.querySelector('[data-stale=true]');
    if (!rests) window.__since = undefined;
    else window.__since ??= performance.now();
    return rests && performance.now() - window.__since > quiet;
}"""


@contextmanager
def faultless_page(browser: Browser, height: int) -> Iterator[Page]:
    """A page of 1440 pixels by ``height`` that must log no error of its own."""
    with browser.new_context(viewport={"width": 1440, "height": height}) as context:
        context.set_default_timeout(PATIENCE)
        made = context.new_page()
        wrong: list[str] = []
        made.on("pageerror", lambda error: wrong.append(str(error)))
        yield made
        assert wrong == []


def rests(page: Page, quiet: int = 300) -> None:
    """Waits until the page is drawn and nothing on it fades, for some milliseconds from now on."""
    page.evaluate("() => { window.__since = undefined; }")
    page.wait_for_function(IDLE, arg=quiet, timeout=PATIENCE)
