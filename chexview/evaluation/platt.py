"""Platt scaling: from logits to calibrated log-odds, ``slope * logit + intercept``.

Fitted by maximum likelihood to Platt's smoothed targets (Platt 1999, "Probabilistic outputs for support vector
machines"; Newton's method with step halving after Lin, Lin & Weng 2007, Machine Learning 68:267). Undamped Newton steps
diverge in some of such fits even with hundreds of positive films, hence the halving.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

from chexview.calibration import Calibration
from chexview.evaluation.selection import Bools, Floats

STEPS = 100


class Unusable(StrEnum):
    """Why a fit must not be used; the values are words for the user."""

    NO_POSITIVE = "no film with the finding"
    NO_NEGATIVE = "no film without the finding"
    CONSTANT = "all films have the same logit"
    FALLING = "films with the finding do not score higher"
    NOT_FINITE = "a logit is not a number"


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted line. ``unusable`` is None, or says why it must not be used; slope and intercept are then anything."""

    slope: float
    intercept: float
    positives: int
    negatives: int
    unusable: Unusable | None = None

    @property
    def usable(self) -> bool:
        """Whether this is a rising line fitted to films of both classes."""
        return self.unusable is None

    @property
    def calibration(self) -> Calibration:
        """The line to be stored. Raises ValueError if the fit is not usable."""
        if self.unusable is not None:
            raise ValueError(f"this fit must not be used: {self.unusable}")
        return Calibration(self.slope, self.intercept)


def smoothed_targets(labels: Bools) -> npt.NDArray[np.float64]:
    """Platt's targets (n,): (m + 1) / (m + 2) for the m positive films, 1 / (n + 2) for the n negative ones."""
    positives = int(np.count_nonzero(labels))
    negatives = len(labels) - positives
    return np.where(labels, (positives + 1.0) / (positives + 2.0), 1.0 / (negatives + 2.0))


def fit_platt(labels: Bools, logits: Floats) -> Fit:
    """Fits slope and intercept to (n,) labels and logits, in float64.

    Raises ValueError if labels and logits differ in length; every other obstacle is said by ``Fit.unusable``.
    """
    truth = np.asarray(labels, dtype=bool)
    scores = np.asarray(logits, dtype=np.float64)
    if truth.shape != scores.shape or truth.ndim != 1:
        raise ValueError(f"labels {truth.shape} and logits {scores.shape} must be vectors of one length")
    positives = int(np.count_nonzero(truth))
    negatives = len(truth) - positives

    def refused(reason: Unusable) -> Fit:
        return Fit(0.0, 0.0, positives, negatives, reason)

    if not positives:
        return refused(Unusable.NO_POSITIVE)
    if not negatives:
        return refused(Unusable.NO_NEGATIVE)
    if not np.isfinite(scores).all():
        return refused(Unusable.NOT_FINITE)
    centre, spread = scores.mean(), scores.std()
    if scores.min() == scores.max() or spread == 0:
        return refused(Unusable.CONSTANT)
    steep, level = newton((scores - centre) / spread, smoothed_targets(truth))
    slope = steep / spread
    fit = Fit(float(slope), float(level - slope * centre), positives, negatives)
    return fit if slope > 0 else Fit(fit.slope, fit.intercept, positives, negatives, Unusable.FALLING)


def newton(x: npt.NDArray[Any], targets: npt.NDArray[Any]) -> tuple[float, float]:
    """Slope and intercept that minimise the log loss of ``targets`` in [0, 1] on ``x``, both (n,).

    A step is halved until the loss falls enough (Armijo's rule), so that the loss never rises.
    """
    share = float(np.clip(targets.mean(), 1e-12, 1 - 1e-12))
    line = np.array([0.0, logit(share)])
    loss = _loss(line, x, targets)
    for _ in range(STEPS):
        p = expit(line[0] * x + line[1])
        gap, weight = p - targets, p * (1 - p)
        gradient = np.array([gap @ x, gap.sum()])
        if np.abs(gradient).max() < 1e-9 * len(x):
            break
        cross = weight @ x
        curvature = np.array([[weight @ (x * x), cross], [cross, weight.sum()]]) + 1e-12 * len(x) * np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        length = 1.0
        while length > 1e-12:
            tried = line - length * step
            new_loss = _loss(tried, x, targets)
            if new_loss <= loss - 1e-4 * length * float(gradient @ step):
                break
            length /= 2
        else:
            break
        line, loss = tried, new_loss
    return float(line[0]), float(line[1])


def _loss(line: npt.NDArray[Any], x: npt.NDArray[Any], targets: npt.NDArray[Any]) -> float:
    z = line[0] * x + line[1]
    return float(np.sum(np.logaddexp(0.0, z) - targets * z))
