"""Operating points: the threshold that a policy chooses on a list of films.

The rule everywhere: a film is flagged where ``logit >= threshold``; only logits that occur can be thresholds, and plus
infinity, which flags nobody; films of equal logit are flagged together; nothing is interpolated.
A threshold chosen and judged on the same films looks better than it is, the more so the fewer positive films there
were.

:class:`OperatingPoints` is the one object that says, in a session, which threshold each finding has: every page and
every export reads it and nothing else.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

import numpy as np

from chexview.evaluation.curves import RocCurve, roc
from chexview.evaluation.selection import Bools, Floats
from chexview.findings import NAMES


class Policy(StrEnum):
    """What an operating point is chosen for; the values stand in ``card.json`` and ``run.json``."""

    YOUDEN = "youden"
    SENSITIVITY_90 = "sensitivity_90"
    SPECIFICITY_90 = "specificity_90"
    MAX_F1 = "max_f1"
    FLAGS_10 = "flags_10"
    FALSE_FLAG_1 = "false_flag_1"

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
        "Sensitivity 90 % (validation)",
        "The highest threshold that still flags at least 90 of 100 films with the finding.",
    ),
    Policy.SPECIFICITY_90: (
        "Specificity 90 % (validation)",
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
    Policy.FALSE_FLAG_1: (
        "One false flag a film",
        f"The lowest threshold that flags at most one in {len(NAMES)} films without the finding: over {len(NAMES)} findings at "
        "most one false flag a film, on average.",
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
        case Policy.FALSE_FLAG_1:
            return int(np.flatnonzero(len(NAMES) * alarms <= curve.negatives)[-1])


class PointSource(Protocol):
    """What brings thresholds: a checkpoint's card, or a validation run's :class:`OfferedPoints`.

    ``weights`` says whose logits they are (the SHA-256 of the weights); ``operating_points`` are float32 logits by
    policy and finding.
    """

    @property
    def weights(self) -> str: ...

    @property
    def operating_points(self) -> Mapping[str, Mapping[str, float]]: ...


@dataclass(frozen=True, slots=True)
class OfferedPoints:
    """The thresholds of a source that has no card: ``weights`` is then any text that no other source has."""

    weights: str
    operating_points: Mapping[str, Mapping[str, float]]


def _no_overrides() -> Mapping[str, float]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class OperatingPoints:
    """The operating points of a session: a policy, and the user's own thresholds by finding, for one checkpoint.

    ``overrides`` are logits by finding, kept as float32 has them; plus infinity flags nobody. An override that equals
    the policy's own threshold is none, so that equal choices are equal objects. Raises ValueError for a logit that is
    not a number, or minus infinity.
    """

    checkpoint: PointSource
    policy: Policy
    overrides: Mapping[str, float] = field(default_factory=_no_overrides)

    def __post_init__(self) -> None:
        kept = {}
        for finding, logit in self.overrides.items():
            if math.isnan(logit) or logit == -math.inf:
                raise ValueError(f"the threshold of {finding} must be a logit or plus infinity, not {logit}")
            threshold = float(np.float32(logit))
            if threshold != self.policy_threshold(finding):
                kept[finding] = threshold
        object.__setattr__(self, "overrides", MappingProxyType(kept))

    def threshold(self, finding: str) -> float | None:
        """The threshold in use, a float32 logit: the user's, else the policy's; None if there is neither."""
        return self.overrides[finding] if finding in self.overrides else self.policy_threshold(finding)

    def policy_threshold(self, finding: str) -> float | None:
        """The policy's threshold, whatever the user chose; None if the policy has none for this finding."""
        return self.checkpoint.operating_points.get(self.policy, {}).get(finding)

    def thresholds(self, findings: Iterable[str]) -> dict[str, float]:
        """The thresholds in use, by finding; those that have none are left out."""
        found = {finding: self.threshold(finding) for finding in findings}
        return {finding: threshold for finding, threshold in found.items() if threshold is not None}

    def overridden(self, finding: str) -> bool:
        """Whether the user chose another threshold than the policy's."""
        return finding in self.overrides

    def with_policy(self, policy: Policy) -> "OperatingPoints":
        """The policy for every finding: thresholds that the user chose before give way to it."""
        return OperatingPoints(self.checkpoint, policy)

    def with_override(self, finding: str, logit: float) -> "OperatingPoints":
        """The user's own threshold for one finding. Raises ValueError as the class does."""
        return replace(self, overrides={**self.overrides, finding: logit})

    def without_override(self, finding: str) -> "OperatingPoints":
        """The policy's threshold again for one finding."""
        return replace(self, overrides={name: logit for name, logit in self.overrides.items() if name != finding})

    def without_overrides(self) -> "OperatingPoints":
        """The policy's threshold again for every finding."""
        return replace(self, overrides={})

    def bound_to(self, checkpoint: PointSource) -> "OperatingPoints":
        """For another checkpoint, or the same weights from another source (a card, a run).

        The policy stays; overrides stay only where the weights are the same, for logits of others mean nothing there.
        """
        same = checkpoint.weights == self.checkpoint.weights
        return OperatingPoints(checkpoint, self.policy, self.overrides if same else {})
