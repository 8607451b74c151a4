"""A figure with its caption over it, for paper."""

import plotly.graph_objects as go

from chexview.text.caption import FigureCaption
from chexview.text.escape import escaped

LINE = 18
"""Pixels of a line of the caption."""


def captioned(figure: go.Figure, caption: FigureCaption) -> go.Figure:
    """The same figure, taller, with the caption over it. Changes the figure, and returns it."""
    room = 14 + 22 + LINE * len(caption.lines)
    top = figure.layout.margin.t or 16
    figure.update_layout(
        height=(figure.layout.height or 420) + room,
        margin={"t": top + room},
        meta={"own_top": top},
        title={
            "text": f"<b>{escaped(caption.title)}</b>",
            "subtitle": {"text": "<br>".join(escaped(line) for line in caption.lines), "font": {"size": 12}},
            "font": {"size": 16},
            "x": 0.0,
            "xref": "container",
            "xanchor": "left",
            "y": 1.0,
            "yref": "container",
            "yanchor": "top",
            "pad": {"l": 14, "t": 14},
            "automargin": False,
        },
    )
    return figure
