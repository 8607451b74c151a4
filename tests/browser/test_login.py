"""A login in Chromium: the way to the provider and back, and the way out."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.serving import PATIENCE
from tests.web.oidc import guarded_server, providing

pytestmark = pytest.mark.browser


def test_who_logs_in_reads_films_and_who_logs_out_sees_none(browser: Browser, home: Path, tmp_path: Path) -> None:
    with providing() as provider, guarded_server(tmp_path, home, provider) as address, browser.new_context() as context:
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto(address)
        expect(page.get_by_role("heading", name="Read chest radiographs")).to_have_count(0)
        page.get_by_role("link", name="Log in").click()
        expect(page.get_by_role("heading", name="Read chest radiographs")).to_be_visible()
        page.get_by_role("button", name="Log out").click()
        expect(page.get_by_role("link", name="Log in")).to_be_visible()
        assert not [cookie for cookie in context.cookies() if cookie["name"] == "_streamlit_user"]
