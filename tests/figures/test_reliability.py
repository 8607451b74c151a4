"""The reliability figure: each bin with its interval."""

import json

import numpy as np
import pytest

from chexview.calibration import Calibration
from chexview.evaluation.calibration import reliability, summarise
from chexview.evaluation.selection import Selection
from chexview.figures.reliability import reliability_alt, reliability_figure
from chexview.figures.theme import DARK, LIGHT


def _selection(name: str, positives: int, seed: int) -> Selection:
    generator = np.random.default_rng(seed)
    labels = generator.permutation(400) < positives
    return Selection.of(labels, labels + generator.normal(size=400), finding=name, list_name="test")


def test_reliability_shows_each_bin_with_its_interval() -> None:
    selection, line = _selection("Mass", 80, 0), Calibration(1.0, -1.8)
    bins = reliability(selection, line)
    trace = json.loads(reliability_figure(bins, LIGHT).to_json())["data"][1]
    assert trace["x"] == [item.predicted for item in bins]
    assert trace["y"] == [item.observed.value for item in bins]
    high = np.add(trace["y"], trace["error_y"]["array"])
    assert high == pytest.approx([item.observed.high for item in bins])
    assert "40 films" in trace["hovertext"][0]
    found = reliability_alt("Mass", bins, summarise(selection, line))
    assert found.startswith("Reliability of the probabilities of Mass: given ")
    assert found.count("films;") == 9 and "perfectly calibrated" in found
    assert "no film" in reliability_figure((), DARK).layout.annotations[0].text
