"""A threshold chosen on Evaluate is the one that Read flags by, for the same weights and until it is reset."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from chexview import settings
from chexview.evaluation.run import list_runs
from chexview.evaluation.run_writing import write_run
from chexview.model import card as cards
from chexview.model import checkpoint
from chexview.model.card import Card
from chexview.pages.evaluate_view import View
from chexview.pages.own_points import forget, own_points
from tests.pages.test_evaluate import MAIN, meta, table
from tests.pages.test_read import drawn

FILM = settings.BUNDLED / "films" / "00021782_018.png"


def flagged(app: AppTest) -> set[str]:
    return {row["name"] for row in drawn(app, "findings")["rows"] if row["flagged"]}


@pytest.fixture
def card() -> Card:
    return cards.read(next(iter(checkpoint.find(settings.load().checkpoints).values())))


def test_only_thresholds_on_runs_of_these_weights_count(
    card: Card, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHEXVIEW_HOME", str(tmp_path))
    frame = table()
    write_run(tmp_path / "runs" / "other", meta(frame), frame)
    listings = list_runs(settings.load().runs)
    usual = card.operating_points[card.default_policy]["Mass"]
    view = View()
    view.thresholds = {
        (card.name, "Nodule"): 0.25,
        (card.name, "Mass"): usual,
        (card.name, "Edema"): math.inf,
        (card.name, "nodule_mass"): 1.0,
        ("other", "Hernia"): 0.5,
    }
    assert own_points(view, listings, card) == {"Nodule": 0.25}
    assert own_points(view, listings, replace(card, weights="98" * 32)) == {}
    forget(view, listings, card)
    assert (card.name, "Nodule") not in view.thresholds and ("other", "Hernia") in view.thresholds


def test_read_flags_by_it_says_so_and_can_go_back(card: Card) -> None:
    app = AppTest.from_file(str(MAIN), default_timeout=120).run()
    app.file_uploader[0].upload(FILM.name, FILM.read_bytes(), "application/octet-stream")
    app.run()
    before = flagged(app)
    quiet = next(name for name in card.findings if name not in before)
    view = View()
    view.thresholds = {(card.name, quiet): -50.0}
    app.session_state["evaluate"] = view
    app.query_params["finding"] = quiet
    app.run()
    assert not app.exception
    assert flagged(app) == before | {quiet}
    reset = next(button for button in app.button if button.label == "Reset 1 of your own")
    reset.click().run()
    assert not app.exception and flagged(app) == before
