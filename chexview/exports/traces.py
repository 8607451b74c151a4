"""The traces of a figure: lines, markers, bars with their errors, and heatmaps."""

from collections.abc import Iterable, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from chexview.exports.style import DASHES, POINTS, UndrawableError, colour, words_of

_SYMBOLS = {
    "circle": "o",
    "square": "s",
    "diamond": "D",
    "triangle-up": "^",
    "x": "x",
    "cross": "P",
    "star": "*",
    "line-ns": "|",
}


def _values(values: Iterable[Any]) -> list[Any]:
    return [np.nan if value is None else words_of(value) if isinstance(value, str) else value for value in values]


def scatter(axes: Axes, trace: Any, number: int) -> None:
    x, y = _values(trace.x), _values(trace.y)
    mode = trace.mode or "lines"
    marker, line = trace.marker, trace.line
    tint = colour(line.color) or colour(marker.color if isinstance(marker.color, str) else None) or f"C{number}"
    label = words_of(trace.name) if trace.name else "_nolegend_"
    if trace.fill:
        _fill(axes, trace, x, y, label)
        label = "_nolegend_"
    if trace.error_x.array is not None or trace.error_y.array is not None:
        bars = trace.error_y if trace.error_y.array is not None else trace.error_x
        axes.errorbar(
            x,
            y,
            xerr=_error(trace.error_x),
            yerr=_error(trace.error_y),
            fmt="none",
            ecolor=colour(bars.color) or tint,
            elinewidth=(bars.thickness or 1.5) * POINTS,
            capsize=(bars.width or 4) * POINTS,
        )
    if "lines" in mode:
        style = DASHES.get(line.dash or "solid")
        if style is None:
            raise UndrawableError(f"no way to draw the dash {line.dash}")
        steps = {"hv": "steps-post", "vh": "steps-pre"}.get(line.shape or "", "default")
        width = 2 if line.width is None else line.width
        axes.plot(x, y, color=tint, linewidth=width * POINTS, linestyle=style, label=label, drawstyle=steps)
        label = "_nolegend_"
    if "markers" in mode and (trace.opacity if trace.opacity is not None else 1) > 0 and marker.opacity != 0:
        _markers(axes, x, y, marker, tint, label)
    if "text" in mode:
        for at, (place, words) in enumerate(zip(zip(x, y, strict=True), trace.text, strict=True)):
            font = trace.textfont
            tone = font.color[at] if isinstance(font.color, (tuple, list)) else font.color
            axes.annotate(
                str(words),
                place,
                color=colour(tone) or tint,
                fontsize=(font.size or 12) * POINTS,
                ha="center",
                va="center",
            )


def _fill(axes: Axes, trace: Any, x: list[Any], y: list[Any], label: str) -> None:
    if trace.fill == "toself":
        axes.fill(x, y, color=colour(trace.fillcolor), linewidth=0, label=label)
    elif trace.fill == "tozeroy":
        axes.fill_between(x, y, color=colour(trace.fillcolor), linewidth=0, label=label)
    else:
        raise UndrawableError(f"no way to fill {trace.fill}")


def _markers(axes: Axes, x: list[Any], y: list[Any], marker: Any, tint: Any, label: str) -> None:
    def each(value: Any) -> list[Any]:
        return list(value) if isinstance(value, (list, tuple, np.ndarray)) else [value] * len(x)

    rows = zip(x, y, each(marker.symbol or "circle"), each(marker.color), each(marker.size or 6), strict=True)
    for at, (across, up, symbol, own, size) in enumerate(rows):
        shape = _SYMBOLS.get(symbol.removesuffix("-open"))
        if shape is None:
            raise UndrawableError(f"no way to draw the marker {symbol}")
        tone = colour(own) or tint
        hollow = symbol.endswith("-open")
        axes.plot(
            [across],
            [up],
            linestyle="none",
            marker=shape,
            markersize=size * POINTS,
            markerfacecolor="none" if hollow else tone,
            markeredgecolor=tone,
            markeredgewidth=(marker.line.width or (1.5 if hollow else 0)) * POINTS,
            alpha=marker.opacity,
            label=label if at == 0 else "_nolegend_",
        )


def _error(bars: Any) -> Any:
    if bars.array is None:
        return None
    up = np.asarray(bars.array, float)
    down = up if bars.arrayminus is None else np.asarray(bars.arrayminus, float)
    return np.stack([down.clip(0), up.clip(0)])


def bars(axes: Axes, trace: Any) -> None:
    width = 0.8 if trace.width is None else trace.width
    tones = trace.marker.color
    tint = [colour(tone) for tone in tones] if isinstance(tones, (list, tuple)) else colour(tones)
    label = words_of(trace.name) if trace.name else "_nolegend_"
    lying = trace.orientation == "h"
    draw, places, lengths = (axes.barh, trace.y, trace.x) if lying else (axes.bar, trace.x, trace.y)
    draw(_values(places), _values(lengths), width, trace.base, color=tint, alpha=trace.opacity, label=label)


def heatmap(axes: Axes, trace: Any) -> None:
    z = np.array([[np.nan if value is None else value for value in row] for row in trace.z], float)
    x = list(range(z.shape[1])) if trace.x is None else list(trace.x)
    y = list(range(z.shape[0])) if trace.y is None else list(trace.y)
    stops = [(share, colour(tone)) for share, tone in trace.colorscale]
    palette = LinearSegmentedColormap.from_list("trace", stops)
    low = np.nanmin(z) if trace.zmin is None else trace.zmin
    high = np.nanmax(z) if trace.zmax is None else trace.zmax
    gap = 0.0 if not trace.xgap else 0.02
    for i, up in enumerate(range(len(y))):
        for j, across in enumerate(range(len(x))):
            if np.isfinite(z[i, j]):
                share = (z[i, j] - low) / (high - low) if high > low else 0.0
                middle = (x[across] if _numbers(x) else across, y[up] if _numbers(y) else up)
                corner = (middle[0] - 0.5 + gap, middle[1] - 0.5 + gap)
                cell = mpl.patches.Rectangle(corner, 1 - 2 * gap, 1 - 2 * gap, facecolor=palette(share), linewidth=0)
                axes.add_patch(cell)
    if not _numbers(x):
        axes.set_xticks(range(len(x)), [words_of(str(value)) for value in x])
        axes.set_xlim(-0.5, len(x) - 0.5)
    if not _numbers(y):
        axes.set_yticks(range(len(y)), [words_of(str(value)) for value in y])
        axes.set_ylim(-0.5, len(y) - 0.5)


def _numbers(values: Sequence[Any]) -> bool:
    return all(isinstance(value, (int, float)) for value in values)
