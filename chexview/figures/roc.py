"""The ROC curve as a figure whose points can be clicked: each carries its threshold."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from chexview.calibration import Calibration
from chexview.evaluation.bands import RocBand
from chexview.evaluation.confusion import Confusion
from chexview.evaluation.curves import RocCurve, thin_roc
from chexview.evaluation.estimate import Estimate
from chexview.figures.layout import SQUARE_X, SQUARE_Y
from chexview.figures.readers import ReaderMarks, reader_traces
from chexview.figures.theme import Theme, drawn, message, model_curve, rgba
from chexview.text import estimates
from chexview.text.numbers import probability
from chexview.text.thresholds import score_words

HEIGHT = 460
FEWEST = 0.002
"""The share of false alarms at which the logarithmic axis begins."""
_TICKS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
_X = "Films without the finding that are flagged<br>(1 - specificity)"
_Y = "Films with the finding that are flagged (sensitivity)"


@dataclass(frozen=True, slots=True)
class RocExtras:
    """What may be drawn beside a ROC curve.

    ``calibration`` turns thresholds into probabilities, ``control`` is the curve of blur and brightness alone, ``band`` the
    interval of the curve, ``readers`` those who stand beside it as points; ``rare`` stretches the few false alarms of the
    left edge on a logarithmic axis.
    """

    calibration: Calibration | None = None
    control: RocCurve | None = None
    band: RocBand | None = None
    rare: bool = False
    readers: ReaderMarks | None = None


def roc_figure(
    curve: RocCurve,
    estimate: Estimate,
    point: Confusion | None,
    look: Theme,
    extras: RocExtras | None = None,
    height: int = HEIGHT,
) -> go.Figure:
    """A full ROC curve, thinned for drawing, with its AUROC, the operating point and the diagonal.

    ``estimate`` is the AUROC of all films; ``point`` the confusion at the threshold in use. The first trace is the one to be
    clicked; each point's customdata is ``[threshold, sensitivity, specificity, ppv]``, the threshold None if nobody is
    flagged and ppv then None as well.
    """
    extras = extras or RocExtras()
    control = extras.control
    if not curve.positives or not curve.negatives:
        return message(f"No curve: {estimate.remark.value}.", look, height)
    traces = [_model(curve, extras.calibration, look)]
    if extras.band is not None:
        traces.append(_band(extras.band, look))
    chance = np.geomspace(FEWEST, 1, 60).tolist() if extras.rare else [0, 1]
    traces.append(_quiet_line(chance, chance, "Chance", {"color": look.muted, "width": 1, "dash": "dot"}))
    if control is not None and control.positives and control.negatives:
        small = thin_roc(control)
        style = {"color": look.series[1], "width": 1.5, "dash": "dash"}
        traces.append(
            _quiet_line(small.false_positive_rate.tolist(), small.sensitivity.tolist(), "Blur and brightness", style)
        )
    if extras.readers is not None:
        traces += reader_traces(extras.readers, look)
    if point is not None:
        traces += _point(point, look)
    caption = {
        "x": 0.02 if extras.rare else 0.98,
        "y": 0.97 if extras.rare else 0.04,
        "xref": "x domain" if extras.rare else "x",
        "yref": "y domain" if extras.rare else "y",
        "xanchor": "left" if extras.rare else "right",
        "yanchor": "top" if extras.rare else "bottom",
        "align": "left" if extras.rare else "right",
        "showarrow": False,
        "text": _caption(estimate),
        "font": {"color": look.muted if estimate.pale else look.ink, "size": 14},
    }
    layout = {
        "annotations": [caption],
        "clickmode": "event+select",
        "hovermode": "closest",
        "showlegend": control is not None or extras.band is not None or extras.readers is not None,
        "legend": {"x": 0.92, "y": 0.2, "xanchor": "right", "yanchor": "bottom", "entrywidth": 140},
        **_axes(extras.rare),
    }
    return drawn(traces, look, height, layout=layout)


def _model(curve: RocCurve, calibration: Calibration | None, look: Theme) -> dict[str, Any]:
    """The curve to be clicked; what each point's customdata holds, :func:`roc_figure` says."""
    thin = thin_roc(curve)
    sensitivity, alarms, ppv = thin.sensitivity.tolist(), thin.false_positive_rate.tolist(), thin.ppv.tolist()
    thresholds = [float(t) if math.isfinite(t) else None for t in thin.thresholds]
    custom = [
        (t, s, 1 - a, p if t is not None else None)
        for t, s, a, p in zip(thresholds, sensitivity, alarms, ppv, strict=True)
    ]
    hovertext = [_words(*item, calibration) for item in custom]
    return model_curve(alarms, sensitivity, [list(item) for item in custom], hovertext, look)


