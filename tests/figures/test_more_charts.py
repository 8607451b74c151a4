"""Reliability, forest and training figures hold the numbers that were computed elsewhere."""

import json

import numpy as np
import pandas as pd
import pytest

from chexview.calibration import Calibration
from chexview.evaluation.calibration import reliability, summarise
from chexview.evaluation.performance import performance
from chexview.evaluation.selection import Selection
from chexview.figures.areas import areas_alt, areas_figure, mean_words
from chexview.figures.reliability import reliability_alt, reliability_figure
from chexview.figures.theme import DARK, LIGHT
from chexview.figures.training import Curve, training_alt, training_figure


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


def test_areas_are_ordered_and_the_mean_says_what_it_leaves_out() -> None:
    found = performance([_selection("Mass", 80, 1), _selection("Hernia", 3, 2), _selection("Edema", 0, 3)])
    trace = json.loads(areas_figure(found, DARK).to_json())["data"][0]
    assert sorted(trace["x"]) == trace["x"]
    assert {item[0] for item in trace["customdata"]} == {"Mass", "Hernia"}
    hernia = trace["customdata"].index(["Hernia"])
    assert trace["marker"]["symbol"][hernia] == "circle-open"
    assert trace["error_x"]["array"][hernia] == 0
    result = areas_alt(found)
    assert result.startswith(
        f"Mean AUROC {found.mean.value:.3f} ({found.mean.low:.3f} to {found.mean.high:.3f}) over 1 findings"
    )
    assert "Left out, with too few patients: Hernia, Edema. By finding: " in result
    nothing = performance([_selection("Edema", 0, 3)])
    assert (
        mean_words(nothing.mean) == "There is no mean AUROC: too few patients. Left out, with too few patients: Edema."
    )
    assert areas_alt(nothing) == mean_words(nothing.mean)
    assert "No finding has" in areas_figure(nothing, LIGHT).layout.annotations[0].text


@pytest.fixture
def curves() -> pd.DataFrame:
    rows = []
    for epoch in range(3):
        for part, lift in (("training", 0.1), ("validation", 0.0)):
            for finding, base in (("Mass", 0.7), ("Hernia", float("nan"))):
                peak = 0.05 * (epoch == 1)
                rows.append((epoch, finding, part, base + lift + peak, 0.5 - lift - peak))
    return pd.DataFrame(rows, columns=["epoch", "finding", "part", "auroc", "loss"])


def test_training_curves(curves: pd.DataFrame) -> None:
    data = json.loads(training_figure(curves, Curve.AUROC, None, LIGHT).to_json())["data"]
    assert [line["name"] for line in data] == ["validation films", "training films"]
    assert data[0]["y"] == pytest.approx([0.7, 0.75, 0.7])
    assert data[1]["y"] == pytest.approx([0.8, 0.85, 0.8])
    assert json.loads(training_figure(curves, Curve.AUROC, "Hernia", LIGHT).to_json())["data"][0]["y"] == [None] * 3
    assert "Best on validation films in epoch 1: 0.750." in training_alt(curves, Curve.AUROC, "Mass")
    assert "Best on validation films in epoch 1: 0.450." in training_alt(curves, Curve.LOSS, None)
    assert "at the end nan on" in training_alt(curves, Curve.AUROC, "Hernia")
    assert "No training curve of Edema" in training_figure(curves, Curve.LOSS, "Edema", DARK).layout.annotations[0].text
    assert training_alt(curves, Curve.LOSS, "Edema") == "There are no training curves."
