"""A batch of films in the whole application: filtered, taken off one by one, and its readings saved."""

import csv
import io
import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from chexview.settings import BUNDLED
from tests.browser.pages import faultless_page
from tests.browser.serving import PATIENCE

pytestmark = pytest.mark.browser

FILMS = BUNDLED / "films"
BATCH = [
    FILMS / name
    for name in (
        "00013911_000.dcm",
        "00012376_010.png",
        "00013125_000.png",
        "00017611_002.png",
        "00021782_018.png",
        "00013911_000.png",
    )
]


def flagged(item: Locator) -> int:
    """How many findings the list says are flagged on a film."""
    found = re.search(r"(\d+) flagged", item.inner_text())
    return int(found[1]) if found else 0


def chosen(page: Page, name: str, choice: str) -> None:
    """Chooses in one of the page's menus."""
    page.get_by_role("combobox", name=name).click()
    page.get_by_role("option", name=choice, exact=True).click()


def test_counts_are_right_after_removals_and_the_next_film_follows(
    browser: Browser, server: str, tmp_path: Path
) -> None:
    text = tmp_path / "letter.png"
    text.write_text("Dear colleague, the film follows.")
    with faultless_page(browser, 900) as page:
        page.goto(server)
        page.locator("input[type=file]").first.set_input_files([*BATCH, text])
        items, open_film = page.locator(".strip .item"), page.locator(".strip .item[aria-pressed=true] .title")
        count, filter_menu = page.locator("p.fine", has_text="films;"), page.get_by_role("combobox", name="Which")
        expect(items).to_have_count(6)
        expect(count).to_have_text(re.compile(r"^6 films; \d flagged$"))
        expect(page.locator(".refused")).to_contain_text("letter.png")
        found = [flagged(item) for item in items.all()]
        assert found == sorted(found, reverse=True) and found[0] > found[-1]

        page.evaluate("window.viewer = document.querySelector('.st-key-film [data-testid=stBidiComponentIsolated]')")
        page.get_by_role("button", name="Dismiss").click()
        expect(page.locator(".refused")).to_have_count(0)
        assert page.evaluate("window.viewer.isConnected"), "the viewer was drawn anew"

        chosen(page, "Which", "Flagged")
        expect(filter_menu).to_have_value("Flagged")
        for left in (5, 4, 3):
            names = page.locator(".strip .item .title").all_inner_texts()
            at = names.index(open_film.inner_text())
            page.get_by_role("button", name="Remove film").click()
            expect(items).to_have_count(left)
            expect(open_film).to_have_text(names[at + 1] if at + 1 < len(names) else names[at - 1])
            expect(count).to_have_text(f"{left} films; {left} flagged")
            expect(filter_menu).to_have_value("Flagged")
        chosen(page, "Which", "Score withheld")
        expect(count).to_have_text("0 of 3 films; 3 flagged")
        expect(items).to_have_count(0)

        page.get_by_role("button", name="Save readings").click()
        table = saved(page, "CSV").decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(table)))
        lines = [json.loads(line) for line in saved(page, "JSON").splitlines()]
        assert len(rows) == len(lines) == 3
        assert {row["file"] for row in rows} == {line["file"] for line in lines} < {path.name for path in BATCH}


def saved(page: Page, kind: str) -> bytes:
    """What the popover's link gives."""
    with page.expect_download(timeout=PATIENCE) as saving:
        page.locator("a.save", has_text=re.compile(f"^{kind}$")).click()
    return Path(saving.value.path()).read_bytes()
