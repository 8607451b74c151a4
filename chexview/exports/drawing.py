"""Plotly figures as PNG, SVG and PDF without a browser on the server: the same data drawn by matplotlib.

Only what the house's figures use is drawn (scatter, bar and heatmap traces, error bars, lines and rectangles, annotations, one
pair of axes); anything else is an error, so that no part of a figure is left out silently. SVG keeps its words as text.
"""

import io
from typing import Any

import matplotlib as mpl
import plotly.graph_objects as go
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from chexview.exports import frame
from chexview.exports.axes import lay_axis
from chexview.exports.style import DASHES, DPI, INK, POINTS, UndrawableError, colour, lines_of
from chexview.exports.traces import bars, heatmap, scatter

WIDTH = 760
"""Pixels across where a figure names no width."""

SQUARE = 560
"""Pixels across at least of a figure whose axes are a square."""


_STYLE: Any = {"svg.fonttype": "none", "pdf.fonttype": 42, "font.family": "sans-serif", "svg.hashsalt": "chexview"}
_SIDES = {"left": "left", "right": "right", "center": "center", "top": "top", "bottom": "bottom", "middle": "center"}


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
        size = (layout.font.size or 12) * POINTS
        rows = -(-len(labels) // frame.legend_columns(labels, size, width / DPI * 72)) if keyed else 0
        top = frame.caption_height(title, lines, sizes, width) + max(16, 22 * rows + 8, _over(layout))
    height = plot + top + ends if title else (layout.height or 420)
    drawn = Figure(figsize=(width / DPI, height / DPI), dpi=DPI)
    FigureCanvasAgg(drawn)
    left, right = (margin.l or 60) / width, 1 - room / width
    axes = drawn.add_axes((left, ends / height, right - left, 1 - (top + ends) / height))
    onto(axes, figure)
    frame.keep_inside(axes)
    if title:
        frame.write_caption(
            drawn, title, lines, sizes, colour(layout.title.font.color) or colour(layout.font.color) or INK
        )
    return drawn


def _caption(layout: Any) -> tuple[list[str], list[str]]:
    """The lines of the figure's title, and of the lines under it."""
    title = [words for words, _ in lines_of(layout.title.text)] if layout.title.text else []
    below = layout.title.subtitle.text
    return title, [words for words, _ in lines_of(below)] if below else []


def _over(layout: Any) -> float:
    """Pixels over the axes that the figure itself asks for, beside a caption's."""
    pad = layout.meta.get("own_top", 0) if isinstance(layout.meta, dict) else 0
    return float(pad)


def onto(axes: Axes, figure: go.Figure) -> None:
    """Draws the figure into given axes, whose place is the caller's. Raises UndrawableError."""
    layout = figure.layout
    lay_axis(axes, layout.xaxis, "x", layout.font)
    lay_axis(axes, layout.yaxis, "y", layout.font)
    for number, trace in enumerate(figure.data):
        match trace.type:
            case "scatter":
                scatter(axes, trace, number)
            case "bar":
                bars(axes, trace)
            case "heatmap":
                heatmap(axes, trace)
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


def _shape(axes: Axes, shape: Any) -> None:
    line = {"color": colour(shape.line.color), "linewidth": (shape.line.width or 0) * POINTS}
    tall, wide = (
        str(shape.yref).endswith("domain") or shape.yref == "paper",
        str(shape.xref).endswith("domain") or shape.xref == "paper",
    )
    if shape.type == "line" and shape.x0 == shape.x1 and tall:
        axes.axvline(shape.x0, linestyle=DASHES[shape.line.dash or "solid"], **line)
    elif shape.type == "line" and shape.y0 == shape.y1 and wide:
        axes.axhline(shape.y0, linestyle=DASHES[shape.line.dash or "solid"], **line)
    elif shape.type == "line":
        axes.plot([shape.x0, shape.x1], [shape.y0, shape.y1], linestyle=DASHES[shape.line.dash or "solid"], **line)
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
    size = (note.font.size or font.size or 12) * POINTS
    lines = lines_of(note.text)
    anchor = note.yanchor or "middle"
    for at, (words, bold) in enumerate(lines):
        below = {"top": at, "bottom": at - len(lines) + 1}.get(anchor, at - (len(lines) - 1) / 2)
        axes.annotate(
            words,
            (note.x, note.y),
            xycoords=transform,
            xytext=(note.xshift or 0, (note.yshift or 0) * POINTS - below * size * 1.35),
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
    size = (layout.font.size or 12) * POINTS
    if layout.legend.orientation == "h":
        frame.legend_above(axes, tone, size)
    else:
        axes.legend(loc="best", frameon=False, labelcolor=tone, fontsize=size)
