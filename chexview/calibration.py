"""Platt's line from a network's logit to calibrated log-odds; fitted in ``evaluation``, used in ``model``."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


def sigmoid(log_odds: float) -> float:
    """The probability of log-odds: SciPy's ``expit`` of one number to the last bit, for readers of one film without SciPy."""
    try:
        return 1.0 / (1.0 + math.exp(-log_odds))
    except OverflowError:
        return 0.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """``log-odds = slope * logit + intercept``, the slope above 0 (Platt 1999)."""

    slope: float
    intercept: float

    @property
    def is_identity(self) -> bool:
        """Whether logits are log-odds as they stand, so that they say nothing that the probability does not."""
        return self == IDENTITY

    def log_odds(self, logits: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Calibrated log-odds of logits of any shape."""
        return self.slope * np.asarray(logits, dtype=np.float64) + self.intercept

    def probability(self, logits: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Calibrated probabilities of logits of any shape."""
        if np.ndim(logits) == 0:
            return np.asarray(sigmoid(float(self.log_odds(logits))))
        from scipy.special import expit  # takes a while to load

        return np.asarray(expit(self.log_odds(logits)))

    def logit_at(self, probabilities: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """The logits whose calibrated probabilities these are, of any shape; infinite at 0 and 1."""
        from scipy.special import logit  # takes a while to load

        return np.asarray((logit(np.asarray(probabilities, dtype=np.float64)) - self.intercept) / self.slope)


IDENTITY = Calibration(1.0, 0.0)
"""The line of scores that are log-odds already."""
