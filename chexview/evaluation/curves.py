"""ROC and precision-recall curves, the areas under them, and their thinning for display.

A film is flagged where its logit is at or over the threshold. Only logits that occur are thresholds, and plus infinity
(nobody is flagged) begins a ROC curve; films of equal logit move together; nothing is interpolated.
The area under the ROC curve counts ties one half (Hanley & McNeil 1982, Radiology 143:29); the area under the
precision-recall curve is the stepwise average precision, as scikit-learn defines it.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from chexview.evaluation.selection import Bools, Descending, Floats, Ints, Selection

DISPLAY_POINTS = 500
"""Points that a drawn curve has at most; thinned so, it lies within 0.7 of 450 pixels of the full curve."""


@dataclass(frozen=True, slots=True, eq=False)
class RocCurve:
    """A ROC curve of k points from "nobody flagged" to "everybody flagged".

    ``thresholds`` (k,) falls from plus infinity to the lowest logit; ``true_positives`` and ``false_positives`` int64
    (k,) count the films flagged at each; ``positives`` and ``negatives`` count all films, also of a thinned curve.
    """

    thresholds: Floats
    true_positives: Ints
    false_positives: Ints
    positives: int
    negatives: int

    @property
    def sensitivity(self) -> npt.NDArray[np.float64]:
        """True positives by positives (k,); not a number if there is no positive film."""
        return _share(self.true_positives, self.positives)

    @property
    def false_positive_rate(self) -> npt.NDArray[np.float64]:
        """False positives by negatives (k,): 1 - specificity."""
        return _share(self.false_positives, self.negatives)

    @property
    def ppv(self) -> npt.NDArray[np.float64]:
        """True positives by flagged films (k,); not a number where nobody is flagged."""
        flagged = self.true_positives + self.false_positives
        shares = np.full(len(flagged), np.nan)
        np.divide(self.true_positives, flagged, out=shares, where=flagged > 0)
        return shares

    def index(self, threshold: float) -> int:
        """The point whose flagged films are those at or over ``threshold`` (of an unthinned curve)."""
        exact = self.thresholds.dtype.type(threshold)
        return int(np.searchsorted(-self.thresholds, -exact, side="right")) - 1


@dataclass(frozen=True, slots=True, eq=False)
class PrCurve:
    """A precision-recall curve (k,), thresholds falling; plus infinity is not on it, for it has no precision."""

    thresholds: Floats
    precision: npt.NDArray[np.float64]
    recall: npt.NDArray[np.float64]
    positives: int
    negatives: int


def _share(part: Ints, whole: int) -> npt.NDArray[np.float64]:
    return np.asarray(part / whole) if whole else np.full(len(part), np.nan)


def auroc(labels: Bools, logits: Floats) -> float:
    """The area under the ROC curve of (n,) labels and logits.

    Not a number where a class has no film or a logit is not a number, so that a training loop may ask at any time.
    """
    scores = np.asarray(logits)
    if scores.dtype.kind != "f":  # whole ratings have no threshold that flags nobody
        scores = scores.astype(np.float64)
    return area_under(roc(labels, scores))


def roc(labels: Bools, logits: Floats, films: Descending | None = None) -> RocCurve:
    """The exact ROC curve of (n,) labels and logits: one point for each logit that occurs, after plus infinity.

    ``films`` are the logits sorted, where that is done already.
    """
    truth = np.asarray(labels, dtype=bool)
    films = films or Descending.of(logits)
    found = np.cumsum(truth[films.order], dtype=np.int64)[films.last]
    true_positives = np.r_[np.int64(0), found]
    false_positives = np.r_[np.int64(0), films.last + 1 - found]
    thresholds = np.concatenate([np.array([np.inf], dtype=logits.dtype), logits[films.order[films.last]]])
    positives = int(np.count_nonzero(truth))
    return RocCurve(thresholds, true_positives, false_positives, positives, len(truth) - positives)


def roc_of(selection: Selection) -> RocCurve:
    """The exact ROC curve of a selection, from its films as they are sorted already."""
    return roc(selection.labels, selection.logits, selection.descending)


def area_under(curve: RocCurve) -> float:
    """The area under a full (not thinned) curve, in whole numbers up to the last division.

    Not a number where a class has no film or a logit is not a number.
    """
    if not curve.positives or not curve.negatives or np.isnan(curve.thresholds[-1]):
        return float("nan")
    heights = curve.true_positives[1:] + curve.true_positives[:-1]
    return float(np.diff(curve.false_positives) @ heights / 2.0 / (curve.positives * curve.negatives))


def precision_recall(labels: Bools, logits: Floats) -> PrCurve:
    """The exact precision-recall curve of (n,) labels and logits."""
    return precision_recall_of(roc(labels, logits))


def precision_recall_of(curve: RocCurve) -> PrCurve:
    """The exact precision-recall curve of the films of a full (not thinned) ROC curve."""
    return PrCurve(curve.thresholds[1:], curve.ppv[1:], curve.sensitivity[1:], curve.positives, curve.negatives)


def average_precision(labels: Bools, logits: Floats) -> float:
    """The stepwise area under the precision-recall curve; not a number without a positive film or with a NaN logit."""
    if not np.any(labels):
        return float("nan")
    return average_precision_under(roc(labels, logits))


def average_precision_under(curve: RocCurve) -> float:
    """The same of the films of a full (not thinned) ROC curve."""
    if not curve.positives or np.isnan(curve.thresholds[-1]):
        return float("nan")
    steps = precision_recall_of(curve)
    return float(np.sum(np.diff(np.r_[0.0, steps.recall]) * steps.precision))


def thin_roc(curve: RocCurve, points: int = DISPLAY_POINTS) -> RocCurve:
    """At most ``points`` of a curve's own points, for drawing: its corners, or both ends of equal stretches of arc."""
    x, y = curve.false_positives, curve.true_positives
    keep = _corners(x, y)
    if len(keep) > points:
        share = (x[keep] / max(curve.negatives, 1), y[keep] / max(curve.positives, 1))
        keep = keep[_spread(share[0], share[1], points)]
    return replace(
        curve,
        thresholds=curve.thresholds[keep],
        true_positives=y[keep],
        false_positives=x[keep],
    )


def thin_precision_recall(curve: PrCurve, points: int = DISPLAY_POINTS) -> PrCurve:
    """At most ``points`` of a precision-recall curve's own points, for drawing: both ends of equal stretches of arc."""
    if len(curve.thresholds) <= points:
        return curve
    keep = _spread(curve.recall, curve.precision, points)
    return replace(curve, thresholds=curve.thresholds[keep], precision=curve.precision[keep], recall=curve.recall[keep])


def _corners(x: Ints, y: Ints) -> Ints:
    """The points at which a staircase of counts turns, its ends among them."""
    if len(x) < 3:
        return np.arange(len(x))
    dx, dy = np.diff(x), np.diff(y)
    turns = dx[1:] * dy[:-1] != dx[:-1] * dy[1:]
    return np.flatnonzero(np.r_[True, turns, True])


def _spread(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], points: int) -> Ints:
    """Indices of the first and last point in each of ``points // 2`` equal stretches of arc length."""
    arc = np.r_[0.0, np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y)))]
    stretch = np.minimum(arc / max(arc[-1], 1e-300) * (points // 2), points // 2 - 1).astype(np.int64)
    changes = np.flatnonzero(np.diff(stretch))
    return np.unique(np.r_[0, changes, changes + 1, len(x) - 1])
