"""A browser and the real server, for the tests that drive them."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.serving import ROOT, serving

IMAGES = ROOT / "tests" / "data" / "nih" / "images"
"""Where the server finds films of the bundled run."""
PATIENCE = 90_000
"""Milliseconds to wait for what must come; a busy machine with two cores is slow to draw."""
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium; without it the test is skipped, or fails where CHEXVIEW_REQUIRE_BROWSER is 1."""
    path = Path(os.environ.get("CHEXVIEW_CHROMIUM", "/usr/bin/chromium"))
    if not path.exists():
        sentence = f"there is no Chromium at {path}; name one in CHEXVIEW_CHROMIUM"
        if os.environ.get("CHEXVIEW_REQUIRE_BROWSER") == "1":
            pytest.fail(sentence)
        pytest.skip(sentence)
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE)
        chromium = playwright.chromium.launch(executable_path=str(path), args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Iterator[str]:
    """The address of ``streamlit run app.py`` with the bundled checkpoint, or random weights where none is bundled."""
    bundled = any((ROOT / "chexview" / "bundled" / "checkpoints").glob("*/card.json"))
    own = tmp_path_factory.mktemp("empty") if bundled else home
    log = tmp_path_factory.mktemp("log") / "server.log"
    with serving(log, {"CHEXVIEW_HOME": str(own), "CHEXVIEW_IMAGES": str(IMAGES)}) as address:
        yield address
    told = log.read_text()
    assert "Traceback" not in told
    assert "/film/" not in told
    assert ".dcm" not in told
