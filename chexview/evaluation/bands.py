"""The band around a ROC curve: where the curve would lie, at each share of false alarms, with other patients.

Pointwise, by resampling patients (vertical averaging: Fawcett 2006, Pattern Recognition Letters 27:861, algorithm 3): at each
share of false alarms the 2.5th and 97.5th percentile of the sensitivities that the resamples reach there. It says nothing of
the curve as a whole, and with few patients percentiles are too narrow, so a band is given only where an AUROC has its interval
without a word of warning.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from chexview.evaluation import bootstrap
from chexview.evaluation.bootstrap import SEED, Weights, patient_weights
from chexview.evaluation.estimate import Remark, class_remark
from chexview.evaluation.selection import Floats, Ints, Selection

POINTS = 101
RESAMPLES = 300
STEPS = 1000
"""Steps of a resample's curve at most; more than a screen shows of it."""

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
    drawn = max(resamples, bootstrap.RESAMPLES)  # the first of those that the intervals draw anyway
    weights = patient_weights(selection.patient_count, drawn, seed)[:, :resamples]
    steps = _steps(selection.logits)
    hits, alarms = (
        np.cumsum(_counts(steps[mask], selection.patients[mask], int(steps.max()) + 1, weights), axis=0)
        for mask in (selection.labels, ~selection.labels)
    )
    reached = np.stack([_sensitivities(hits[:, b], alarms[:, b], shares) for b in range(resamples)])
    known = reached[np.isfinite(reached).all(axis=1)]
    if not len(known):
        return None
    low, high = np.percentile(known, [2.5, 97.5], axis=0)
    return RocBand(shares, low, high)


def _steps(logits: Floats) -> Ints:
    """Which step of the curve each film (n,) is flagged at, from the highest logit on: the distinct logits, of many films
    ``STEPS`` groups of them, alike in number of films."""
    distinct, place = np.unique(-logits, return_inverse=True)
    if len(distinct) <= STEPS:
        return np.asarray(place)
    ranks = np.searchsorted(np.sort(-logits), distinct, side="left")[place]
    return np.asarray(ranks * STEPS // len(logits))


def _counts(steps: Ints, owners: Ints, height: int, weights: Weights) -> Doubles:
    """Films (height, B) at each step in each resample."""
    ones = np.ones(len(steps), np.float32)
    table = sparse.coo_array((ones, (steps, owners)), shape=(height, len(weights))).tocsr()
    return np.asarray(table @ weights, dtype=np.float64)


def _sensitivities(hits: Doubles, alarms: Doubles, shares: Doubles) -> Doubles:
    """The sensitivity of a curve of counts (k,) at each share of false alarms, straight between its points."""
    if not hits[-1] or not alarms[-1]:
        return np.full(len(shares), np.nan)
    return np.interp(shares, np.r_[0.0, alarms / alarms[-1]], np.r_[0.0, hits / hits[-1]])
