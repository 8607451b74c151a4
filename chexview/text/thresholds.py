"""Scores and thresholds of a run in the unit in which its makers gave them. No Streamlit, no I/O."""

import math

from chexview.calibration import Calibration
from chexview.text import numbers


def score_words(logit: float, line: Calibration | None, digits: int = 2) -> str:
    """``12 % (network output -1.32)``; ``12 %`` of scores that came as probabilities, ``network output -1.32`` without calibration.

    ``digits`` are decimals of the network output.
    """
    found = numbers.network_output(logit, digits)
    if line is None:
        return found
    chance = numbers.probability(float(line.probability(logit)))
    return chance if line.is_identity else f"{chance} ({found})"


def stop_words(threshold: float, line: Calibration | None, digits: int) -> str:
    """A stop of a scale of thresholds, with more ``digits`` where fewer, two at least, do not tell it from another."""
    if math.isinf(threshold):
        return "over all: flags no film"
    if line is None or not line.is_identity:
        return score_words(threshold, line, digits)
    share = float(line.probability(threshold))
    return numbers.probability(share) if digits < 3 else f"{100 * share:.{digits - 1}f} %"
