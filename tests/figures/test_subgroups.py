"""Groups of films side by side."""

import json

import numpy as np
import plotly.graph_objects as go
import pytest

from chexview.evaluation.intervals import auroc_estimate
from chexview.evaluation.selection import Selection
from chexview.evaluation.subgroups import subgroups
from chexview.exports.drawing import svg
from chexview.figures.subgroups import Measure, subgroups_alt, subgroups_figure
from chexview.figures.theme import LIGHT


def selection(share: float) -> Selection:
    generator = np.random.default_rng(3)
    labels = generator.random(4000) < share
    return Selection.of(
        labels, 2 * labels + generator.normal(size=4000), generator.integers(0, 900, 4000), "Nodule", "test"
    )


def sound(figure: go.Figure) -> None:
    json.loads(figure.to_json(), parse_constant=lambda word: pytest.fail(word))
    assert svg(figure).startswith(b"<?xml")


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
