"""Two runs' ROC curves on the same films, each with its operating point."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from chexview.evaluation.confusion import Confusion
from chexview.evaluation.curves import RocCurve, thin_roc
from chexview.figures.layout import SQUARE_X, SQUARE_Y
from chexview.figures.theme import Theme, drawn, message
from chexview.text import estimates
from chexview.text.escape import escaped
from chexview.text.numbers import probability

HEIGHT = 520
_DASHES = ("solid", "dash")
_X = "Films without the finding that are flagged<br>(1 - specificity)"
_Y = "Films with the finding that are flagged (sensitivity)"


@dataclass(frozen=True, slots=True, eq=False)
class ComparedCurve:
    """One run's curve under its name, and the confusion at the threshold in use, if any."""

    name: str
    curve: RocCurve
    point: Confusion | None


def roc_comparison_figure(runs: Sequence[ComparedCurve], look: Theme, height: int = HEIGHT) -> go.Figure:
    """Both curves, the diagonal, and an open circle at each operating point."""
    if any(not item.curve.positives or not item.curve.negatives for item in runs):
        return message("No curves: the films are all with, or all without, the finding.", look, height)
    traces: list[dict[str, Any]] = []
    for k, item in enumerate(runs):
        thin = thin_roc(item.curve)
        alarms, sensitivity = thin.false_positive_rate.tolist(), thin.sensitivity.tolist()
        words = [
            f"{escaped(item.name)}<br>Sensitivity {probability(s)}<br>Specificity {probability(1 - a)}"
            for a, s in zip(alarms, sensitivity, strict=True)
        ]
        traces.append(
            {
                "x": alarms,
                "y": sensitivity,
                "mode": "lines",
                "line": {"color": look.series[k], "width": 2.5, "dash": _DASHES[k]},
                "name": escaped(item.name),
                "hovertext": words,
                "hovertemplate": "%{hovertext}<extra></extra>",
            }
        )
    quiet = {"hoverinfo": "skip", "showlegend": False}
    chance = {"color": look.muted, "width": 1, "dash": "dot"}
    traces.append({"x": [0, 1], "y": [0, 1], "mode": "lines", "line": chance, **quiet})
    for k, item in enumerate(runs):
        if item.point is None or item.point.sensitivity.value is None or item.point.specificity.value is None:
            continue
        circle = {"size": 13, "color": look.series[k], "symbol": "circle-open", "line": {"width": 2.5}}
        at = {"x": [1 - item.point.specificity.value], "y": [item.point.sensitivity.value]}
        traces.append({**at, "mode": "markers", "marker": circle, **quiet})
    shares = {"range": [-0.02, 1.02], "tickformat": ".0%", "dtick": 0.2}
    layout = {
        "hovermode": "closest",
        "showlegend": True,
        "xaxis": {"title": {"text": _X}, **shares, **SQUARE_X},
        "yaxis": {"title": {"text": _Y}, **shares, **SQUARE_Y},
    }
    return drawn(traces, look, height, layout=layout)


def roc_comparison_alt(finding: str, runs: Sequence[ComparedCurve]) -> str:
    """A text alternative of the figure; ``finding`` is the finding's title."""
    parts = []
    for item in runs:
        where = ""
        if item.point is not None:
            where = (
                f", sensitivity {estimates.rate(item.point.sensitivity)} and specificity "
                f"{estimates.rate(item.point.specificity)} at its operating point"
            )
        parts.append(f"{item.name}{where}")
    return f"ROC curves of {finding} on the same films: {'; '.join(parts)}."
