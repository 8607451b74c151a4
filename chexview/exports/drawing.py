"""Plotly figures as PNG, SVG and PDF without a browser on the server: the same data drawn by matplotlib.

Only what the house's figures use is drawn (scatter, bar and heatmap traces, error bars, lines and rectangles, annotations, one
pair of axes); anything else is an error, so that no part of a figure is left out silently. SVG keeps its words as text.
"""

import io
import re
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import matplotlib as mpl
import numpy as np
import plotly.graph_objects as go
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MultipleLocator, NullLocator

from chexview.exports import frame
from chexview.text.escape import unescaped

WIDTH = 760
"""Pixels across where a figure names no width."""

SQUARE = 560
"""Pixels across at least of a figure whose axes are a square."""

DPI = 96
INK = "#1F1E1C"
"""What words are written in where a figure names no colour."""

_POINTS = 72 / DPI
_DASHES = {"solid": "-", "dash": (0, (6, 3)), "dot": (0, (1.5, 2.5)), "dashdot": (0, (6, 2, 1.5, 2))}
_SYMBOLS = {"circle": "o", "square": "s", "diamond": "D", "triangle-up": "^", "x": "x", "cross": "P", "line-ns": "|"}
_STYLE: Any = {"svg.fonttype": "none", "pdf.fonttype": 42, "font.family": "sans-serif", "svg.hashsalt": "chexview"}
_SIDES = {"left": "left", "right": "right", "center": "center", "top": "top", "bottom": "bottom", "middle": "center"}


class UndrawableError(ValueError):
    """A figure holds something that this module cannot draw."""


def html(figure: go.Figure) -> bytes:
    """The figure as one HTML page that works without a network: plotly.js is inside (about 5 MB)."""
    config = {"showSendToCloud": False, "plotlyServerURL": "", "displaylogo": False}
    return str(figure.to_html(include_plotlyjs=True, config=config)).encode()


def svg(figure: go.Figure, background: str = "white") -> bytes:
    """The figure as SVG, its words as text."""
    return _saved(figure, "svg", background)


def png(figure: go.Figure, background: str = "white", scale: float = 2.0) -> bytes:
    """The figure as PNG, ``scale`` pixels to each of the figure's own."""
    return _saved(figure, "png", background, dpi=DPI * scale)


def pdf(figure: go.Figure, background: str = "white") -> bytes:
    """The figure as a PDF of its own size, its words as text, without a date of its own."""
    return _saved(figure, "pdf", background)


_METADATA: dict[str, Any] = {
    "svg": {"Date": None},
    "pdf": {"CreationDate": None, "Producer": "CheXView"},
    "png": {"Software": "CheXView"},
}


def _saved(figure: go.Figure, kind: str, background: str, **how: Any) -> bytes:
    with mpl.rc_context(_STYLE):
        drawn = draw(figure)
        data = io.BytesIO()
        drawn.savefig(data, format=kind, facecolor=background, metadata=_METADATA[kind], **how)
    return data.getvalue()


