"""A page of the application in Chromium."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page

from tests.browser.serving import PATIENCE


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
