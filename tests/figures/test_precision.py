"""The precision-recall figure."""

import numpy as np
import pytest

from chexview.evaluation.confusion import confusion
from chexview.evaluation.curves import precision_recall
from chexview.evaluation.intervals import average_precision_estimate
from chexview.figures.precision import precision_alt, precision_figure
from chexview.figures.theme import DARK, LIGHT
from tests.figures.making import selection, sound


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
