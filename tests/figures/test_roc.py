"""The ROC figure: every point carries its threshold, and what is missing is said."""

import json
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from chexview.calibration import Calibration
from chexview.evaluation.confusion import Confusion, confusion
from chexview.evaluation.curves import RocCurve, roc
from chexview.evaluation.estimate import Estimate
from chexview.evaluation.intervals import auroc_estimate
from chexview.evaluation.selection import Selection
from chexview.figures.roc import RocExtras, roc_alt, roc_figure, small_roc_points
from chexview.figures.theme import DARK, LIGHT, Theme
from chexview.text import estimates
from chexview.text.numbers import network_output


def _json(figure: go.Figure) -> dict[str, Any]:
    """The figure as the browser gets it: strict JSON, in which arrays that are to be echoed are lists."""

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    return json.loads(figure.to_json(), parse_constant=refuse)


@pytest.mark.parametrize("look", [LIGHT, DARK])
def test_roc_points_carry_their_thresholds(
    look: Theme, curve: RocCurve, estimate: Estimate, point: Confusion, selection: Selection
) -> None:
    data = _json(roc_figure(curve, estimate, point, look, RocExtras(Calibration(1.0, -1.0), control=curve)))
    trace = data["data"][0]
    assert trace["mode"] == "lines+markers" and trace["marker"]["size"] == 3
    assert isinstance(trace["customdata"], list) and len(trace["customdata"]) <= 500
    assert trace["customdata"][0] == [None, 0.0, 1.0, None]
    assert trace["hovertext"][0] == "No film is flagged"
    for k in (1, 200, -1):
        threshold, sensitivity, specificity, ppv = trace["customdata"][k]
        found = confusion(selection, threshold)
        assert (found.sensitivity.value, found.specificity.value, found.ppv.value) == pytest.approx(
            (sensitivity, specificity, ppv)
        )
        assert (trace["x"][k], trace["y"][k]) == pytest.approx((1 - specificity, sensitivity))
        assert network_output(threshold) in trace["hovertext"][k]
    assert all(other["hoverinfo"] == "skip" for other in data["data"][1:])
    assert {other["name"] for other in data["data"]} == {
        "Model",
        "Chance",
        "Blur and brightness",
        "Operating point",
    }
    marked = next(other for other in data["data"] if other["name"] == "Operating point")
    assert marked["x"] == [1 - point.specificity.value] and marked["y"] == [point.sensitivity.value]
    assert marked["x"][0] + marked["error_x"]["array"][0] == pytest.approx(1 - point.specificity.low)
    assert marked["y"][0] - marked["error_y"]["arrayminus"][0] == pytest.approx(point.sensitivity.low)
    layout = data["layout"]
    assert (
        estimates.number(estimate) in layout["annotations"][0]["text"]
        and estimates.counts(estimate) in layout["annotations"][0]["text"]
    )
    assert layout["yaxis"]["scaleanchor"] == "x"
    assert layout["paper_bgcolor"] == layout["plot_bgcolor"] == "rgba(0,0,0,0)"
    assert layout["font"]["family"] == "inherit"
    assert "sensitivity" in layout["yaxis"]["title"]["text"]


def test_roc_in_words(estimate: Estimate, point: Confusion) -> None:
    found = roc_alt("Nodule", estimate, point)
    assert found.startswith(
        f"ROC curve of Nodule. AUROC {estimates.number(estimate)}, {estimates.counts(estimate)} with the finding."
    )
    assert "network output 0.75, sensitivity is" in found
    assert roc_alt("Nodule", estimate, None).endswith("with the finding.")


def test_a_missing_class_is_said_instead_of_drawn() -> None:
    none = Selection.of(np.zeros(5, bool), np.arange(5.0))
    figure = roc_figure(roc(none.labels, none.logits), auroc_estimate(none), None, LIGHT)
    assert figure.layout.annotations[0].text == "No curve: no film with the finding."
    assert roc_alt("Hernia", auroc_estimate(none), None) == "There is no ROC curve of Hernia: no film with the finding."


def test_a_pale_area_has_its_word() -> None:
    few = Selection.of(np.arange(50) < 3, -np.arange(50.0))
    found = confusion(few, -10.0)
    figure = roc_figure(roc(few.labels, few.logits), auroc_estimate(few), found, LIGHT)
    caption = figure.layout.annotations[0]
    assert "too few patients for an interval" in caption.text and caption.font.color == LIGHT.muted
    assert figure.data[-1].error_y.array is None


def test_thumbnails_are_short_and_reach_both_corners(curve: RocCurve) -> None:
    points = small_roc_points(curve)
    assert len(points) <= 60
    assert points[0] == (0.0, 0.0) and points[-1] == (1.0, 1.0)
