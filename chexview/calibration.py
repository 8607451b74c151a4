"""Platt's line from a network's logit to calibrated log-odds; fitted in ``evaluation``, used in ``model``."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit


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
        return np.asarray(expit(self.log_odds(logits)))

    def logit_at(self, probabilities: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """The logits whose calibrated probabilities these are, of any shape; infinite at 0 and 1."""
        return np.asarray((logit(np.asarray(probabilities, dtype=np.float64)) - self.intercept) / self.slope)


IDENTITY = Calibration(1.0, 0.0)
"""The line of scores that are log-odds already."""
