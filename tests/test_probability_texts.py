"""One probability has one text, wherever it is shown: in lists, sentences and figures, on paper, on a terminal, in the browser."""

import io
import json
import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import ImageDraw
from scipy.special import logit

from chexview import reading_output
from chexview.calibration import Calibration
from chexview.evaluation.calibration import ReliabilityBin, SimilarFilms
from chexview.evaluation.curves import roc
from chexview.evaluation.decision import DecisionCurve
from chexview.evaluation.estimate import Estimate
from chexview.evaluation.operating import OfferedPoints, OperatingPoints, Policy
from chexview.exports import records, registry
from chexview.exports.film_picture import captioned_picture
from chexview.exports.film_result import FilmResult
from chexview.exports.run_table import written_percent
from chexview.figures.decision import decision_figure
from chexview.figures.reliability import reliability_figure
from chexview.figures.roc import RocExtras, roc_figure
from chexview.figures.theme import LIGHT
from chexview.model.card import Card
from chexview.model.perturbations import score_changes
from chexview.model.reading import FindingScore, Reading
from chexview.pages import viewer_panel
from chexview.settings import BUNDLED
from chexview.text import cases, estimates, result, robustness
from chexview.text import reading as reading_text
from chexview.viewer.scene import heat_of
from chexview.worklist.batch_reading import FileOutcome
from tests.text.test_reading import film, reading_of

WRITTEN = {
    0.0004: "under 0.1 %",
    0.004: "0.4 %",
    0.0349: "3.5 %",
    0.035: "3.5 %",
    0.0994: "9.9 %",
    0.0996: "10 %",
    0.5: "50 %",
    0.9949: "99 %",
    0.9996: "over 99.9 %",
}
SHARE = re.compile(r"(?:under |over )?\d[\d.]* ?%")
LINE = Calibration(1.0, 0.0)
CARD = Card("c", "C", ("Nodule",), 64, "", calibration={"Nodule": LINE})
POINTS = OperatingPoints(OfferedPoints("", {Policy.SPECIFICITY_90: {"Nodule": 20.0}}), Policy.SPECIFICITY_90)
ASSETS = BUNDLED.parent / "viewer" / "assets"


def scored(probability: float) -> Reading:
    """One finding of this probability, flagged, so that no surface leaves it out."""
    odds = float(logit(probability))
    return reading_of(FindingScore("Nodule", odds, odds, probability, True, odds - 1.0, True, 0.0))


def estimate(probability: float) -> Estimate:
    return Estimate(probability, None, None, 10_000, 900, round(10_000 * probability), 90)


def on_a_terminal(probability: float) -> str:
    out = io.StringIO()
    outcome = FileOutcome(SimpleNamespace(name="a.png"), film=film(8, 8), reading=scored(probability))  # type: ignore[arg-type]
    reading_output._Printer("table", out, ("Nodule",)).row(outcome)
    return out.getvalue().partition("Nodule")[2]


def hovers(figure: Any) -> list[str]:
    """What the pointer shows at each point of a figure's first trace that says anything."""
    return list(next(trace.hovertext for trace in figure.data if trace.hovertext is not None))


def on_the_roc_curve(probability: float) -> str:
    logits = np.array([logit(probability), 9.0, -9.0, 8.0])
    curve = roc(np.array([True, True, False, False]), logits)
    trace = roc_figure(curve, estimate(0.8), None, LIGHT, RocExtras(calibration=LINE)).data[0]
    at = [point[0] is not None and abs(point[0] - logit(probability)) < 1e-9 for point in trace.customdata].index(True)
    return str(trace.hovertext[at]).partition("<br>")[0]


def on_the_decision_curve(probability: float) -> str:
    one = np.array([probability, probability])
    curve = DecisionCurve(one, one, one, one, one, probability)
    return hovers(decision_figure(curve, LIGHT))[0].partition("on<br>")[0]


SURFACES: dict[str, Callable[[float], str]] = {
    "the list of findings": lambda p: reading_text.chance(scored(p).findings[0]),
    "the sum beneath a finding": lambda p: reading_text.written_sum(scored(p).findings[0]).outcome,
    "the viewer's own list": lambda p: heat_of(film(8, 8), scored(p)).findings[0].score,
    "a case's facts": lambda p: cases.read_here(scored(p).findings[0]),
    "the badge on a picture": lambda p: cases.badge("Nodule", scored(p)),
    "a film's report": lambda p: result.flagged_sentence(scored(p), CARD).partition("(")[0],
    "a threshold": lambda p: result.threshold_text(scored(p).findings[0].at(float(logit(p))), CARD),
    "a threshold in a sentence": lambda p: reading_text.threshold_words(
        scored(p).findings[0].at(float(logit(p))), CARD, POINTS.with_override("Nodule", float(logit(p)))
    ),
    "a covered region": lambda p: robustness.change(
        score_changes(CARD, np.array([logit(p)], np.float32), np.array([logit(p)], np.float32))[0]
    ),
    "a rate": lambda p: estimates.rate(estimate(p)),
    "a column of the table of rates": lambda p: written_percent(100 * p),
    "the reliability curve": lambda p: hovers(reliability_figure([ReliabilityBin(p, p, p, estimate(p))], LIGHT))[0],
    "the ROC curve": on_the_roc_curve,
    "the decision curve": on_the_decision_curve,
    "films that scored alike": lambda p: reading_text.films_alike(
        SimilarFilms("Nodule", "films", 0.0, estimate(0.5), float(logit(1e-9)), float(logit(p)), False, LINE)
    ).rpartition(" to ")[2],
    "the command line's table": on_a_terminal,
}


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("probability", WRITTEN)
def test_every_surface_writes_a_probability_alike(surface: str, probability: float) -> None:
    shares = SHARE.findall(SURFACES[surface](probability))
    assert shares and set(shares) == {WRITTEN[probability]}


@pytest.mark.parametrize("probability", WRITTEN)
def test_the_page_and_its_picture_write_it_alike(probability: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewer_panel, "points_for", lambda card: POINTS)
    monkeypatch.setattr(viewer_panel, "similar_scores", lambda *which: "")
    reading = scored(probability)
    row = viewer_panel.row(reading.findings[0], reading, SimpleNamespace(card=CARD), None)  # type: ignore[arg-type]
    assert row.chance == row.outcome == WRITTEN[probability]
    drawn: list[str] = []
    original = ImageDraw.ImageDraw.text
    monkeypatch.setattr(
        ImageDraw.ImageDraw,
        "text",
        lambda pen, at, text, **how: (drawn.append(text), original(pen, at, text, **how))[1],
    )
    captioned_picture(FilmResult(film(64, 64), CARD, reading), "Nodule")
    assert WRITTEN[probability] in drawn


def test_files_hold_the_number_itself() -> None:
    entry = {
        "file": "a",
        "findings": {"Nodule": {"logit": 0.1, "probability": 0.0349, "threshold": None, "flagged": False}},
    }
    assert json.loads(records.json_line(entry, ("Nodule",)))["findings"]["Nodule"]["probability"] == 0.0349
    assert "0.0349" in registry.export_named("csv").line(entry, ("Nodule",))


@pytest.mark.parametrize(("script", "text"), [("findings.js", "chance"), ("viewer/finding_panel.js", "score")])
def test_the_browser_shows_the_text_that_it_gets(script: str, text: str) -> None:
    source = (ASSETS / script).read_text("utf-8")
    assert re.search(rf'element\("span", "{text}", finding\.{text}\)', source)
    assert source.count(f"finding.{text}") == 1 and ".probability" not in source
