"""A film is on the screen before its score, and before anybody works on the score; when that comes, nothing moves."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from chexview.films.grey import grey
from chexview.films.read import read
from chexview.settings import BUNDLED
from tests.browser.open_viewer import PACK
from tests.browser.pages import faultless_page
from tests.browser.serving import PATIENCE, ROOT, serving

pytestmark = pytest.mark.browser

DICOM, PNG = BUNDLED / "films" / "00013911_000.dcm", BUNDLED / "films" / "00013125_000.png"
HOST = "[...document.querySelectorAll('[data-testid=stBidiComponentIsolated]')].find(host => host.__chexview)"
SEEN = (
    f"() => {{ const host = {HOST}; return Boolean(host?.getBoundingClientRect().width && host.__chexview.ready(0)); }}"
)
SLOW = """
import time
from functools import partialmethod
from chexview.web.arrivals import Arrival
from chexview.worklist.reader import Reader

def note(text):
    with open({log!r}, "a", encoding="utf-8") as log:
        log.write(text + "\\n")

def waits(self, *given, scored=Reader._scored):
    note("scoring")
    while not Path({gate!r}).exists():
        time.sleep(0.02)
    return scored(self, *given)

async def watched(request, route=media_route):
    answer = await route(request)
    if answer.headers["content-type"] == "application/octet-stream":
        note("pixels")
    return answer

Reader._scored, media_route = waits, watched
Arrival.show = partialmethod(Arrival.show, 60.0)
"""
"""Notes when pixels are asked for and when scoring begins, which does not end until a file is there; waits for a busy browser."""


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[str]:
    """The address of the application whose scoring waits for ``tmp_path / "gate"``."""
    script = tmp_path / "app.py"
    patch = SLOW.format(log=str(tmp_path / "order"), gate=str(tmp_path / "gate"))
    whole = (ROOT / "app.py").read_text()
    script.write_text(whole.replace("keep_uploads_in_memory()\n", f"keep_uploads_in_memory()\n{patch}", 1))
    assert "waits" in script.read_text()
    with serving(tmp_path / "log", {"CHEXVIEW_HOME": str(tmp_path)}, str(script)) as address:
        yield address
    (tmp_path / "gate").touch()
    logged = (tmp_path / "log").read_text()
    assert "Traceback" not in logged
    assert "/film/" not in logged
    assert ".dcm" not in logged


def place(page: Page) -> dict[str, float]:
    """Where the film's stage stands on the page."""
    box = page.locator(".stage").bounding_box()
    assert box is not None
    return dict(box)


def pixels(page: Page) -> Any:
    """What the viewer draws of the film, uint8 (rows, columns)."""
    packed, rows, columns = page.evaluate(f"() => ({PACK})({HOST}.__chexview.readPane(0))")
    return np.frombuffer(base64.b64decode(packed), np.uint8).reshape(rows, columns, 4)[..., 0]


def test_a_film_is_seen_before_its_score_and_stays_where_it_is(browser: Browser, slow: str, tmp_path: Path) -> None:
    with faultless_page(browser, 900) as page:
        fetched: list[str] = []
        page.on("request", lambda request: fetched.append(request.url) if "/film/" in request.url else None)
        page.goto(slow)
        expect(page.get_by_text("Or open an example")).to_be_visible()
        expect(page.locator(".stage")).to_be_hidden()
        page.wait_for_function(f"() => Boolean({HOST})", timeout=PATIENCE)
        page.locator("input[type=file]").first.set_input_files(DICOM)
        page.wait_for_function(SEEN, timeout=PATIENCE)
        early = place(page)
        drawn = pixels(page)
        expect(page.locator("button.row")).to_have_count(0)
        expect(page.get_by_text("Or open an example")).to_be_hidden()

        expect(page.get_by_text("Reading the findings")).to_be_visible()
        section = page.get_by_text("Film and header")
        expect(section).to_be_visible()
        below = section.bounding_box()
        assert place(page) == early
        np.testing.assert_array_equal(pixels(page), drawn)
        order = (tmp_path / "order").read_text().split()
        assert order[:2] == ["pixels", "scoring"]

        (tmp_path / "gate").touch()
        expect(page.locator("button.row")).to_have_count(14)
        page.wait_for_function(SEEN, timeout=PATIENCE)
        assert place(page) == early
        np.testing.assert_array_equal(pixels(page), drawn)
        assert section.bounding_box() == below
        assert (tmp_path / "order").read_text().split().count("pixels") == 1
        assert [url for url in fetched if "/film/arriving/" in url] != []

        # What is drawn is the film: as bright as its first view, dark and bright where that is.
        seen = grey(read(DICOM.read_bytes()))
        assert abs(drawn[drawn > 0].mean() / 255 - seen[seen > 0].mean()) < 0.08

        page.get_by_role("button", name="Remove all").click()
        expect(page.get_by_text("Or open an example")).to_be_visible()
        expect(page.locator(".stage")).to_be_hidden()
        page.locator("input[type=file]").first.set_input_files([PNG, DICOM])  # of several nothing is taken early
        expect(page.locator(".strip .item")).to_have_count(2)
        expect(page.locator("button.row")).to_have_count(14)
        assert page.locator(".strip .item").first.inner_text().startswith(PNG.name)
        assert len([url for url in fetched if "/film/arriving/" in url]) == 1
