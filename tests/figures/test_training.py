"""The training curves."""

import json

import pandas as pd
import pytest

from chexview.figures.theme import DARK, LIGHT
from chexview.figures.training import Curve, training_alt, training_figure


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
