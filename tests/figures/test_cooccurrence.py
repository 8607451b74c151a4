"""What is flagged together."""

import math

import numpy as np

from chexview.evaluation.cooccurrence import CoOccurrence
from chexview.figures.cooccurrence import co_occurrence_alt, co_occurrence_figure
from chexview.figures.theme import DARK, LIGHT
from tests.figures.making import sound


def test_co_occurrence() -> None:
    shares = np.array([[0.8, 0.1], [np.nan, np.nan]])
    found = CoOccurrence(("Mass", "Hernia"), shares, shares, np.array([40, 0]), np.array([0.2, 0.05]))
    figure = co_occurrence_figure(found, [1, 0], DARK)
    cells = dict(zip(map(tuple, figure.data[1].customdata), figure.data[1].text, strict=True))
    assert cells == {("Hernia", "Hernia"): "", ("Hernia", "Mass"): "", ("Mass", "Hernia"): "10", ("Mass", "Mass"): "80"}
    assert "Of 40 films with Mass<br>10 % are flagged Hernia<br>of all films 5.0 %" in figure.data[1].hovertext
    assert list(figure.data[0].z[0]) == [None, None] and math.isclose(figure.data[0].z[1][1], 0.8)
    assert co_occurrence_alt(found).endswith("with Mass most often Hernia (10 %).")
    sound(figure)
    sound(co_occurrence_figure(found, [0, 1], LIGHT, labelled=True))
