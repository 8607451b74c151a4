"""Small multiples: every finding's ROC curve as a little SVG, all on the same square, none to be clicked."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from chexview.evaluation.examination import Examination
from chexview.figures.roc import small_roc_points
from chexview.figures.theme import Theme
from chexview.findings import title

SIDE = 100
"""Units across a curve's square; the page decides how large it is."""


@dataclass(frozen=True, slots=True)
class SmallCurve:
    """One finding: its title, its AUROC as text, its curve as (1 - specificity, sensitivity), and the operating point or None."""

    title: str
    caption: str
    points: Sequence[tuple[float, float]]
    at: tuple[float, float] | None
    chosen: bool = False


def small_curve(examination: Examination, threshold: float | None, chosen: str = "") -> SmallCurve | None:
    """An examination's curve and its operating point; None if it has no curve. ``chosen`` is the finding to mark."""
    area = examination.auroc.value
    if area is None:
        return None
    at = None
    if threshold is not None:
        found = examination.confusion(threshold)
        if found.sensitivity.value is not None and found.specificity.value is not None:
            at = (1 - found.specificity.value, found.sensitivity.value)
    points = tuple(small_roc_points(examination.curve))
    return SmallCurve(title(examination.finding), f"{area:.3f}", points, at, chosen == examination.finding)


def small_multiples(curves: Sequence[SmallCurve], look: Theme) -> str:
    """HTML: a grid of figures; each has a text alternative. Pictures, as Streamlit takes drawings out of its HTML."""
    return f"<div class='multiples'>{''.join(_one(curve, look) for curve in curves)}</div>"


def _one(curve: SmallCurve, look: Theme) -> str:
    line = " ".join(f"{SIDE * x:.1f},{SIDE * (1 - y):.1f}" for x, y in curve.points)
    colour = look.series[0] if curve.points else look.muted
    point = ""
    if curve.at is not None:
        x, y = SIDE * curve.at[0], SIDE * (1 - curve.at[1])
        point = f"<circle cx='{x:.1f}' cy='{y:.1f}' r='4.5' fill='none' stroke='{look.ink}' stroke-width='1.8'/>"
    drawn = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='-2 -2 {SIDE + 4} {SIDE + 4}'>"
        f"<rect width='{SIDE}' height='{SIDE}' fill='none' stroke='{look.grid}'/>"
        f"<path d='M0 {SIDE} L{SIDE} 0' stroke='{look.muted}' stroke-width='0.7' stroke-dasharray='2 3'/>"
        f"<polyline points='{line}' fill='none' stroke='{colour}' stroke-width='2'/>{point}</svg>"
    )
    words = escape(f"ROC curve of {curve.title}, {curve.caption}", quote=True)
    return (
        f"<figure{' class=chosen' if curve.chosen else ''}>"
        f"<figcaption>{escape(curve.title)}<b>{escape(curve.caption)}</b></figcaption>"
        f"<img src='data:image/svg+xml;base64,{b64encode(drawn.encode()).decode()}' alt='{words}'></figure>"
    )
