"""The operating points of a session: one policy and the user's own thresholds, for whatever checkpoint a page is about.

Read, Evaluate, Cases, Examine, Compare and every download ask here and nowhere else. Thresholds are kept by the weights they
were chosen for: a network output of one checkpoint means nothing for another.
"""

import math
from dataclasses import dataclass, field

from chexview.evaluation.operating import OperatingPoints, PointSource, Policy

USUAL = Policy.SPECIFICITY_90
"""Where neither the user nor the checkpoint's card says another."""


@dataclass(slots=True)
class SessionPoints:
    """``policy`` starts as the checkpoint's own; ``overrides`` are logits by the weights' SHA-256 and finding."""

    policy: Policy = USUAL
    overrides: dict[str, dict[str, float]] = field(default_factory=dict)

    def of(self, source: PointSource) -> OperatingPoints:
        """The operating points in use for a checkpoint's card or a run.

        Where the source has no threshold at all by the policy, it is the first policy by which it has any.
        """
        known = [policy for policy in Policy if source.operating_points.get(policy)]
        policy = self.policy if self.policy in known or not known else known[0]
        return OperatingPoints(source, policy, self.overrides.get(source.weights, {}))

    def choose_policy(self, policy: Policy) -> None:
        """A policy for every finding of every checkpoint: thresholds that were chosen before give way to it."""
        self.policy = policy
        self.overrides.clear()

    def choose_threshold(self, source: PointSource, finding: str, threshold: float) -> None:
        """The user's own threshold of one finding, a float32 logit; plus infinity flags nobody."""
        if math.isnan(threshold) or threshold == -math.inf:
            return
        self.overrides.setdefault(source.weights, {})[finding] = threshold

    def reset(self, source: PointSource) -> None:
        """The policy's thresholds again for every finding of a checkpoint."""
        self.overrides.pop(source.weights, None)

    def chosen_elsewhere(self, source: PointSource) -> bool:
        """Whether thresholds were chosen for other weights, which do not hold here."""
        return any(own for weights, own in self.overrides.items() if weights != source.weights)
