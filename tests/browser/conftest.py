"""A browser and the real server, for the tests that drive them."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.open_viewer import OpenViewer
from tests.browser.serving import PATIENCE, ROOT, serving

if TYPE_CHECKING:
    from chexview.model.predictor import Predictor

IMAGES = ROOT / "tests" / "data" / "nih" / "images"
"""Where the server finds films of the bundled run."""
NO_PACS = "http://127.0.0.1:9/dicom-web"
"""A PACS that is named, so that its page is there, and where nothing answers."""
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--no-first-run",
]


@pytest.fixture(scope="package")
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


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Iterator[str]:
    """The address of ``streamlit run app.py`` with the bundled checkpoint, or random weights where none is bundled."""
    bundled = any((ROOT / "chexview" / "bundled" / "checkpoints").glob("*/card.json"))
    own = tmp_path_factory.mktemp("empty") if bundled else home
    log = tmp_path_factory.mktemp("log") / "server.log"
    environment = {"CHEXVIEW_HOME": str(own), "CHEXVIEW_IMAGES": str(IMAGES), "CHEXVIEW_PACS_URL": NO_PACS}
    with serving(log, environment) as address:
        yield address
    logged = log.read_text()
    assert "Traceback" not in logged
    assert "/film/" not in logged
    assert ".dcm" not in logged


@pytest.fixture(scope="package")
def viewer_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the viewer's own little application."""
    log = tmp_path_factory.mktemp("log") / "viewer.log"
    with serving(log, {}, "tests/browser/viewer_app.py") as made:
        yield made
    assert "Traceback" not in log.read_text()


@pytest.fixture
def viewer(browser: Browser, viewer_address: str) -> Iterator[OpenViewer]:
    """A viewer that must log no error and ask no other host."""
    with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        hosts: set[str | None] = set()
        page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))
        made = OpenViewer(page, viewer_address)
        yield made
        assert made.wrong == []
        assert hosts - {None} == {"127.0.0.1"}


@pytest.fixture(scope="session")
def bundled() -> "Predictor":
    """What the server reads with."""
    import torch

    from chexview.model import checkpoint
    from chexview.model.predictor import Predictor
    from chexview.settings import BUNDLED

    (folder,) = (BUNDLED / "checkpoints").iterdir()
    return Predictor(checkpoint.load(folder), torch.device("cpu"))
