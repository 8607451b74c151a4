"""One page of paper about a validation run: what was validated, on whom, and every finding's numbers with their curves."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.figure import Figure

from chexview.exports.line_breaking import broken, printable, text_width
from chexview.exports.style import INK

A4 = (8.27, 11.69)
"""Inches across and down."""

MUTED, LINE, BLUE = "#66635E", "#DEDBD5", "#0072B2"
_STYLE: Any = {"pdf.fonttype": 3, "font.family": "sans-serif", "font.size": 8}
"""Type 3 fonts are embedded in half the time of TrueType, which figures have, for journals ask for it."""
_LEFT, _RIGHT = 0.07, 0.93
_ROOM = (_RIGHT - _LEFT) * A4[0] * 72
"""Points from margin to margin."""
_FACTS = 0.2
"""Where on the page the facts themselves begin."""
_GAP, _FOREST = 9.0, 70.0
"""Points between two columns at least, and of the drawing of the areas."""
_COLUMNS, _FEW = 7, 8
"""Curves side by side, and up to how many of them are drawn larger."""
_TITLES, _FOOT = 0.03, 0.085
"""Shares of the page's height: over a curve, for its title; and at the foot, for the notes."""


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A small ROC curve: ``points`` are (1 - specificity, sensitivity), ``at`` the operating point or None."""

    title: str
    caption: str
    points: tuple[tuple[float, float], ...]
    at: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column's heading; numbers are aligned right. It is as wide as its widest cell."""

    heading: str
    number: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One finding: as many cells as there are columns, and its AUROC with interval (None: there is none) for the drawing."""

    cells: tuple[str, ...]
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """The page's content. ``facts`` are pairs of a word and what it is."""

    title: str
    facts: tuple[tuple[str, str], ...]
    headline: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    curves: tuple[Thumbnail, ...]
    notes: tuple[str, ...]


def pdf(sheet: Sheet) -> bytes:
    """The sheet as a PDF of one A4 page, without a date of its own: the same sheet gives the same file."""
    with mpl.rc_context(_STYLE):
        data = io.BytesIO()
        metadata = {"Title": sheet.title, "CreationDate": None, "Producer": "CheXView"}
        page(sheet).savefig(data, format="pdf", metadata=metadata)
    return data.getvalue()


def page(sheet: Sheet) -> Figure:
    """The sheet as a drawing."""
    drawn = Figure(figsize=A4)
    FigureCanvasPdf(drawn)
    down = _head(drawn, sheet)
    down = _table(drawn, sheet, down)
    _curves(drawn, sheet.curves, down)
    _notes(drawn, sheet.notes)
    return drawn


def _write(page: Figure, x: float, y: float, words: str, size: float, **how: Any) -> None:
    page.text(x, y, printable(words).replace("$", r"\$"), fontsize=size, va="top", **{"color": INK, **how})


def _head(page: Figure, sheet: Sheet) -> float:
    """Title, facts and headline from the top; gives how far down they reach."""
    down = 0.965
    for line in broken(sheet.title, 15, _ROOM, bold=True)[:2]:
        _write(page, _LEFT, down, line, 15, fontweight="bold")
        down -= 0.022
    down -= 0.008
    for word, each in sheet.facts:
        _write(page, _LEFT, down, word, 8, color=MUTED)
        for line in broken(each, 8, (_RIGHT - _FACTS) * A4[0] * 72):
            _write(page, _FACTS, down, line, 8)
            down -= 0.0135
    down -= 0.006
    for line in broken(sheet.headline, 9, _ROOM, bold=True):
        _write(page, _LEFT, down, line, 9, fontweight="bold")
        down -= 0.0155
    return down - 0.018


def column_widths(sheet: Sheet, size: float) -> list[float]:
    """Points that each column takes with letters of ``size`` points, without the gap to the next."""
    return [
        max(text_width(words, size) for words in (column.heading, *(row.cells[k] for row in sheet.rows)))
        for k, column in enumerate(sheet.columns)
    ]