def _quiet_line(x: list[float], y: list[float], name: str, style: dict[str, Any]) -> dict[str, Any]:
    """A line that says nothing under the pointer."""
    return {"x": x, "y": y, "mode": "lines", "line": style, "hoverinfo": "skip", "name": name}


def _axes(rare: bool) -> dict[str, Any]:
    """Axes of a square, or a stretched left part where few false alarms are looked at."""
    shares = {"range": [-0.02, 1.02], "tickformat": ".0%", "dtick": 0.2}
    x, y = {"title": {"text": _X}}, {"title": {"text": _Y}, **shares}
    if rare:
        ticks = {"tickvals": list(_TICKS), "ticktext": [f"{100 * tick:g}%" for tick in _TICKS]}
        return {"xaxis": {**x, "type": "log", "range": [math.log10(FEWEST), 0.01], **ticks}, "yaxis": y}
    return {"xaxis": {**x, **shares, **SQUARE_X}, "yaxis": {**y, **SQUARE_Y}}


def _band(band: RocBand, look: Theme) -> dict[str, Any]:
    """The interval of the curve as an area that takes no clicks."""
    shares = np.r_[band.false_positive_rate, band.false_positive_rate[::-1]]
    return {
        "x": np.maximum(shares, FEWEST / 10).tolist(),
        "y": np.r_[band.high, band.low[::-1]].tolist(),
        "mode": "lines",
        "line": {"width": 0, "color": look.series[0]},
        "fill": "toself",
        "fillcolor": rgba(look.series[0], 0.16),
        "hoverinfo": "skip",
        "name": "95 % band",
    }


def roc_alt(finding: str, estimate: Estimate, point: Confusion | None, calibration: Calibration | None = None) -> str:
    """A text alternative of the figure; ``finding`` is the finding's title."""
    if estimate.value is None:
        return f"There is no ROC curve of {finding}: {estimate.remark.value}."
    words = f"ROC curve of {finding}. AUROC {estimates.number(estimate)}, {estimates.counts(estimate)} with the finding"
    words += f" ({estimate.remark.value})." if estimate.remark.value else "."
    if point is not None:
        words += (
            f" At the operating point, {score_words(point.counts.threshold, calibration)}, sensitivity is "
            f"{estimates.rate(point.sensitivity)} and specificity {estimates.rate(point.specificity)}."
        )
    return words


def _caption(estimate: Estimate) -> str:
    lines = [f"<b>AUROC {estimates.number(estimate)}</b>", estimates.counts(estimate)]
    if estimate.remark.value:
        lines.append(estimate.remark.value)
    return "<br>".join(lines)


def _words(
    threshold: float | None, sensitivity: float, specificity: float, ppv: float | None, calibration: Calibration | None
) -> str:
    """What the pointer shows at a point of the curve."""
    if threshold is None or ppv is None:
        return "No film is flagged"
    return (
        f"Flagged from {score_words(threshold, calibration)}<br>Sensitivity {probability(sensitivity)}<br>"
        f"Specificity {probability(specificity)}<br>Flagged films that have it {probability(ppv)}"
    )


def _point(point: Confusion, look: Theme) -> list[dict[str, Any]]:
    """The operating point, with the intervals of sensitivity and specificity where they are known; nothing without it."""
    x, y = point.specificity, point.sensitivity
    if x.value is None or y.value is None:
        return []
    return [
        {
            "x": [1 - x.value],
            "y": [y.value],
            "error_x": _bars(x, look, mirrored=True),
            "error_y": _bars(y, look),
            "mode": "markers",
            "marker": {"size": 13, "color": look.ink, "symbol": "circle-open", "line": {"width": 2.5}},
            "selected": {"marker": {"opacity": 1}},
            "unselected": {"marker": {"opacity": 1}},
            "hoverinfo": "skip",
            "name": "Operating point",
        }
    ]


def _bars(rate: Estimate, look: Theme, mirrored: bool = False) -> dict[str, object] | None:
    """Error bars of a rate, or of 1 minus it; None if it has no interval."""
    if rate.value is None or rate.low is None or rate.high is None:
        return None
    up, down = rate.high - rate.value, rate.value - rate.low
    if mirrored:
        up, down = down, up
    looks = {"color": look.ink, "thickness": 1.2, "width": 4}
    return {**looks, "type": "data", "symmetric": False, "array": [up], "arrayminus": [down]}


def small_roc_points(curve: RocCurve, points: int = 60) -> list[tuple[float, float]]:
    """A thumbnail of a curve: at most ``points`` of its own points as (1 - specificity, sensitivity)."""
    thin = thin_roc(curve, points)
    return list(
        zip(np.round(thin.false_positive_rate, 4).tolist(), np.round(thin.sensitivity, 4).tolist(), strict=True)
    )
