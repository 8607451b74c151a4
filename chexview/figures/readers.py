"""Readers on a ROC curve: each a point with its intervals, their mean, and the label itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chexview.evaluation.estimate import Estimate
from chexview.evaluation.readers import MeanReader, ReaderPoint
from chexview.figures.theme import Theme, rgba
from chexview.text.escape import escaped
from chexview.text.readers import hover, mean_hover


@dataclass(frozen=True, slots=True)
class ReaderMarks:
    """Readers as points on the curve; ``label_title`` names the label that is judged like a reader."""

    points: tuple[ReaderPoint, ...]
    mean: MeanReader | None
    label: ReaderPoint | None
    label_title: str


def reader_traces(marks: ReaderMarks, look: Theme) -> list[dict[str, Any]]:
    """Their traces; none of these points takes a click for a threshold."""
    colour = look.series[2]
    others = [point for point in marks.points if not point.made_the_truth]
    makers = [point for point in marks.points if point.made_the_truth]
    traces = _points(makers, "Readers who made the truth", colour, "circle", 8)
    traces += _points(others, "Other readers", colour, "diamond-open", 9)
    if marks.mean is not None:
        traces.append(
            {
                "x": [1 - marks.mean.specificity],
                "y": [marks.mean.sensitivity],
                "error_x": _ends(marks.mean.specificity, marks.mean.specificity_interval, colour, mirrored=True),
                "error_y": _ends(marks.mean.sensitivity, marks.mean.sensitivity_interval, colour),
                "mode": "markers",
                "marker": {"size": 15, "color": colour, "symbol": "x"},
                "hovertext": [mean_hover(marks.mean)],
                "hovertemplate": "%{hovertext}<extra></extra>",
                "name": "Their mean",
                **_STEADY,
            }
        )
    if marks.label is not None:
        traces += _points([marks.label], marks.label_title, look.series[3], "star", 15, marks.label_title)
    return traces


_STEADY = {"selected": {"marker": {"opacity": 1}}, "unselected": {"marker": {"opacity": 1}}}


def _points(
    points: Sequence[ReaderPoint], name: str, colour: str, symbol: str, size: int, title: str = ""
) -> list[dict[str, Any]]:
    """The trace of some readers; none where none of them can be drawn."""
    shown = [(p, p.sensitivity.value, p.specificity.value) for p in points]
    known = [(p, y, x) for p, y, x in shown if y is not None and x is not None]
    if not known:
        return []
    pale = rgba(colour, 0.35)
    return [
        {
            "x": [1 - x for _, _, x in known],
            "y": [y for _, y, _ in known],
            "error_x": _bars([p.specificity for p, _, _ in known], pale, mirrored=True),
            "error_y": _bars([p.sensitivity for p, _, _ in known], pale),
            "mode": "markers",
            "marker": {"size": size, "color": colour, "symbol": symbol},
            "hovertext": [f"<b>{escaped(title or p.title)}</b><br>{hover(p)}" for p, _, _ in known],
            "hovertemplate": "%{hovertext}<extra></extra>",
            "name": escaped(name),
            **_STEADY,
        }
    ]


def _bars(rates: Sequence[Estimate], colour: str, mirrored: bool = False) -> dict[str, object]:
    """Error bars of rates, or of 1 minus them; of length 0 if a rate has no interval."""
    up = [(r.high - r.value if r.high is not None and r.value is not None else 0.0) for r in rates]
    down = [(r.value - r.low if r.low is not None and r.value is not None else 0.0) for r in rates]
    return _asymmetric(down, up, colour) if mirrored else _asymmetric(up, down, colour)


def _ends(
    value: float, interval: tuple[float, float] | None, colour: str, mirrored: bool = False
) -> dict[str, object] | None:
    if interval is None:
        return None
    up, down = [interval[1] - value], [value - interval[0]]
    return _asymmetric(down, up, colour) if mirrored else _asymmetric(up, down, colour)


def _asymmetric(up: Sequence[float], down: Sequence[float], colour: str) -> dict[str, object]:
    looks = {"color": colour, "thickness": 1.1, "width": 0}
    return {**looks, "type": "data", "symmetric": False, "array": list(up), "arrayminus": list(down)}
