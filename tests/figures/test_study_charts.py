"""Precision and recall, decisions, subgroups, co-occurrence: what the figures hold, and that they can be drawn on paper."""

import json
import math

import numpy as np
import plotly.graph_objects as go
import pytest

from chexview.calibration import Calibration
from chexview.evaluation.confusion import confusion
from chexview.evaluation.cooccurrence import CoOccurrence
from chexview.evaluation.curves import precision_recall
from chexview.evaluation.decision import decision_curve
from chexview.evaluation.estimate import Estimate
from chexview.evaluation.intervals import auroc_estimate, average_precision_estimate
from chexview.evaluation.localisation import CLASS_MAP, CONTROLS, Localised, MapMeasure, Verdict
from chexview.evaluation.selection import Selection
from chexview.evaluation.subgroups import subgroups
from chexview.exports.drawing import svg
from chexview.figures.cooccurrence import co_occurrence_alt, co_occurrence_figure
from chexview.figures.decision import decision_alt, decision_figure
from chexview.figures.localisation import localisation_alt, localisation_figure
from chexview.figures.precision import precision_alt, precision_figure
from chexview.figures.subgroups import Measure, subgroups_alt, subgroups_figure
from chexview.figures.theme import DARK, LIGHT


def selection(share: float) -> Selection:
    generator = np.random.default_rng(3)
    labels = generator.random(4000) < share
    return Selection.of(
        labels, 2 * labels + generator.normal(size=4000), generator.integers(0, 900, 4000), "Nodule", "test"
    )


def sound(figure: go.Figure) -> None:
    json.loads(figure.to_json(), parse_constant=lambda word: pytest.fail(word))
    assert svg(figure).startswith(b"<?xml")


@pytest.mark.parametrize(("share", "kind"), [(0.2, None), (0.01, "log")])
def test_precision_and_recall(share: float, kind: str | None) -> None:
    chosen = selection(share)
    estimate = average_precision_estimate(chosen, resamples=50)
    figure = precision_figure(
        precision_recall(chosen.labels, chosen.logits),
        estimate,
        float(chosen.labels.mean()),
        confusion(chosen, 1.5),
        DARK,
    )
    threshold, recall, precision = figure.data[0].customdata[-1]
    flagged = chosen.logits >= np.float32(threshold)
    assert recall == pytest.approx((flagged & chosen.labels).sum() / chosen.labels.sum())
    assert precision == pytest.approx((flagged & chosen.labels).sum() / flagged.sum())
    assert figure.data[1].y == (chosen.labels.mean(),) * 2 and figure.layout.yaxis.type == kind
    assert "Average precision" in precision_alt("Nodule", estimate, 0.2)
    sound(figure)
    nobody = chosen.where(~chosen.labels)
    none = average_precision_estimate(nobody)
    empty = precision_figure(precision_recall(nobody.labels, nobody.logits), none, 0.0, None, LIGHT)
    assert not empty.data and "no film with" in precision_alt("Nodule", none, 0.0)


def test_decisions() -> None:
    curve = decision_curve(selection(0.1), Calibration(2.0, -4.0))
    figure = decision_figure(curve, LIGHT, threshold=0.2)
    assert [trace.name for trace in figure.data] == ["Flag by the model", "Flag everybody", "Flag nobody"]
    assert figure.data[0].y[0] == curve.model[0] and len(figure.layout.shapes) == 1
    assert "better than flagging everybody" in decision_alt("Nodule", curve)
    useless = decision_curve(selection(0.1), Calibration(1e-9, -20.0))
    assert "nowhere better" in decision_alt("Nodule", useless)
    sound(figure)
    sound(decision_figure(useless, DARK))


def test_subgroups() -> None:
    chosen = selection(0.2)
    masks = {"women": np.arange(4000) % 2 == 0, "men": np.arange(4000) % 2 == 1, "three": np.arange(4000) < 3}
    found = subgroups(chosen, masks, 1.5)
    for measure in Measure:
        figure = subgroups_figure(found, auroc_estimate(chosen, resamples=50), measure, LIGHT)
        values = [measure.of(group).value for group in found if measure.of(group).value is not None]
        assert list(figure.data[0].x) == values[::-1]
        assert list(figure.data[0].y)[-2:] == ["men", "women"] and figure.data[0].marker.symbol[0] == "circle-open"
        assert "women" in subgroups_alt("Nodule", found, measure)
        sound(figure)
    assert not subgroups_figure((), auroc_estimate(chosen, resamples=50), Measure.AUROC, LIGHT).data


def test_co_occurrence() -> None:
    shares = np.array([[0.8, 0.1], [np.nan, np.nan]])
    found = CoOccurrence(("Mass", "Hernia"), shares, shares, np.array([40, 0]), np.array([0.2, 0.05]))
    figure = co_occurrence_figure(found, [1, 0], DARK)
    cells = dict(zip(map(tuple, figure.data[1].customdata), figure.data[1].text, strict=True))
    assert cells == {("Hernia", "Hernia"): "", ("Hernia", "Mass"): "", ("Mass", "Hernia"): "10", ("Mass", "Mass"): "80"}
    assert "Of 40 films with Mass<br>10 % are flagged Hernia<br>of all films 5.0 %" in figure.data[1].hovertext
    assert list(figure.data[0].z[0]) == [None, None] and math.isclose(figure.data[0].z[1][1], 0.8)
    assert co_occurrence_alt(found).endswith("with Mass most often Hernia (10 %).")
    sound(figure)
    sound(co_occurrence_figure(found, [0, 1], LIGHT, labelled=True))


def test_localisation() -> None:
    score = Estimate(0.4, 0.3, 0.5, 80, 60, 30, 25)
    bare = Estimate(0.2, None, None, 3, 3, 1, 1)
    found = (
        Localised("Mass", 80, 60, {CLASS_MAP: score, CONTROLS[2]: bare}, CONTROLS[2], 0.2, 0.1, 0.3, Verdict.BEATS),
        Localised(
            "all findings", 3, 3, {CLASS_MAP: bare, CONTROLS[0]: bare}, CONTROLS[0], 0.0, None, None, Verdict.FEW
        ),
    )
    figure = localisation_figure(found, MapMeasure.POINTING, LIGHT)
    assert list(figure.data[0].x) == [0.4, 0.2] and list(figure.data[1].x) == [0.2, 0.2]
    assert list(figure.layout.yaxis.ticktext) == ["Mass (80)", "all findings (3)"]
    assert figure.data[0].y[0] > figure.data[1].y[0] > figure.data[0].y[1]
    assert "Mass 0.40 (0.30 to 0.50) against 0.20, beats the best control" in localisation_alt(
        found, MapMeasure.POINTING
    )
    sound(figure)
    assert not localisation_figure((), MapMeasure.IOU, DARK).data
