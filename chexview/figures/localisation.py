"""Where maps point, finding by finding: the class map beside the best control that sees no film."""

from collections.abc import Sequence

import plotly.graph_objects as go

from chexview.evaluation.estimate import Estimate
from chexview.evaluation.localisation import CLASS_MAP, Localised, MapMeasure
from chexview.figures.layout import KEY
from chexview.figures.theme import Theme, dress, message
from chexview.findings import title
from chexview.text import estimates
from chexview.text.escape import escaped

_ROW = 42
_APART = 0.16
"""How far over and under its finding's line each of the two points lies."""


def localisation_figure(found: Sequence[Localised], measure: MapMeasure, look: Theme) -> go.Figure:
    """For each finding two points with their intervals, in their order from the top: the map's, filled, and the control's, open."""
    if not found:
        return message("No film of this run has a box.", look, 4 * _ROW)
    figure = go.Figure()
    places = {item.finding: len(found) - 1 - k for k, item in enumerate(found)}
    for k, (name, symbol, shift) in enumerate(
        (("Class map", "circle", _APART), ("Best control that sees no film", "circle-open", -_APART))
    ):
        scores = [item.scores[CLASS_MAP if k == 0 else item.best_control] for item in found]
        values = [score.value or 0.0 for score in scores]
        figure.add_scatter(
            x=values,
            y=[places[item.finding] + shift for item in found],
            mode="markers",
            name=name,
            marker={"size": 9, "color": look.series[k], "symbol": symbol},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [_reach(score, value, up=True) for score, value in zip(scores, values, strict=True)],
                "arrayminus": [_reach(score, value, up=False) for score, value in zip(scores, values, strict=True)],
                "color": look.series[k],
                "thickness": 1.5,
                "width": 4,
            },
            hovertext=[
                _hover_text(item, name if k == 0 else item.best_control, score)
                for item, score in zip(found, scores, strict=True)
            ],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    dress(figure, look, 90 + _ROW * len(found), margin=(170, 24, 40, 50))
    figure.update_layout(hovermode="closest", legend=KEY)
    figure.update_xaxes(title_text=measure.words[0].upper() + measure.words[1:], range=[-0.02, 1.02], fixedrange=True)
    figure.update_yaxes(
        tickvals=list(places.values()),
        ticktext=[f"{escaped(title(item.finding))} ({item.boxes})" for item in found],
        range=[-0.6, len(found) - 0.4],
        fixedrange=True,
        showgrid=False,
        tickfont={"color": look.ink},
    )
    return figure


def localisation_alt(found: Sequence[Localised], measure: MapMeasure) -> str:
    """A text alternative of the figure."""
    result = "; ".join(
        f"{title(item.finding)} {estimates.number(item.scores[CLASS_MAP], 2)}"
        f" against {estimates.number(item.scores[item.best_control], 2)}, "
        f"{item.verdict.value}"
        for item in found
    )
    return f"Class maps against the best control that sees no film, {measure.words}: {result}."


def _reach(score: Estimate, value: float, up: bool) -> float:
    end = score.high if up else score.low
    return 0.0 if end is None else abs(end - value)


def _hover_text(item: Localised, method: str, score: Estimate) -> str:
    worth = estimates.number(score, 2)
    return f"<b>{escaped(title(item.finding))}</b><br>{method[0].lower()}{method[1:]}: {worth}<br>{item.boxes} boxes"
