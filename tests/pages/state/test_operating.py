"""One policy and one threshold for a finding on every page: what is chosen on one holds on the others."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from chexview import settings
from chexview.evaluation.operating import Policy
from chexview.evaluation.run import ValidationRun, list_runs, load_run
from chexview.evaluation.thresholds import offered_points
from chexview.model import card as cards
from chexview.model import checkpoint
from chexview.model.card import Card
from chexview.pages.state.operating import SessionPoints
from tests.pages.shown import MAIN, drawn, settled

FILM = settings.BUNDLED / "films" / "00021782_018.png"


@pytest.fixture(scope="module")
def card() -> Card:
    return cards.read(next(iter(checkpoint.find(settings.load().checkpoints).values())))


@pytest.fixture(scope="module")
def run(card: Card) -> ValidationRun:
    listing = next(
        item for item in list_runs(settings.load().runs) if item.meta and item.meta.checkpoint.weights == card.weights
    )
    return load_run(listing.folder)


def test_policy_on_read_by_policy_on_evaluate_by_finding(card: Card, run: ValidationRun) -> None:
    """Whichever policy is chosen on either page, and whatever was chosen before, both pages flag by the last choice."""
    source = offered_points(run, run.lists[0].name)
    known = [policy for policy in Policy if policy in card.operating_points]
    assert len(known) >= 5
    for first, second in itertools.product(known, known):
        for finding in card.findings:
            points = SessionPoints(first)
            points.choose_threshold(source, finding, -0.125)
            assert points.of(card).threshold(finding) == points.of(source).threshold(finding) == -0.125
            points.choose_policy(second)
            for name in card.findings:
                expected = card.operating_points[second].get(name)
                assert points.of(card).threshold(name) == points.of(source).threshold(name) == expected
            points.choose_threshold(source, finding, card.operating_points[first][finding])
            assert points.of(card).threshold(finding) == card.operating_points[first][finding]
            assert points.of(source).threshold(finding) == card.operating_points[first][finding]


def test_thresholds_hold_for_their_own_weights_alone(card: Card) -> None:
    points, other = SessionPoints(), replace(card, weights="98" * 32)
    points.choose_threshold(card, "Nodule", 0.25)
    points.choose_threshold(card, "Edema", math.inf)
    points.choose_threshold(card, "Mass", math.nan)
    assert dict(points.of(card).overrides) == {"Nodule": 0.25, "Edema": math.inf}
    assert not points.of(other).overrides and points.chosen_elsewhere(other) and not points.chosen_elsewhere(card)
    points.reset(card)
    assert not points.of(card).overrides


def test_a_source_without_the_policy_uses_one_that_it_has(card: Card) -> None:
    short = replace(card, operating_points={"youden": {"Mass": -1.0}})
    assert SessionPoints(Policy.MAX_F1).of(short).policy is Policy.YOUDEN


def flagged(app: AppTest) -> set[str]:
    return {row["name"] for row in drawn(app, "findings")["films"][0]["rows"] if row["flagged"]}


def expected(app: AppTest, card: Card, policy: Policy) -> set[str]:
    rows = app.session_state["chexview"].films.lease.work.snapshot()
    scores = rows[0].reading.findings
    return {item.name for item in scores if item.logit >= np.float32(card.operating_points[policy][item.name])}


def test_a_policy_pressed_on_evaluate_is_reads(card: Card) -> None:
    app = AppTest.from_file(str(MAIN), default_timeout=300).run()
    app.file_uploader[0].upload(FILM.name, FILM.read_bytes(), "application/octet-stream")
    settled(app.run())
    app.selectbox(key="policy").set_value(Policy.YOUDEN).run()
    assert not app.exception and flagged(app) == expected(app, card, Policy.YOUDEN)
    app.switch_page("evaluate.py").run()
    (buttons,) = [group for group in app.get("button_group") if group.label == "Thresholds by policy"]
    assert buttons.value == Policy.YOUDEN
    buttons.set_value(Policy.SPECIFICITY_90).run()
    app.switch_page("read.py").run()
    assert not app.exception and app.selectbox(key="policy").value == Policy.SPECIFICITY_90
    assert flagged(app) == expected(app, card, Policy.SPECIFICITY_90)


def test_read_flags_by_a_custom_threshold_says_so_and_can_go_back(card: Card) -> None:
    app = AppTest.from_file(str(MAIN), default_timeout=300).run()
    app.file_uploader[0].upload(FILM.name, FILM.read_bytes(), "application/octet-stream")
    settled(app.run())
    before = flagged(app)
    quiet = next(name for name in card.findings if name not in before)
    app.session_state["chexview"].points.choose_threshold(card, quiet, -50.0)
    app.query_params["finding"] = quiet
    app.run()
    assert not app.exception
    assert flagged(app) == before | {quiet}
    reset = next(button for button in app.button if button.label == "Reset 1 custom")
    reset.click().run()
    assert not app.exception and flagged(app) == before
