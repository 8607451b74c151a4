"""Operating points: the threshold that a policy chooses on a list of films.

The rule everywhere: a film is flagged where ``logit >= threshold``; only logits that occur can be thresholds, and plus
infinity, which flags nobody; films of equal logit are flagged together; nothing is interpolated.
A threshold chosen and judged on the same films looks better than it is, the more so the fewer positive films there
were.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from chexview.evaluation.curves import RocCurve, roc
from chexview.evaluation.selection import Bools, Floats


class Policy(StrEnum):
    """What an operating point is chosen for; the values stand in ``card.json`` and ``run.json``."""

    YOUDEN = "youden"
    SENSITIVITY_90 = "sensitivity_90"
    SPECIFICITY_90 = "specificity_90"
    MAX_F1 = "max_f1"
    FLAGS_10 = "flags_10"

    @property
    def heading(self) -> str:
        """A few words for a menu."""
        return _WORDS[self][0]

    @property
    def meaning(self) -> str:
        """One sentence that says what the policy asks for."""
        return _WORDS[self][1]


_WORDS: Mapping[Policy, tuple[str, str]] = {
    Policy.YOUDEN: (
        "Balanced (Youden)",
        "The threshold at which sensitivity and specificity together are largest (Youden 1950, Cancer 3:32).",
    ),
    Policy.SENSITIVITY_90: (
        "Sensitivity at least 90 %",
        "The highest threshold that still flags at least 90 of 100 films with the finding.",
    ),
    Policy.SPECIFICITY_90: (
        "Specificity at least 90 %",
        "The lowest threshold that flags at most 10 of 100 films without the finding.",
    ),
    Policy.MAX_F1: (
        "Highest F1",
        "The threshold at which the harmonic mean of sensitivity and positive predictive value is largest.",
    ),
    Policy.FLAGS_10: (
        "10 flags per 100 films",
        "The lowest threshold that flags at most 10 of 100 films, whatever is on them.",
    ),
}


class Degenerate(StrEnum):
    """Why an operating point is no use; the values are words for the user."""

    NO_POSITIVE = "no film with the finding"
    NO_NEGATIVE = "no film without the finding"
    FLAGS_ALL = "every film is flagged"
    FLAGS_NONE = "no film is flagged"


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """A threshold (a float32 logit, kept exactly in a Python float; plus infinity flags nobody) and where it came from.

    ``degenerate`` is None, or says why the point must not be used. Such points are stored nowhere.
    """

    policy: Policy
    threshold: float
    degenerate: Degenerate | None = None

    @property
    def usable(self) -> bool:
        """Whether the point separates any films at all."""
        return self.degenerate is None


def choose(labels: Bools, logits: Floats, policy: Policy) -> OperatingPoint:
    """The operating point of ``policy`` on (n,) labels and float32 logits; ties go to the higher threshold."""
    return choose_on(roc(labels, np.asarray(logits, dtype=np.float32)), policy)


def choose_all(labels: Bools, logits: Floats) -> dict[Policy, OperatingPoint]:
    """Every policy's operating point, from one sort of the films."""
    curve = roc(labels, np.asarray(logits, dtype=np.float32))
    return {policy: choose_on(curve, policy) for policy in Policy}


def choose_on(curve: RocCurve, policy: Policy) -> OperatingPoint:
    """The operating point of ``policy`` on a full (not thinned) ROC curve."""
    if not curve.positives and policy is not Policy.FLAGS_10:
        return OperatingPoint(policy, float("inf"), Degenerate.NO_POSITIVE)
    if not curve.negatives and policy is not Policy.FLAGS_10:
        return OperatingPoint(policy, float("inf"), Degenerate.NO_NEGATIVE)
    k = _index(curve, policy)
    threshold = float(curve.thresholds[k])
    if k == 0:
        return OperatingPoint(policy, threshold, Degenerate.FLAGS_NONE)
    if k == len(curve.thresholds) - 1:
        return OperatingPoint(policy, threshold, Degenerate.FLAGS_ALL)
    return OperatingPoint(policy, threshold)


def _index(curve: RocCurve, policy: Policy) -> int:
    """The curve's point that the policy asks for; the shares are compared in whole numbers, free of rounding."""
    hits, alarms = curve.true_positives, curve.false_positives
    match policy:
        case Policy.YOUDEN:
            return int(np.argmax(hits * curve.negatives - alarms * curve.positives))
        case Policy.SENSITIVITY_90:
            return int(np.argmax(10 * hits >= 9 * curve.positives))
        case Policy.SPECIFICITY_90:
            return int(np.flatnonzero(10 * alarms <= curve.negatives)[-1])
        case Policy.MAX_F1:
            return int(np.argmax(2 * hits / (curve.positives + hits + alarms)))
        case Policy.FLAGS_10:
            return int(np.flatnonzero(10 * (hits + alarms) <= curve.positives + curve.negatives)[-1])
