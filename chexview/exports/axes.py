"""The axes of a figure: range, ticks, titles and grid."""

import re
from typing import Any, Literal

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MultipleLocator, NullLocator

from chexview.exports.style import INK, POINTS, UndrawableError, colour, lines_of


def lay_axis(axes: Axes, axis: Any, which: Literal["x", "y"], font: Any) -> None:
    side = axes.xaxis if which == "x" else axes.yaxis
    if axis.visible is False:
        side.set_visible(False)
        for name in ("bottom", "top") if which == "x" else ("left", "right"):
            axes.spines[name].set_visible(False)
        return
    if axis.type == "log":
        (axes.set_xscale if which == "x" else axes.set_yscale)("log")
    if axis.range is not None:
        ends = [10**end for end in axis.range] if axis.type == "log" else list(axis.range)
        (axes.set_xlim if which == "x" else axes.set_ylim)(*ends)
    for spine in axes.spines.values():
        spine.set_visible(False)
    size = (axis.tickfont.size or font.size or 12) * POINTS
    tone = colour(axis.tickfont.color) or colour(font.color) or INK
    if axis.tickvals is not None:
        texts = [
            value if text is None else text
            for value, text in zip(axis.tickvals, axis.ticktext or axis.tickvals, strict=True)
        ]
        side.set_ticks(list(axis.tickvals), ["\n".join(words for words, _ in lines_of(str(text))) for text in texts])
    elif axis.dtick is not None and axis.type != "log":
        side.set_major_locator(MultipleLocator(axis.dtick))
    if axis.showticklabels is False:
        side.set_ticklabels([])
    if axis.tickformat and axis.tickvals is None:
        side.set_major_formatter(FuncFormatter(lambda value, _, form=axis.tickformat: _formatted(value, form)))
    side.set_tick_params(labelsize=size, labelcolor=tone, length=0)
    if axis.type == "log":
        side.set_minor_locator(NullLocator())
    if axis.side in ("top", "right"):
        side.set_ticks_position(axis.side)
        side.set_label_position(axis.side)
    if axis.tickangle:
        lean = "left" if (axis.tickangle < 0) == (axis.side == "top") else "right"
        for label in side.get_ticklabels():
            label.set(rotation=-axis.tickangle, ha=lean, rotation_mode="anchor")
    axes.set_axisbelow(True)
    if axis.showgrid is not False and axis.gridcolor:
        axes.grid(visible=True, axis=which, color=colour(axis.gridcolor), linewidth=POINTS)
    if axis.title.text:
        words = "\n".join(line for line, _ in lines_of(axis.title.text))
        side.set_label_text(
            words, color=colour(axis.title.font.color) or tone, fontsize=(axis.title.font.size or 13) * POINTS
        )


def _formatted(value: float, form: str) -> str:
    """A number as d3's ``.0%`` and ``.2f`` write it."""
    if found := re.fullmatch(r",?\.(\d)([%fg])", form):
        return f"{value:{',' if form[0] == ',' else ''}.{found[1]}{found[2]}}"
    if form == ",":
        return f"{value:,.0f}"
    raise UndrawableError(f"no way to write numbers as {form!r}")
