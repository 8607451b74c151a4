"""What the server loads before somebody waits for it."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from chexview import settings
from chexview.errors import CheckpointError
from chexview.films.read import pool
from chexview.pages import catalogue, predictors, warm_up
from chexview.web import garbage


def test_the_pages_themselves_are_not_run() -> None:
    names = warm_up.modules()
    assert {"chexview.pages.film_intake", "chexview.pages.viewer_panel", "chexview.pages.catalogue"} <= set(names)
    pages = {f"chexview.pages.{entry.file.removesuffix('.py')}" for entry in catalogue.PAGES}
    assert not set(names) & (pages | {"chexview.pages.main"})


def test_everything_is_loaded_and_a_decoder_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    monkeypatch.setattr(garbage, "keep_for_good", lambda: done.append("kept"))
    monkeypatch.setattr(garbage, "collect_by_the_clock", lambda: done.append("clock"))
    monkeypatch.setattr(warm_up, "predictor", lambda: done.append("predictor"))
    monkeypatch.setattr(warm_up, "evaluation", lambda: done.append("evaluation"))
    monkeypatch.setattr(warm_up, "GRACE", 0.0)
    thread = warm_up.start()
    assert thread.daemon
    thread.join()
    assert done == ["predictor", "evaluation", "kept", "clock"]
    assert {*warm_up.modules(), *warm_up.LATER} <= set(sys.modules)
    assert pool().processes()


def test_what_evaluate_needs_first_is_there_before_it_is_asked_for() -> None:
    program = (
        "import sys; from chexview.pages import warm_up; from chexview.evaluation import references; warm_up.evaluation()\n"
        "print(references._load.cache_info().currsize, 'plotly.graph_objs.layout._shape' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    opened, drawn = ran.stdout.split()
    assert int(opened) == len(list((settings.BUNDLED / "references").glob("*/reference.json"))) > 0
    assert drawn == "True"


def test_without_a_checkpoint_the_server_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    def missing() -> None:
        raise CheckpointError("There is none.")

    monkeypatch.setattr(warm_up, "predictor", missing)
    monkeypatch.setattr(garbage, "keep_for_good", lambda: done.append("kept"))
    monkeypatch.setattr(garbage, "collect_by_the_clock", lambda: done.append("clock"))
    warm_up.warm_up()
    assert done == ["kept", "clock"]


def test_the_first_page_has_the_processor_to_itself_until_it_asks_for_the_network(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wanted, done = threading.Event(), threading.Event()
    monkeypatch.setattr(warm_up, "NETWORK_WANTED", wanted)
    monkeypatch.setattr(warm_up, "GRACE", 60.0)
    monkeypatch.setattr(warm_up, "warm_up", done.set)
    thread = warm_up.start()
    assert not done.wait(0.2)
    wanted.set()
    thread.join(timeout=10)
    assert done.is_set()


def test_a_page_that_asks_for_the_network_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(predictors, "NETWORK_WANTED", threading.Event())
    monkeypatch.setattr(predictors, "choose_checkpoint", lambda own: tmp_path)
    with pytest.raises(CheckpointError):
        predictors.predictor()
    assert predictors.NETWORK_WANTED.is_set()


FIRST = """
import sys
from streamlit.testing.v1 import AppTest
import app
from chexview import settings
from chexview.errors import CheckpointError
from chexview.pages import predictors
def none():
    raise CheckpointError("There is none.")
predictors.predictor = none
page = AppTest.from_file("chexview/pages/main.py", default_timeout=120).run()
assert not page.exception and page.title[0].value == "Read chest radiographs"
print([name for name in %r if name in sys.modules])
"""
"""The server and its first page, up to where that asks for the network."""


def test_the_first_page_waits_neither_for_pytorch_nor_for_what_only_other_pages_need() -> None:
    heavy = (
        "torch",
        "scipy.stats",
        "sklearn",
        "matplotlib",
        "reportlab",
        "highdicom",
        "openpyxl",
        "cv2",
        "imagecodecs",
    )
    ran = subprocess.run([sys.executable, "-c", FIRST % (heavy,)], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_the_pages_wait_for_nothing_that_only_a_saved_file_needs() -> None:
    program = (
        "import sys; from importlib import import_module; from chexview.pages import warm_up\n"
        "for name in warm_up.modules(): import_module(name)\n"
        "print([name for name in ('matplotlib', 'torchvision', 'highdicom', 'sklearn', 'lightning') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
