"""Groups of films side by side."""

import numpy as np

from chexview.evaluation.intervals import auroc_estimate
from chexview.evaluation.subgroups import subgroups
from chexview.figures.subgroups import Measure, subgroups_alt, subgroups_figure
from chexview.figures.theme import LIGHT
from tests.figures.making import selection, sound


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
