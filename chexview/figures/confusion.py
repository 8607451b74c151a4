"""The confusion matrix as a figure whose cells can be clicked: counts large, words and rates beneath."""

from typing import Any

import plotly.graph_objects as go

from chexview.calibration import Calibration
from chexview.evaluation.confusion import Cell, Confusion
from chexview.evaluation.estimate import Estimate
from chexview.figures.layout import four_cells
from chexview.figures.theme import Theme, drawn, rgba
from chexview.text import estimates
from chexview.text.thresholds import score_words

HEIGHT = 380
_GRID = (-0.36, -0.18, 0.0, 0.18, 0.36)
"""Where in a cell the invisible points lie that take its clicks; a heatmap itself takes none."""

_PLACES: dict[Cell, tuple[int, int]] = {
    Cell.TRUE_POSITIVE: (0, 1),
    Cell.FALSE_NEGATIVE: (1, 1),
    Cell.FALSE_POSITIVE: (0, 0),
    Cell.TRUE_NEGATIVE: (1, 0),
}
"""Column (flagged, not flagged) and row (without, with the finding) of each cell."""


def confusion_figure(found: Confusion, look: Theme, height: int = HEIGHT, rates: bool = True) -> go.Figure:
    """Four cells: rows with and without the finding, columns flagged and not flagged.

    Each cell has its own colour, as strong as its share of its row. ``rates`` writes sensitivity and specificity into their cells.
    The trace is to be clicked; each of its points carries ``customdata=[cell]``, the cell's words.
    """
    points = [(column + dx, row + dy, cell) for cell, (column, row) in _PLACES.items() for dx in _GRID for dy in _GRID]
    clicks = {
        "x": [x for x, _, _ in points],
        "y": [y for _, y, _ in points],
        "customdata": [[cell.value] for _, _, cell in points],
        "mode": "markers",
        "marker": {"size": 30, "symbol": "square", "opacity": 0},
        "selected": {"marker": {"opacity": 0}},
        "unselected": {"marker": {"opacity": 0}},
        "hoverinfo": "none",
    }
    shapes, written = [], []
    for cell, (column, row) in _PLACES.items():
        shapes += _ground((column, row), look.cells[cell], _row_share(found, cell))
        written.append(_words(column, row + 0.24, f"<b>{found.counts.of(cell):,}</b>", look.ink, 28))
        written.append(_words(column, row - 0.03, cell.value, look.ink, 14))
        rate = _rate(found, cell)
        if rate and rates:
            written.append(_words(column, row - 0.29, rate, look.ink, 12))
    counts = found.counts
    flagged = [
        f"Flagged<br>{_short('have the finding', found.ppv)}",
        f"Not flagged<br>{_short('do not have it', found.npv)}",
    ]
    truth = [
        f"Without the<br>finding<br>{counts.false_positives + counts.true_negatives:,} films",
        f"With the<br>finding<br>{counts.true_positives + counts.false_negatives:,} films",
    ]
    layout = four_cells(shapes, written, flagged, truth, look.ink)
    return drawn([clicks], look, height, (104, 12, 76, 12), layout)


def confusion_alt(finding: str, found: Confusion, calibration: Calibration | None = None) -> str:
    """A text alternative of the figure; ``finding`` is the finding's title."""
    counts = found.counts
    return (
        f"Confusion matrix of {finding} at {score_words(counts.threshold, calibration)}: "
        f"{counts.true_positives:,} true positive, {counts.false_negatives:,} false negative, "
        f"{counts.false_positives:,} false positive and {counts.true_negatives:,} true negative films. "
        f"Sensitivity {estimates.rate(found.sensitivity)}, specificity {estimates.rate(found.specificity)}, "
        f"positive predictive value {estimates.rate(found.ppv)}, "
        f"negative predictive value {estimates.rate(found.npv)}."
    )


def _ground(place: tuple[int, int], colour: str, share: float) -> list[dict[str, Any]]:
    """A cell's ground, as strong as its share, and a bar of its colour at its left."""
    left, bottom, top = place[0] - 0.49, place[1] - 0.485, place[1] + 0.485
    return [
        {
            "type": "rect",
            "x0": left,
            "x1": right,
            "y0": bottom,
            "y1": top,
            "line": {"width": 0},
            "layer": "below",
            "fillcolor": rgba(colour, round(strength, 3)),
        }
        for right, strength in ((place[0] + 0.49, 0.07 + 0.33 * share), (left + 0.014, 1.0))
    ]


def _rows() -> tuple[tuple[Cell, Cell], tuple[Cell, Cell]]:
    return (Cell.FALSE_POSITIVE, Cell.TRUE_NEGATIVE), (Cell.TRUE_POSITIVE, Cell.FALSE_NEGATIVE)


def _row_share(found: Confusion, cell: Cell) -> float:
    row = next(row for row in _rows() if cell in row)
    whole = sum(found.counts.of(item) for item in row)
    return found.counts.of(cell) / whole if whole else 0.0


def _rate(found: Confusion, cell: Cell) -> str:
    """A cell's rate with its interval beneath: sensitivity and specificity in the cells of correct calls."""
    match cell:
        case Cell.TRUE_POSITIVE:
            words = f"sensitivity {estimates.rate(found.sensitivity)}"
        case Cell.TRUE_NEGATIVE:
            words = f"specificity {estimates.rate(found.specificity)}"
        case _:
            words = ""
    return words.replace(" (", "<br>(", 1)


def _short(words: str, rate: Estimate) -> str:
    return f"{estimates.rate(rate)}<br>{words}" if rate.value is not None else rate.remark.value


def _words(x: float, y: float, text: str, colour: str, size: int) -> dict[str, Any]:
    return {"x": x, "y": y, "text": text, "showarrow": False, "font": {"color": colour, "size": size}}
