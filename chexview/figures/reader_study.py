"""A reader's own ROC curve and points beside the model's and radiologists'."""

import numpy as np
import plotly.graph_objects as go

from chexview.evaluation.curves import RocCurve
from chexview.evaluation.estimate import Estimate
from chexview.figures.layout import flush_left, square
from chexview.figures.theme import Theme, dress, message
from chexview.studies.results import FindingResult, Rates
from chexview.text import estimates
from chexview.text.escape import escaped

HEIGHT = 480
LEGEND = {"orientation": "h", "x": 0, "xanchor": "left", "y": -0.22, "yanchor": "top"}
"""Under the curves: it has up to eight entries, and on a telephone a row for each."""
RADIOLOGISTS = "Radiologists"
"""The one entry of the key for all of them; they share a sign."""


def study_figure(result: FindingResult, look: Theme, height: int = HEIGHT) -> go.Figure:
    """The reader's curve from confidence with the points before and after advice, the model's curve and point, the label and
    the radiologists, on the same films."""
    if not result.curve.positives or not result.curve.negatives:
        return message("No curve yet: films with the finding and films without it are needed.", look, height)
    figure = go.Figure()
    _curve(figure, result.curve, "Your curve", look.series[0], "solid")
    if result.model is not None:
        _curve(figure, result.model.curve, "Model's curve", look.series[1], "dash")
        _point(figure, result.model.rates, look.series[1], "square")
    for rates in result.radiologists:
        _point(figure, rates, look.muted, "diamond-open", bars=False, of_many=RADIOLOGISTS)
    if result.label is not None:
        _point(figure, result.label, look.series[3], "x")
    if result.advice is not None:
        _point(figure, result.advice.after, look.series[2], "circle")
    _point(figure, result.own, look.series[0], "circle-open")
    dress(figure, look, height)
    figure.update_layout(showlegend=True)
    axis = {"range": [-0.03, 1.03], "tickformat": ".0%", "dtick": 0.2}
    figure.update_xaxes(title_text="Flagged without the finding (1 - specificity)", **axis)
    figure.update_yaxes(title_text="Flagged with it (sensitivity)", **axis)
    flush_left(square(figure))
    figure.layout.legend = {**LEGEND, "font": figure.layout.legend.font}
    figure.layout.margin.t = 8
    return figure


def _curve(figure: go.Figure, curve: RocCurve, name: str, colour: str, dash: str) -> None:
    figure.add_scatter(
        x=np.round(curve.false_positive_rate, 4).tolist(),
        y=np.round(curve.sensitivity, 4).tolist(),
        mode="lines",
        line={"color": colour, "width": 2, "dash": dash},
        name=name,
        hoverinfo="skip",
    )


def _point(figure: go.Figure, rates: Rates, colour: str, symbol: str, bars: bool = True, of_many: str = "") -> None:
    x, y = rates.specificity, rates.sensitivity
    if x.value is None or y.value is None:
        return
    words = f"Sensitivity {estimates.rate(y)}<br>Specificity {estimates.rate(x)}<br>{rates.films:,} films"
    figure.add_scatter(
        x=[1 - x.value],
        y=[y.value],
        error_x=_bars(x, colour, mirrored=True) if bars else None,
        error_y=_bars(y, colour) if bars else None,
        mode="markers",
        marker={"size": 12, "color": colour, "symbol": symbol, "line": {"width": 2}},
        name=of_many or escaped(rates.title),
        legendgroup=of_many or escaped(rates.title),
        showlegend=not of_many or all(trace.legendgroup != of_many for trace in figure.data),
        hovertemplate=f"{words}<extra>{escaped(rates.title)}</extra>",
    )


def _bars(rate: Estimate, colour: str, mirrored: bool = False) -> dict[str, object] | None:
    if rate.value is None or rate.low is None or rate.high is None:
        return None
    up, down = rate.high - rate.value, rate.value - rate.low
    if mirrored:
        up, down = down, up
    return {
        "color": colour,
        "thickness": 1,
        "width": 3,
        "type": "data",
        "symmetric": False,
        "array": [up],
        "arrayminus": [down],
    }
