"""What the server loads before somebody waits for it."""

import subprocess
import sys

import pytest

from chexview.errors import CheckpointError
from chexview.films.read import pool
from chexview.pages import catalogue, warm_up
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
    thread = warm_up.start()
    assert thread.daemon
    thread.join()
    assert done == ["predictor", "kept", "clock"]
    assert {*warm_up.modules(), *warm_up.LATER} <= set(sys.modules)
    assert pool().processes()


def test_without_a_checkpoint_the_server_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    def missing() -> None:
        raise CheckpointError("There is none.")

    monkeypatch.setattr(warm_up, "predictor", missing)
    monkeypatch.setattr(garbage, "keep_for_good", lambda: done.append("kept"))
    monkeypatch.setattr(garbage, "collect_by_the_clock", lambda: done.append("clock"))
    warm_up.warm_up()
    assert done == ["kept", "clock"]


def test_the_pages_wait_for_nothing_that_only_a_saved_file_needs() -> None:
    program = (
        "import sys; from importlib import import_module; from chexview.pages import warm_up\n"
        "for name in warm_up.modules(): import_module(name)\n"
        "print([name for name in ('matplotlib', 'torchvision', 'highdicom', 'sklearn', 'lightning') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
