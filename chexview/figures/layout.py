"""Where a curve is placed on a page: flush left, its legend over it, its axes' titles clear of their ticks; and the layout of four
cells."""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

_KEY_HEIGHT = 34
"""Pixels over the curve for its key, where that is one row."""
KEY: dict[str, Any] = {
    "orientation": "h",
    "x": 0,
    "xanchor": "left",
    "yref": "container",
    "y": 0.99,
    "yanchor": "top",
}
"""A figure's key over its axes, hung from the figure's upper edge. One that stands on the axes is left where their edge was
when its rows become fewer in a wider window, and lies over the curves."""
SQUARE_X, SQUARE_Y = {"constrain": "domain"}, {"constrain": "domain", "scaleanchor": "x"}
"""What makes one unit across one unit up, for either axis."""


def four_cells(
    shapes: Sequence[Mapping[str, Any]],
    annotations: Sequence[Mapping[str, Any]],
    across: list[str],
    down: list[str],
    ink: str,
) -> dict[str, Any]:
    """The layout of a table of two columns and two rows whose cells are drawn and can be clicked: ``across`` are the names of its
    columns, ``down`` those of its rows from below, in the colour ``ink``."""
    axis = {
        "range": [-0.5, 1.5],
        "showgrid": False,
        "fixedrange": True,
        "tickvals": [0, 1],
        "tickfont": {"color": ink},
    }
    return {
        "clickmode": "event+select",
        "hovermode": "closest",
        "showlegend": False,
        "shapes": shapes,
        "annotations": annotations,
        "xaxis": {**axis, "ticktext": across, "side": "top"},
        "yaxis": {**axis, "ticktext": down},
    }


def square(figure: go.Figure) -> go.Figure:
    """One unit across is one unit up, and neither axis reaches beyond its range to fill a narrow room."""
    figure.update_xaxes(SQUARE_X)
    figure.update_yaxes(SQUARE_Y)
    return figure


def flush_left(figure: go.Figure) -> go.Figure:
    """A square curve at the left of its room, so that it is aligned with what is above and below it."""
    layout = figure.layout
    layout.legend = {**layout.legend.to_plotly_json(), **KEY, "entrywidth": 0, "entrywidthmode": "pixels"}
    layout.margin = {"l": 64, "r": 8, "t": _KEY_HEIGHT if layout.showlegend else 8, "b": 64}
    layout.xaxis.constraintoward, layout.xaxis.title.standoff = "left", 8
    layout.yaxis.constraintoward, layout.yaxis.title.standoff = "top", 10
    return figure


def whole_steps(figure: go.Figure, steps: int) -> go.Figure:
    """Ticks at whole numbers on an x-axis of so many steps: epochs have no halves."""
    if steps <= 12:
        figure.update_xaxes(tick0=0, dtick=1)
    return figure