def draw(figure: go.Figure) -> Figure:
    """The figure as matplotlib's, at the same size. Raises UndrawableError for what is beyond this module."""
    layout, margin = figure.layout, figure.layout.margin
    room = max(margin.r or 16, 56 if layout.xaxis.tickangle else 28)
    sides, ends = (margin.l or 60) + room, (margin.b or 48)
    title, lines = _caption(layout)
    sizes = (layout.title.font.size or 16, layout.title.subtitle.font.size or 12)
    width = layout.width or WIDTH
    labels = [str(trace.name) for trace in figure.data if trace.name and trace.showlegend is not False]
    keyed = layout.showlegend is not False and len(labels) > 1
    plot = (layout.height or 420) - (margin.t or 16) - ends
    if layout.yaxis.scaleanchor and layout.width is None:
        width = max(SQUARE, plot + sides)
    top = margin.t or 16
    if title:
        size = (layout.font.size or 12) * _POINTS
        rows = -(-len(labels) // frame.legend_columns(labels, size, width / DPI * 72)) if keyed else 0
        top = frame.caption_height(title, lines, sizes, width) + max(16, 22 * rows + 8, _over(layout))
    height = plot + top + ends if title else (layout.height or 420)
    drawn = Figure(figsize=(width / DPI, height / DPI), dpi=DPI)
    FigureCanvasAgg(drawn)
    left, right = (margin.l or 60) / width, 1 - room / width
    axes = drawn.add_axes((left, ends / height, right - left, 1 - (top + ends) / height))
    onto(axes, figure)
    if title:
        frame.write_caption(
            drawn, title, lines, sizes, colour(layout.title.font.color) or colour(layout.font.color) or INK
        )
    return drawn


def _caption(layout: Any) -> tuple[list[str], list[str]]:
    """The lines of the figure's title, and of what stands under it."""
    title = [words for words, _ in _lines(layout.title.text)] if layout.title.text else []
    below = layout.title.subtitle.text
    return title, [words for words, _ in _lines(below)] if below else []


def _over(layout: Any) -> float:
    """Pixels over the axes that the figure itself asks for, beside a caption's."""
    pad = layout.meta.get("own_top", 0) if isinstance(layout.meta, dict) else 0
    return float(pad)


def onto(axes: Axes, figure: go.Figure) -> None:
    """Draws the figure into given axes, whose place is the caller's. Raises UndrawableError."""
    layout = figure.layout
    _axis(axes, layout.xaxis, "x", layout.font)
    _axis(axes, layout.yaxis, "y", layout.font)
    for number, trace in enumerate(figure.data):
        match trace.type:
            case "scatter":
                _scatter(axes, trace, number)
            case "bar":
                _bars(axes, trace)
            case "heatmap":
                _heatmap(axes, trace)
            case other:
                raise UndrawableError(f"no way to draw a trace of type {other}")
    for shape in layout.shapes:
        _shape(axes, shape)
    for note in layout.annotations:
        _annotation(axes, note, layout.font)
    if layout.yaxis.scaleanchor:
        axes.set_aspect("equal", adjustable="box", anchor="NW" if layout.xaxis.constraintoward == "left" else "C")
    if layout.showlegend is not False and sum(bool(trace.name) for trace in figure.data) > 1:
        _legend(axes, layout)


def colour(text: str | None) -> Any:
    """``#rrggbb``, ``rgb(...)``, ``rgba(...)`` or a name as matplotlib takes it; None stays None."""
    if text is None:
        return None
    if found := re.fullmatch(r"rgba?\(([^)]*)\)", text):
        numbers = [float(part) for part in found[1].split(",")]
        return (*(value / 255 for value in numbers[:3]), numbers[3] if len(numbers) > 3 else 1.0)
    return text


def _lines(text: str) -> list[tuple[str, bool]]:
    """The lines of plotly's small HTML, each with whether it is bold. Raises UndrawableError for other tags."""
    parts = []
    for line in re.split(r"<br ?/?>", text):
        bold = line.startswith("<b>")
        plain = re.sub(r"</?[bi]>", "", line)
        if "<" in plain and re.search(r"</?\w", plain):
            raise UndrawableError(f"no way to write {line!r}")
        parts.append((_words(plain), bold))
    return parts


def _words(text: str) -> str:
    """Plotly's text as matplotlib's: characters for their references, and no formulas."""
    return unescaped(text).replace("$", r"\$")


def _values(values: Iterable[Any]) -> list[Any]:
    return [np.nan if value is None else _words(value) if isinstance(value, str) else value for value in values]


def _scatter(axes: Axes, trace: Any, number: int) -> None:
    x, y = _values(trace.x), _values(trace.y)
    mode = trace.mode or "lines"
    marker, line = trace.marker, trace.line
    tint = colour(line.color) or colour(marker.color if isinstance(marker.color, str) else None) or f"C{number}"
    if trace.fill:
        _fill(axes, trace, x, y)
    if trace.error_x.array is not None or trace.error_y.array is not None:
        bars = trace.error_y if trace.error_y.array is not None else trace.error_x
        axes.errorbar(
            x,
            y,
            xerr=_error(trace.error_x),
            yerr=_error(trace.error_y),
            fmt="none",
            ecolor=colour(bars.color) or tint,
            elinewidth=(bars.thickness or 1.5) * _POINTS,
            capsize=(bars.width or 4) * _POINTS,
        )
    label = _words(trace.name) if trace.name else "_nolegend_"
    if "lines" in mode:
        style = _DASHES.get(line.dash or "solid")
        if style is None:
            raise UndrawableError(f"no way to draw the dash {line.dash}")
        steps = {"hv": "steps-post", "vh": "steps-pre"}.get(line.shape or "", "default")
        width = 2 if line.width is None else line.width
        axes.plot(x, y, color=tint, linewidth=width * _POINTS, linestyle=style, label=label, drawstyle=steps)
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
                fontsize=(font.size or 12) * _POINTS,
                ha="center",
                va="center",
            )


