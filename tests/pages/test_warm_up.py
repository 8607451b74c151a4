"""What the server loads before somebody waits for it."""

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
    assert set(warm_up.modules()) <= set(sys.modules)
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