def _letters(sheet: Sheet) -> float:
    """The size of letters, 7 points or less, at which all columns and the drawing stand side by side."""
    size, room = 7.0, _ROOM - _FOREST - _GAP * len(sheet.columns)
    while size > 4 and sum(column_widths(sheet, size)) > room:
        size -= 0.25
    return size


def _table(page: Figure, sheet: Sheet, top: float) -> float:
    """The findings' numbers, and at their right the areas with their intervals; gives how far down they reach."""
    step, size, across = 0.0175, _letters(sheet), A4[0] * 72
    widths = column_widths(sheet, size)
    gap = max(_GAP, (_ROOM - _FOREST - sum(widths)) / max(1, len(widths)))
    left = _LEFT
    for k, (column, width) in enumerate(zip(sheet.columns, widths, strict=True)):
        x, side = (left + width / across, "right") if column.number else (left, "left")
        _write(page, x, top, column.heading, size, color=MUTED, ha=side)
        for number, row in enumerate(sheet.rows, start=1):
            _write(page, x, top - step * number, row.cells[k], size, ha=side)
        left += (width + gap) / across
    bottom = top - step * (len(sheet.rows) + 1)
    axes = page.add_axes((left, bottom + 0.5 * step - 0.004, _RIGHT - left, step * len(sheet.rows)))
    for number, row in enumerate(sheet.rows):
        if row.value is not None:
            axes.plot(row.value, number, marker="o", markersize=3.5, color=BLUE)
        if row.low is not None and row.high is not None:
            axes.plot([row.low, row.high], [number, number], color=BLUE, linewidth=1.1)
    axes.set(ylim=(len(sheet.rows) - 0.5, -0.5), yticks=[], xlim=_span(sheet.rows))
    axes.tick_params(labelsize=6.5, length=2, color=LINE, labelcolor=MUTED)
    axes.grid(visible=True, axis="x", color=LINE, linewidth=0.5)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_visible(False)
    _write(page, (left + _RIGHT) / 2, top, "AUROC, 95 %", size, color=MUTED, ha="center")
    page.add_artist(mpl.lines.Line2D([_LEFT, _RIGHT], [top - 0.0135] * 2, color=LINE, linewidth=0.6))
    return bottom - 0.03


def _span(rows: Sequence[Row]) -> tuple[float, float]:
    """From a half, or lower where an interval reaches lower, to 1."""
    ends = [end for row in rows for end in (row.value, row.low) if end is not None]
    return min([0.5, *ends]) - 0.02, 1.01


def _curves(page: Figure, curves: Sequence[Thumbnail], top: float) -> None:
    """The curves in as many columns as their number asks for, each no larger than the room above the notes allows."""
    columns = _COLUMNS if len(curves) > _FEW else 4
    rows = -(-len(curves) // columns)
    width = (_RIGHT - _LEFT) / columns
    height = min(width * A4[0] / A4[1], (top - _FOOT) / max(1, rows) - _TITLES)
    side = height * A4[1] / A4[0]
    for number, curve in enumerate(curves):
        row, column = divmod(number, columns)
        bottom = top - row * (height + _TITLES) - _TITLES - 0.86 * height
        axes = page.add_axes((_LEFT + column * width, bottom, side * 0.86, height * 0.86))
        axes.plot(*zip(*curve.points, strict=True), color=BLUE, linewidth=1.1)
        axes.plot([0, 1], [0, 1], color=MUTED, linewidth=0.5, linestyle=":")
        if curve.at is not None:
            axes.plot(*curve.at, marker="o", markersize=4, markerfacecolor="none", markeredgecolor=INK)
        axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), xticks=[], yticks=[])
        for spine in axes.spines.values():
            spine.set_color(LINE)
        axes.set_title(f"{curve.title}\n{curve.caption}", fontsize=6.5, loc="left", color=INK)


def _notes(page: Figure, notes: Sequence[str]) -> None:
    lines = [line for note in notes for line in broken(note, 6.5, _ROOM)]
    for number, line in enumerate(lines):
        _write(page, _LEFT, 0.03 + 0.0115 * (len(lines) - 1 - number), line, 6.5, color=MUTED)
