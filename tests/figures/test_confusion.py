"""The confusion matrix as a figure: every count, and clicks."""

import json
import math
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from chexview.evaluation.confusion import Cell, Confusion, confusion
from chexview.evaluation.selection import Selection
from chexview.figures.confusion import _PLACES, confusion_alt, confusion_figure
from chexview.figures.theme import DARK, LIGHT, Theme, rgba
from chexview.text import estimates


def _json(figure: go.Figure) -> dict[str, Any]:
    """The figure as the browser gets it: strict JSON, in which arrays that are to be echoed are lists."""

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    return json.loads(figure.to_json(), parse_constant=refuse)


@pytest.mark.parametrize("look", [LIGHT, DARK])
def test_every_cell_shows_its_count_and_takes_clicks(look: Theme, point: Confusion) -> None:
    data = _json(confusion_figure(point, look))
    (clicks,) = data["data"]
    grounds = data["layout"]["shapes"][::2]
    shares = [(float(ground["fillcolor"].split(",")[-1].rstrip(")")) - 0.07) / 0.33 for ground in grounds]
    colours = [ground["fillcolor"].rsplit(",", 1)[0] for ground in grounds]
    assert colours == [rgba(look.cells[cell], 1).rsplit(",", 1)[0] for cell in _PLACES]
    by_cell = dict(zip(_PLACES, shares, strict=True))
    assert by_cell[Cell.TRUE_POSITIVE] == pytest.approx(point.sensitivity.value, abs=0.005)
    assert by_cell[Cell.TRUE_NEGATIVE] == pytest.approx(point.specificity.value, abs=0.005)
    assert sum(shares) == pytest.approx(2, abs=0.01)
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
    assert f"sensitivity {estimates.rate(point.sensitivity)}".replace(" (", "<br>(") in texts
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
    fills = [shape["fillcolor"] for shape in _json(confusion_figure(found, LIGHT))["layout"]["shapes"][::2]]
    assert [float(fill.split(",")[-1].rstrip(")")) for fill in fills[:2]] == [0.07, 0.07]
