"""Who was right, as a picture: the confusion matrix by the label, each cell split by what another truth says."""

from collections.abc import Iterator
from textwrap import wrap
from typing import Any

import plotly.graph_objects as go

from chexview.evaluation.confusion import Cell
from chexview.evaluation.verdicts import CellVerdict, Said, Verdicts
from chexview.figures.layout import four_cells
from chexview.figures.theme import Theme, drawn, rgba
from chexview.text.escape import escaped
from chexview.text.verdicts import in_cell

HEIGHT = 440
_HALF_WIDTH, _HALF_HEIGHT = 0.475, 0.46
_STRONG, _FAINT = 0.62, 0.14
_ACROSS, _DOWN = 14, (-0.38, -0.22, -0.06, 0.1, 0.26, 0.4)
"""How many points take the clicks across a cell, and where they lie down it."""
_PLACES: dict[Cell, tuple[int, int]] = {
    Cell.TRUE_POSITIVE: (0, 1),
    Cell.FALSE_NEGATIVE: (1, 1),
    Cell.FALSE_POSITIVE: (0, 0),
    Cell.TRUE_NEGATIVE: (1, 0),
}
"""Column (flagged, not flagged) and row (label no, label yes) of each cell."""


def verdicts_figure(found: Verdicts, own: str, look: Theme, height: int = HEIGHT) -> go.Figure:
    """Four cells by the label; from the left, as wide as their share, the films that show the finding by the other truth.

    ``own`` names the label. Strong colour are films of which the other truth says the opposite of the label; a bracket at the
    split is its 95 % interval, a dotted line what errors of the label alone would make of the cell. The first trace is the one
    to be clicked; each of its points carries ``customdata=[cell, said]``: the cell's words, and what the other truth says.
    """
    shapes = [shape for cell, place in _PLACES.items() for shape in _shapes(found.cells[cell], place, look)]
    written = [words for cell, place in _PLACES.items() for words in _words(found.cells[cell], place, look)]
    for colour, words, y in ((look.warm, "show it", -0.09), (look.cool, "do not show it", -0.16)):
        for text, ink, shift in (("■", colour, 0), (f"{words}, by the radiologists", look.ink, 16)):
            written.append(
                {
                    "x": 0,
                    "y": y,
                    "xref": "paper",
                    "yref": "paper",
                    "xanchor": "left",
                    "xshift": shift,
                    "showarrow": False,
                    "text": text,
                    "font": {"color": ink, "size": 13},
                }
            )
    names = [f"{own.partition(',')[0]}: {answer}" for answer in ("no", "yes")]
    answers = ["<br>".join(map(escaped, wrap(name, 11))) for name in names]
    layout = four_cells(shapes, written, ["Flagged", "Not flagged"], answers, look.ink)
    return drawn([_clicks(found)], look, height, (84, 12, 40, 68), layout)


def _clicks(found: Verdicts) -> dict[str, Any]:
    """What takes the clicks: points that nobody sees, all over the parts of each cell that have films."""
    points = []
    for cell, (column, row) in _PLACES.items():
        verdict = found.cells[cell]
        shares = {Said.YES: (0.0, verdict.present.value or 0.0), Said.NO: (verdict.present.value or 0.0, 1.0)}
        for said, (low, high) in shares.items():
            if verdict.count(said):
                across = max(1, round(_ACROSS * (high - low)))
                places = [low + (high - low) * (k + 0.5) / across for k in range(across)]
                left = column - _HALF_WIDTH
                points += [
                    (left + 2 * _HALF_WIDTH * x, row + y, [cell.value, said.value]) for x in places for y in _DOWN
                ]
    hidden = {"marker": {"opacity": 0}}
    return {
        "x": [x for x, _, _ in points],
        "y": [y for _, y, _ in points],
        "customdata": [custom for _, _, custom in points],
        "mode": "markers",
        "marker": {"size": 26, "symbol": "square", "opacity": 0},
        "selected": hidden,
        "unselected": hidden,
        "hoverinfo": "none",
    }


def _shapes(verdict: CellVerdict, place: tuple[int, int], look: Theme) -> Iterator[dict[str, object]]:
    """A cell's two parts, the interval at their split, and what errors of the label alone would make of it."""
    column, row = place
    left, width = column - _HALF_WIDTH, 2 * _HALF_WIDTH
    bottom, top = row - _HALF_HEIGHT, row + _HALF_HEIGHT
    present = verdict.present.value
    if present is None:
        return
    split = left + width * present
    with_it, without = (_FAINT, _STRONG) if verdict.cell.positive else (_STRONG, _FAINT)
    for x0, x1, colour, strength in ((left, split, look.warm, with_it), (split, left + width, look.cool, without)):
        filled = {"line": {"width": 0}, "fillcolor": rgba(colour, strength)}
        yield {"type": "rect", "x0": x0, "x1": x1, "y0": bottom, "y1": top, **filled}
    if verdict.present.low is not None and verdict.present.high is not None:
        low, high, y = left + width * verdict.present.low, left + width * verdict.present.high, bottom + 0.07
        drawn = {"type": "line", "line": {"color": look.ink, "width": 1.5}}
        yield {"x0": low, "x1": high, "y0": y, "y1": y, **drawn}
        for x in (low, high):
            yield {"x0": x, "x1": x, "y0": y - 0.03, "y1": y + 0.03, **drawn}
    if verdict.chance is not None:
        x, dotted = left + width * verdict.chance, {"color": look.ink, "width": 1, "dash": "dot"}
        yield {"type": "line", "x0": x, "x1": x, "y0": bottom, "y1": top, "line": dotted}


def _words(verdict: CellVerdict, place: tuple[int, int], look: Theme) -> Iterator[dict[str, object]]:
    """What is written in a cell."""
    column, row = place
    count, words = in_cell(verdict)
    for y, text, size in ((row + 0.16, f"<b>{count}</b>", 26), (row - 0.13, words.replace(", ", "<br>", 1), 12)):
        yield {
            "x": column,
            "y": y,
            "text": text,
            "showarrow": False,
            "bgcolor": rgba(look.card, 0.72),
            "font": {"color": look.ink, "size": size},
        }
