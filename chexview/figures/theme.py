"""How every figure looks: colours that reach 3:1 on light and dark, and that colour-blind readers tell apart.

The series are Okabe and Ito's palette (2008) with Tol's wine, each only on the background on which it reaches the
contrast that WCAG 2.2 asks of graphics (1.4.11, 3:1). Five lines at most stand in a plot, and their dashes tell them
apart as well.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import plotly.graph_objects as go

from chexview.evaluation.confusion import Cell

CLEAR = "rgba(0,0,0,0)"

Margin = tuple[int, int, int, int]
MARGIN: Margin = (60, 16, 16, 56)
"""Pixels beside the axes: left, right, top, bottom."""

_PRIVATE: dict[str, Any] = {"showSendToCloud": False, "plotlyServerURL": ""}
"""plotly.js 4 offers by default to send a chart's data to its maker's server."""

CONFIG: dict[str, Any] = {
    **_PRIVATE,
    "doubleClick": False,
    "displaylogo": False,
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "zoom2d", "pan2d", "zoomIn2d", "zoomOut2d", "autoScale2d"],
    "toImageButtonOptions": {"format": "svg"},
}
"""What ``st.plotly_chart`` passes on: a second click is no double click, and the camera saves SVG."""

CHART: dict[str, Any] = {**CONFIG, "displayModeBar": False}
"""The same without plotly's own bar, for figures that our menu saves."""

STATIC: dict[str, Any] = {**_PRIVATE, "staticPlot": True}
"""For small multiples that nobody clicks."""


class Mode(StrEnum):
    """The page's background; the values are those of ``st.context.theme.type``."""

    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of one background, as ``#RRGGBB``.

    ``ink`` is for words and ``muted`` for what should step back, both 4.5:1 at least; ``grid`` is decoration.
    ``series`` are the lines' colours in order, ``warm`` and ``cool`` those of flagged and not flagged, ``cells`` those of the four
    cells of a confusion matrix wherever films of a cell are shown.
    """

    mode: Mode
    ink: str
    muted: str
    grid: str
    card: str
    series: tuple[str, ...]
    warm: str
    cool: str
    cells: Mapping[Cell, str]


LIGHT = Theme(
    mode=Mode.LIGHT,
    ink="#1F1E1C",
    muted="#66635E",
    grid="#DEDBD5",
    card="#FFFFFF",
    series=("#0072B2", "#D55E00", "#009E73", "#AA3377", "#595959"),
    warm="#D55E00",
    cool="#0072B2",
    cells={
        Cell.TRUE_POSITIVE: "#00805E",
        Cell.FALSE_POSITIVE: "#B06A00",
        Cell.FALSE_NEGATIVE: "#AA3377",
        Cell.TRUE_NEGATIVE: "#77746D",
    },
)
DARK = Theme(
    mode=Mode.DARK,
    ink="#EFEDE8",
    muted="#A8A49C",
    grid="#3A3834",
    card="#24221F",
    series=("#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#F0E442"),
    warm="#E69F00",
    cool="#56B4E9",
    cells={
        Cell.TRUE_POSITIVE: "#2BB58D",
        Cell.FALSE_POSITIVE: "#E69F00",
        Cell.FALSE_NEGATIVE: "#CC79A7",
        Cell.TRUE_NEGATIVE: "#8C8982",
    },
)


def theme(mode: str | None) -> Theme:
    """The theme of ``st.context.theme.type``; light where the browser has not reported one yet."""
    return DARK if mode == Mode.DARK.value else LIGHT


def style_sheet(look: Theme) -> str:
    """The colours of the four cells as CSS's custom properties ``--tp``, ``--fp``, ``--fn`` and ``--tn``, for what is no figure."""
    names = {cell: "".join(word[0] for word in cell.value.split()) for cell in Cell}
    return f":root {{ {' '.join(f'--{names[cell]}: {colour};' for cell, colour in look.cells.items())} }}"


def rgba(colour: str, alpha: float) -> str:
    """``#RRGGBB`` with an opacity from 0 to 1, as plotly writes it."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha:g})"


def dress(figure: go.Figure, look: Theme, height: int, margin: Margin = MARGIN) -> go.Figure:
    """Gives a figure the house's layout: the page's own font, no background, quiet axes.

    ``height`` and ``margin`` (left, right, top, bottom) are in pixels. Drawings of one kind keep what the reader did to
    them (``uirevision``). Returns the figure.
    """
    figure.update_layout(_layout(look, height, margin))
    figure.update_xaxes(_axis(look))
    figure.update_yaxes(_axis(look))
    return figure


def drawn(
    traces: Sequence[Mapping[str, Any]],
    look: Theme,
    height: int,
    margin: Margin = MARGIN,
    layout: Mapping[str, Any] | None = None,
) -> go.Figure:
    """A figure of one pair of axes in the house's layout, put together at once: plotly checks each part that is added to a
    figure with all that is there already, which takes ten times as long.

    ``traces`` and ``layout`` are as plotly's JSON has them; ``layout`` goes over the house's. ``margin`` as in :func:`dress`.
    """
    house = {**_layout(look, height, margin), "xaxis": _axis(look), "yaxis": _axis(look)}
    return go.Figure([{"type": "scatter", **trace} for trace in traces], _over(house, layout or {}))


def _over(under: Mapping[str, Any], layout: Mapping[str, Any]) -> dict[str, Any]:
    """``layout`` over what lies under it, part by part."""
    found = dict(under)
    for name, value in layout.items():
        found[name] = _over(found[name], value) if isinstance(value, Mapping) and name in found else value
    return found


def _layout(look: Theme, height: int, margin: Margin) -> dict[str, Any]:
    left, right, top, bottom = margin
    return {
        "template": go.layout.Template(),
        "font": {"family": "inherit", "color": look.ink, "size": 13},
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "height": height,
        "margin": {"l": left, "r": right, "t": top, "b": bottom},
        "hoverlabel": {
            "bgcolor": look.card,
            "bordercolor": look.grid,
            "font": {"family": "inherit", "color": look.ink, "size": 13},
            "align": "left",
        },
        "legend": {"bgcolor": CLEAR, "font": {"color": look.ink}},
        "modebar": {"bgcolor": CLEAR, "color": look.muted, "activecolor": look.ink},
        "dragmode": False,
        "uirevision": "kept",
    }


def _axis(look: Theme) -> dict[str, Any]:
    return {
        "gridcolor": look.grid,
        "zeroline": False,
        "linecolor": look.muted,
        "tickcolor": look.muted,
        "tickfont": {"color": look.muted},
        "title": {"font": {"color": look.ink, "size": 13}},
    }


def model_curve(
    x: list[float], y: list[float], customdata: list[list[Any]], hovertext: list[str], look: Theme
) -> dict[str, Any]:
    """The model's curve as a trace, each point of which can be clicked and says ``hovertext``."""
    return {
        "x": x,
        "y": y,
        "customdata": customdata,
        "hovertext": hovertext,
        "hovertemplate": "%{hovertext}<extra></extra>",
        "mode": "lines+markers",
        "line": {"color": look.series[0], "width": 2.5},
        "marker": {"size": 3, "color": look.series[0]},
        "selected": {"marker": {"opacity": 1}},
        "unselected": {"marker": {"opacity": 1}},
        "name": "Model",
    }


def message(words: str, look: Theme, height: int) -> go.Figure:
    """A figure that says why there is nothing to draw."""
    figure = go.Figure()
    figure.add_annotation(
        text=words, showarrow=False, x=0.5, y=0.5, xref="paper", yref="paper", font={"color": look.muted, "size": 15}
    )
    dress(figure, look, height)
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    return figure
