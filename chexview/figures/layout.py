"""Where a curve stands in the room a page gives it: flush left, its key over it, its axes' titles clear of their ticks."""

import plotly.graph_objects as go

_KEY = 34
"""Pixels over the curve for its key."""
SQUARE_X, SQUARE_Y = {"constrain": "domain"}, {"constrain": "domain", "scaleanchor": "x"}
"""What makes one unit across one unit up, for either axis."""


def square(figure: go.Figure) -> go.Figure:
    """One unit across is one unit up, and neither axis reaches beyond its range to fill a narrow room."""
    figure.update_xaxes(SQUARE_X)
    figure.update_yaxes(SQUARE_Y)
    return figure


def flush_left(figure: go.Figure) -> go.Figure:
    """A square curve at the left of its room, so that it lines up with what stands over and under it."""
    figure.update_layout(
        legend={
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1,
            "yanchor": "bottom",
            "entrywidth": 0,
            "entrywidthmode": "pixels",
        },
        margin={"l": 64, "r": 8, "t": _KEY if figure.layout.showlegend else 8, "b": 64},
    )
    figure.update_xaxes(constraintoward="left", title_standoff=8)
    figure.update_yaxes(constraintoward="top", title_standoff=10)
    return figure


def whole_steps(figure: go.Figure, steps: int) -> go.Figure:
    """Ticks at whole numbers on an x-axis of so many steps: epochs have no halves."""
    if steps <= 12:
        figure.update_xaxes(tick0=0, dtick=1)
    return figure