def _fill(axes: Axes, trace: Any, x: list[Any], y: list[Any]) -> None:
    if trace.fill == "toself":
        axes.fill(x, y, color=colour(trace.fillcolor), linewidth=0)
    elif trace.fill == "tozeroy":
        axes.fill_between(x, y, color=colour(trace.fillcolor), linewidth=0)
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
            markersize=size * _POINTS,
            markerfacecolor="none" if hollow else tone,
            markeredgecolor=tone,
            markeredgewidth=(marker.line.width or (1.5 if hollow else 0)) * _POINTS,
            alpha=marker.opacity,
            label=label if at == 0 else "_nolegend_",
        )


def _error(bars: Any) -> Any:
    if bars.array is None:
        return None
    up = np.asarray(bars.array, float)
    down = up if bars.arrayminus is None else np.asarray(bars.arrayminus, float)
    return np.stack([down.clip(0), up.clip(0)])


def _bars(axes: Axes, trace: Any) -> None:
    width = 0.8 if trace.width is None else trace.width
    tones = trace.marker.color
    tint = [colour(tone) for tone in tones] if isinstance(tones, (list, tuple)) else colour(tones)
    label = _words(trace.name) if trace.name else "_nolegend_"
    if trace.orientation == "h":
        axes.barh(
            _values(trace.y),
            _values(trace.x),
            height=width,
            left=trace.base,
            color=tint,
            alpha=trace.opacity,
            label=label,
        )
    else:
        axes.bar(
            _values(trace.x),
            _values(trace.y),
            width=width,
            bottom=trace.base,
            color=tint,
            alpha=trace.opacity,
            label=label,
        )


def _heatmap(axes: Axes, trace: Any) -> None:
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
        axes.set_xticks(range(len(x)), [_words(str(value)) for value in x])
        axes.set_xlim(-0.5, len(x) - 0.5)
    if not _numbers(y):
        axes.set_yticks(range(len(y)), [_words(str(value)) for value in y])
        axes.set_ylim(-0.5, len(y) - 0.5)


def _numbers(values: Sequence[Any]) -> bool:
    return all(isinstance(value, (int, float)) for value in values)


def _axis(axes: Axes, axis: Any, which: Literal["x", "y"], font: Any) -> None:
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
    size = (axis.tickfont.size or font.size or 12) * _POINTS
    tone = colour(axis.tickfont.color) or colour(font.color) or INK
    if axis.tickvals is not None:
        texts = [
            value if text is None else text
            for value, text in zip(axis.tickvals, axis.ticktext or axis.tickvals, strict=True)
        ]
        side.set_ticks(list(axis.tickvals), ["\n".join(words for words, _ in _lines(str(text))) for text in texts])
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
        axes.grid(visible=True, axis=which, color=colour(axis.gridcolor), linewidth=_POINTS)
    if axis.title.text:
        words = "\n".join(line for line, _ in _lines(axis.title.text))
        side.set_label_text(
            words, color=colour(axis.title.font.color) or tone, fontsize=(axis.title.font.size or 13) * _POINTS
        )


