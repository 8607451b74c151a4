"""The application object: its routes and headers, without a server."""

from pathlib import Path

import pytest
import streamlit as st

import chexview.pages
from chexview.web.media_store import STORE, MediaItem
from chexview.web.security_headers import COOKIE
from tests.web.client import Client


@pytest.fixture(scope="module")
def application() -> st.App:
    from app import app

    return app


def test_the_application_runs_the_pages(application: st.App) -> None:
    assert application.script_path == Path(chexview.pages.__file__).with_name("main.py")


def test_its_own_routes_and_headers(application: st.App) -> None:
    """Starlette's application is built as Streamlit builds it; no runtime is started."""
    client = Client(application._build_starlette_app())
    for page in ("/", "/evaluate"):
        answer = client.get(page)
        assert answer.status_code == 200
        assert "<title>CheXView</title>" in answer.text
        assert answer.headers["cache-control"] == "no-store"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
    assert client.get("/film/unknown").status_code == 404
    token = STORE.put(MediaItem(b"pixels", "image/png"), client.cookies[COOKIE])
    assert client.get(f"/film/{token}").content == b"pixels"
    assert Client(client.app).get(f"/film/{token}").status_code == 404
    STORE.drop(token)
