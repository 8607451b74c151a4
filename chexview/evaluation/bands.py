"""The band around a ROC curve: where the curve would lie, at each share of false alarms, with other patients.

Pointwise, by resampling patients (vertical averaging: Fawcett 2006, Pattern Recognition Letters 27:861, algorithm 3): at each
share of false alarms the 2.5th and 97.5th percentile of the sensitivities that the resamples reach there. It says nothing of
the curve as a whole, and with few patients percentiles are too narrow, so a band is given only where an AUROC has its interval
without a word of warning.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chexview.evaluation.bootstrap import SEED, patient_weights
from chexview.evaluation.estimate import Remark, class_remark
from chexview.evaluation.selection import Selection

POINTS = 101
RESAMPLES = 300
BLOCK = 25

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class RocBand:
    """``low`` and ``high`` float64 (k,): the sensitivities between which the curve lies at ``false_positive_rate`` (k,)."""

    false_positive_rate: Doubles
    low: Doubles
    high: Doubles


def roc_band(
    selection: Selection, resamples: int = RESAMPLES, seed: int = SEED, points: int = POINTS
) -> RocBand | None:
    """The 95 % band of a selection's ROC curve at ``points`` shares of false alarms from 0 to 1; None with too few patients."""
    if class_remark(selection) is not Remark.NONE:
        return None
    shares = np.linspace(0.0, 1.0, points)
    weights = patient_weights(selection.patient_count, resamples, seed)
    order = np.argsort(-selection.logits, kind="stable")
    logits, owners = selection.logits[order], selection.patients[order]
    last = np.r_[np.flatnonzero(logits[1:] != logits[:-1]), len(logits) - 1]
    sick = selection.labels[order]
    reached = np.empty((resamples, points))
    for start in range(0, resamples, BLOCK):
        drawn = weights[owners, start : start + BLOCK]
        hits = np.cumsum(np.where(sick[:, None], drawn, 0), axis=0, dtype=np.float64)[last]
        alarms = np.cumsum(np.where(sick[:, None], 0, drawn), axis=0, dtype=np.float64)[last]
        for b in range(drawn.shape[1]):
            reached[start + b] = _sensitivities(hits[:, b], alarms[:, b], shares)
    known = reached[np.isfinite(reached).all(axis=1)]
    if not len(known):
        return None
    low, high = np.percentile(known, [2.5, 97.5], axis=0)
    return RocBand(shares, low, high)


def _sensitivities(hits: Doubles, alarms: Doubles, shares: Doubles) -> Doubles:
    """The sensitivity of a curve of counts (k,) at each share of false alarms, straight between its points."""
    if not hits[-1] or not alarms[-1]:
        return np.full(len(shares), np.nan)
    return np.interp(shares, np.r_[0.0, alarms / alarms[-1]], np.r_[0.0, hits / hits[-1]])