def _formatted(value: float, form: str) -> str:
    """A number as d3's ``.0%`` and ``.2f`` write it."""
    if found := re.fullmatch(r",?\.(\d)([%fg])", form):
        return f"{value:{',' if form[0] == ',' else ''}.{found[1]}{found[2]}}"
    if form == ",":
        return f"{value:,.0f}"
    raise UndrawableError(f"no way to write numbers as {form!r}")


def _shape(axes: Axes, shape: Any) -> None:
    line = {"color": colour(shape.line.color), "linewidth": (shape.line.width or 0) * _POINTS}
    tall, wide = (
        str(shape.yref).endswith("domain") or shape.yref == "paper",
        str(shape.xref).endswith("domain") or shape.xref == "paper",
    )
    if shape.type == "line" and shape.x0 == shape.x1 and tall:
        axes.axvline(shape.x0, linestyle=_DASHES[shape.line.dash or "solid"], **line)
    elif shape.type == "line" and shape.y0 == shape.y1 and wide:
        axes.axhline(shape.y0, linestyle=_DASHES[shape.line.dash or "solid"], **line)
    elif shape.type == "line":
        axes.plot([shape.x0, shape.x1], [shape.y0, shape.y1], linestyle=_DASHES[shape.line.dash or "solid"], **line)
    elif shape.type == "rect" and tall:
        axes.axvspan(shape.x0, shape.x1, color=colour(shape.fillcolor), linewidth=0)
    elif shape.type == "rect" and wide:
        axes.axhspan(shape.y0, shape.y1, color=colour(shape.fillcolor), linewidth=0)
    elif shape.type == "rect":
        size = (shape.x1 - shape.x0, shape.y1 - shape.y0)
        edge = {"edgecolor": line["color"], "linewidth": line["linewidth"]}
        axes.add_patch(
            mpl.patches.Rectangle((shape.x0, shape.y0), *size, facecolor=colour(shape.fillcolor) or "none", **edge)
        )
    else:
        raise UndrawableError(f"no way to draw a shape of type {shape.type}")


def _annotation(axes: Axes, note: Any, font: Any) -> None:
    if note.showarrow is not False:
        raise UndrawableError("no way to draw an arrow")
    across, up = (str(ref).endswith("domain") or ref == "paper" for ref in (note.xref, note.yref))
    transform = mpl.transforms.blended_transform_factory(
        axes.transAxes if across else axes.transData, axes.transAxes if up else axes.transData
    )
    size = (note.font.size or font.size or 12) * _POINTS
    lines = _lines(note.text)
    anchor = note.yanchor or "middle"
    for at, (words, bold) in enumerate(lines):
        below = {"top": at, "bottom": at - len(lines) + 1}.get(anchor, at - (len(lines) - 1) / 2)
        axes.annotate(
            words,
            (note.x, note.y),
            xycoords=transform,
            xytext=(note.xshift or 0, (note.yshift or 0) * _POINTS - below * size * 1.35),
            textcoords="offset points",
            color=colour(note.font.color) or colour(font.color) or INK,
            fontsize=size,
            fontweight="bold" if bold else "normal",
            ha=_SIDES[note.xanchor or "center"],
            va=_SIDES[anchor],
            annotation_clip=False,
        )


def _legend(axes: Axes, layout: Any) -> None:
    tone = colour(layout.legend.font.color) or colour(layout.font.color) or INK
    size = (layout.font.size or 12) * _POINTS
    if layout.legend.orientation == "h":
        frame.legend_above(axes, tone, size)
    else:
        axes.legend(loc="best", frameon=False, labelcolor=tone, fontsize=size)
