"""The precision-recall figure."""

import json

import numpy as np
import plotly.graph_objects as go
import pytest

from chexview.evaluation.confusion import confusion
from chexview.evaluation.curves import precision_recall
from chexview.evaluation.intervals import average_precision_estimate
from chexview.evaluation.selection import Selection
from chexview.exports.drawing import svg
from chexview.figures.precision import precision_alt, precision_figure
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
