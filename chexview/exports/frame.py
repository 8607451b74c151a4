"""What surrounds a drawn figure: its caption and its legend; both stay within the page."""

import textwrap
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

EDGE = 6.0
"""Pixels that stay free at the edge of the page."""
CHARACTER = 0.56
"""A letter's mean width, in font sizes; a little wide, so that no line is cut."""


def wrapped(words: str, size: float, width: float) -> list[str]:
    """Lines of ``words`` in letters of ``size`` that fit into ``width``, both in pixels."""
    return textwrap.wrap(words, max(12, int(width / (CHARACTER * size)))) or [""]


def write_caption(page: Figure, title: list[str], lines: list[str], sizes: tuple[float, float], colour: Any) -> float:
    """Writes a title and the lines under it at the page's top; sizes in pixels. Gives the pixels that they take."""
    height, width = page.get_figheight() * page.dpi, page.get_figwidth() * page.dpi
    down, left = 14.0, 14.0
    for texts, size, weight in ((title, sizes[0], "bold"), (lines, sizes[1], "normal")):
        for text in texts:
            for line in wrapped(text, size, width - 2 * left):
                page.text(
                    left / width,
                    1 - down / height,
                    line.replace("$", r"\$"),
                    fontsize=size * 72 / page.dpi,
                    fontweight=weight,
                    color=colour,
                    va="top",
                )
                down += 1.35 * size
    return down


def caption_height(title: list[str], lines: list[str], sizes: tuple[float, float], width: float) -> float:
    """The pixels that :func:`write_caption` takes on a page of so many pixels across."""
    count = [
        sum(len(wrapped(text, size, width - 28)) for text in texts)
        for texts, size in zip((title, lines), sizes, strict=True)
    ]
    return 14.0 + sum(1.35 * size * n for size, n in zip(sizes, count, strict=True))


def keep_inside(axes: Axes) -> None:
    """Narrows axes whose ticks and titles would cross the page's left, right or lower edge."""
    page = axes.figure.get_figure(root=True)
    assert page is not None
    around = axes.get_tightbbox(for_layout_only=True)
    if around is None:
        return
    width, height, place = page.bbox.width, page.bbox.height, axes.get_position()
    left, right = max(0.0, EDGE - around.x0) / width, max(0.0, around.x1 - (width - EDGE)) / width
    low = max(0.0, EDGE - around.y0) / height
    if left or right or low:
        axes.set_position((place.x0 + left, place.y0 + low, place.width - left - right, place.height - low))


def legend_columns(labels: list[str], size: float, width: float) -> int:
    """How many columns of a legend fit into ``width``, letters of ``size``, both in points; one at least."""
    for columns in range(len(labels), 1, -1):
        widest = [max(len(label) for label in labels[k::columns]) for k in range(columns)]
        if sum(CHARACTER * size * letters + 4.5 * size for letters in widest) < width - 20:
            return columns
    return 1


def legend_above(axes: Axes, tone: Any, size: float) -> None:
    """A legend over the axes, from the page's left edge on, in as many columns as fit into the page."""
    page = axes.figure.get_figure(root=True)
    assert page is not None
    _, labels = axes.get_legend_handles_labels()
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(10 / (page.get_figwidth() * page.dpi), axes.get_position().y1),
        bbox_transform=page.transFigure,
        ncols=legend_columns([str(label) for label in labels], size, page.get_figwidth() * 72),
        frameon=False,
        labelcolor=tone,
        fontsize=size,
        borderaxespad=0.2,
        columnspacing=1.2,
    )
