"""The confusion matrix as a figure: every count, and clicks."""

import json
import math
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from chexview.evaluation.confusion import Cell, Confusion, confusion
from chexview.evaluation.selection import Selection
from chexview.figures.confusion import confusion_alt, confusion_figure
from chexview.figures.theme import DARK, LIGHT, Theme
from chexview.text import estimates


def _json(figure: go.Figure) -> dict[str, Any]:
    """The figure as the browser gets it: strict JSON, in which arrays that are to be echoed are lists."""

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    return json.loads(figure.to_json(), parse_constant=refuse)


@pytest.mark.parametrize("look", [LIGHT, DARK])
def test_every_cell_shows_its_count_and_takes_clicks(look: Theme, point: Confusion) -> None:
    data = _json(confusion_figure(point, look))
    heat, clicks = data["data"]
    assert [sum(row) for row in heat["z"]] == pytest.approx([1, 1])
    assert heat["z"][1][0] == pytest.approx(point.sensitivity.value)
    texts = [item["text"] for item in data["layout"]["annotations"]]
    places = {
        text: (item["x"], round(item["y"])) for text, item in zip(texts, data["layout"]["annotations"], strict=True)
    }
    for cell in Cell:
        inside = [
            (round(x), round(y))
            for x, y, (word,) in zip(clicks["x"], clicks["y"], clicks["customdata"], strict=True)
            if word == cell.value
        ]
        assert len(inside) == 25 and set(inside) == {places[cell.value]}
        assert f"<b>{point.counts.of(cell):,}</b>" in texts
    assert places["true positive"] == (0, 1) and places["true negative"] == (1, 0)
    assert f"sensitivity {estimates.rate(point.sensitivity)}" in texts
    assert clicks["hoverinfo"] == "none" and clicks["marker"]["opacity"] == 0
    assert data["layout"]["clickmode"] == "event+select"


def test_confusion_in_words(point: Confusion, selection: Selection) -> None:
    found = confusion_alt("Nodule", point)
    assert f"{point.counts.true_positives:,} true positive" in found
    nobody = confusion(selection, math.inf)
    assert "positive predictive value no film to count" in confusion_alt("Nodule", nobody)
    assert "no film to count" in _json(confusion_figure(nobody, LIGHT))["layout"]["xaxis"]["ticktext"][0]


def test_confusion_of_one_class_has_an_empty_row() -> None:
    found = confusion(Selection.of(np.zeros(30, bool), np.arange(30.0)), 10.0)
    assert _json(confusion_figure(found, LIGHT))["data"][0]["z"][1] == [0.0, 0.0]
