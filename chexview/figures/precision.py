"""The precision-recall curve, beside the share of films that have the finding: what a coin would reach."""

import math
from typing import Any

import plotly.graph_objects as go

from chexview.calibration import Calibration
from chexview.evaluation.confusion import Confusion
from chexview.evaluation.curves import PrCurve, thin_precision_recall
from chexview.evaluation.estimate import Estimate
from chexview.figures.theme import Theme, drawn, message, model_curve
from chexview.text import estimates
from chexview.text.numbers import probability, tick
from chexview.text.thresholds import score_words

HEIGHT = 420
RARE = 0.05
"""Below this share of films the precision axis is logarithmic: a linear one would hold the whole curve in its lowest line."""


def precision_figure(
    curve: PrCurve,
    estimate: Estimate,
    prevalence: float,
    point: Confusion | None,
    look: Theme,
    height: int = HEIGHT,
    calibration: Calibration | None = None,
) -> go.Figure:
    """Precision over recall, thinned for drawing. Each point's customdata is ``[threshold, recall, precision]``; it can be
    clicked like the ROC curve's.
    """
    if estimate.value is None:
        return message(f"No curve: {estimate.remark.value}.", look, height)
    thin = thin_precision_recall(curve)
    rows = [
        (float(t), r, p)
        for t, r, p in zip(thin.thresholds, thin.recall.tolist(), thin.precision.tolist(), strict=True)
        if math.isfinite(t)
    ]
    hovertext = [
        f"Flagged from {score_words(t, calibration)}<br>Found {probability(r)} of those that have it"
        f"<br>{probability(p)} of the flagged have it"
        for t, r, p in rows
    ]
    recall, precision = [r for _, r, _ in rows], [p for _, _, p in rows]
    traces = [model_curve(recall, precision, [list(row) for row in rows], hovertext, look)]
    traces.append(
        {
            "x": [0, 1],
            "y": [prevalence, prevalence],
            "mode": "lines",
            "line": {"color": look.muted, "width": 1, "dash": "dot"},
            "hoverinfo": "skip",
            "name": "Flagging at random",
        }
    )
    if point is not None and point.sensitivity.value is not None and point.ppv.value is not None:
        traces.append(
            {
                "x": [point.sensitivity.value],
                "y": [point.ppv.value],
                "mode": "markers",
                "marker": {"size": 13, "color": look.ink, "symbol": "circle-open", "line": {"width": 2.5}},
                "hoverinfo": "skip",
                "name": "Operating point",
            }
        )
    shares = {"range": [-0.02, 1.02], "tickformat": ".0%", "dtick": 0.2}
    layout = {
        "clickmode": "event+select",
        "hovermode": "closest",
        "showlegend": False,
        "xaxis": {"title": {"text": "Films with the finding that are flagged (recall)"}, **shares},
        "yaxis": {
            "title": {"text": "Flagged films that have it (precision)"},
            **(_logarithmic(prevalence) if prevalence < RARE else shares),
        },
    }
    return drawn(traces, look, height, layout=layout)


def _logarithmic(prevalence: float) -> dict[str, Any]:
    """The axis of a rare finding's precision."""
    low = math.floor(math.log10(max(prevalence, 1e-4)))
    tens = [10.0**k for k in range(low, 1)]
    return {"type": "log", "range": [low, 0.05], "tickvals": tens, "ticktext": [tick(ten) for ten in tens]}


def precision_alt(finding: str, estimate: Estimate, prevalence: float) -> str:
    """A text alternative of the figure; ``finding`` is the finding's title."""
    if estimate.value is None:
        return f"There is no precision-recall curve of {finding}: {estimate.remark.value}."
    return (
        f"Precision-recall curve of {finding}. Average precision {estimates.number(estimate)}; flagging at random would reach "
        f"{probability(prevalence)}, the share of films that have it."
    )
