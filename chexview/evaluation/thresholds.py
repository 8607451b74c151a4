"""The thresholds a reader may choose from: those that policies offer, those worth a stop on a scale, and their text.

A policy's threshold is best taken from other films than those it is judged on. So a finding's offer is, in this order:
what the run stores; what its validation films choose; and, where there is neither, what the judged films choose
themselves, which must be said.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from chexview.calibration import IDENTITY, Calibration
from chexview.evaluation.curves import RocCurve, roc_of, thin_roc
from chexview.evaluation.operating import OfferedPoints, Policy, choose_on
from chexview.evaluation.run import ValidationRun
from chexview.evaluation.selection import Selection
from chexview.evaluation.table import Split
from chexview.findings import COMPOSITES

STOPS = 400
"""Thresholds on a scale at most: one for about every pixel and a half of the curve's length."""


class Origin(StrEnum):
    """Where an offer's thresholds come from."""

    STORED = "stored"
    VALIDATION = "validation"
    HERE = "here"


@dataclass(frozen=True, slots=True)
class Offer:
    """The usable thresholds of one finding by policy, and where they come from.

    ``run`` and ``list_name`` name the films that chose them, "" if the run does not say; ``here`` says that those
    are the very films that are judged.
    """

    points: dict[Policy, float]
    origin: Origin
    run: str
    list_name: str
    here: bool

    def policy_of(self, threshold: float, wish: Policy) -> Policy | None:
        """The policy that chose exactly this threshold: the one wished for, where several did; None if none did."""
        found = [policy for policy, point in self.points.items() if point == threshold]
        return wish if wish in found else next(iter(found), None)

    def preferred(self, wish: Policy) -> float | None:
        """The threshold of the policy wished for, else of the first that is offered, None if none is."""
        return self.points.get(wish, next(iter(self.points.values()), None))


def offer(run: ValidationRun, finding: str, list_name: str) -> Offer:
    """The thresholds offered for judging a finding on a list. Raises RunError if the run lacks one of the two."""
    stored = {
        policy: points[finding] for policy in Policy if finding in (points := run.meta.operating_points.get(policy, {}))
    }
    judged = run.select(finding, list_name)
    validation = run.table.column("split") == Split.VALIDATION.value
    if stored:
        chosen = run.meta.chosen_on
        if chosen is None:
            return Offer(stored, Origin.STORED, "", "", here=False)
        own = chosen.run in (run.name, run.meta.checkpoint.name)
        return Offer(stored, Origin.STORED, chosen.run, chosen.list_name, here=own and chosen.list_name == list_name)
    if validation.any():
        held_out = run.select_where(finding, validation, Split.VALIDATION.value)
        here = bool(validation[run.list_mask(list_name)].any())
        return Offer(_usable(held_out), Origin.VALIDATION, run.name, Split.VALIDATION.value, here)
    return Offer(_usable(judged), Origin.HERE, run.name, list_name, here=True)


def offered_points(run: ValidationRun, list_name: str) -> OfferedPoints:
    """What is offered for judging every finding and composite of a run on a list, as session-wide operating points take it.

    Its ``weights`` are those of the run's checkpoint; where they are not known, the run's own digest stands for them.
    """
    points: dict[str, dict[str, float]] = {policy: {} for policy in Policy}
    for finding in (*run.findings, *run.composites):
        for policy, threshold in offer(run, finding, list_name).points.items():
            points[policy][finding] = threshold
    return OfferedPoints(run.meta.checkpoint.weights or f"run {run.digest}", points)


def _usable(selection: Selection) -> dict[Policy, float]:
    curve = roc_of(selection)
    chosen = (choose_on(curve, policy) for policy in Policy)
    return {point.policy: point.threshold for point in chosen if point.usable}


def calibration_of(run: ValidationRun, finding: str) -> Calibration | None:
    """The line from a finding's logits to calibrated log-odds; None if there is none.

    Scores that came as probabilities are taken at their word: their logits are log-odds already, as are those of a composite
    that the run puts together from parts that have probabilities.
    """
    if finding in run.meta.calibration:
        return run.meta.calibration[finding]
    if finding in run.meta.probabilities:
        return IDENTITY
    if finding in run.composites and all(calibration_of(run, part) for part in COMPOSITES[finding]):
        return IDENTITY
    return None


def calibrated_at(run: ValidationRun, finding: str) -> float | None:
    """The share of films with the finding where the run's calibration was fitted; None if the run does not hold those films."""
    chosen = run.meta.chosen_on
    if chosen is None or chosen.run not in (run.name, run.meta.checkpoint.name):
        return None
    if chosen.list_name not in {item.name for item in run.lists}:
        return None
    selection = run.select(finding, chosen.list_name)
    return selection.positive_films / selection.films if selection.films else None


def stops(curve: RocCurve, always: Iterable[float] = (), count: int = STOPS) -> tuple[float, ...]:
    """Rising thresholds for a scale: at most ``count`` that occur, even along the ROC curve, and those of ``always``.

    The last, plus infinity, flags nobody.
    """
    thin = thin_roc(curve, count)
    return tuple(sorted({*(float(threshold) for threshold in thin.thresholds), *always, math.inf}))


def threshold_at(value: float, calibration: Calibration | None) -> float:
    """The float32 logit of a probability in per cent, strictly between 0 and 100; without calibration the value itself."""
    if calibration is None:
        return float(np.float32(value))
    return float(np.float32(calibration.logit_at(value / 100)))


def written(threshold: float) -> str:
    """A float32 threshold in the fewest digits that give it back exactly."""
    return str(np.float32(threshold))


def parsed(text: str) -> float | None:
    """The threshold of :func:`written`; None for anything else than a number."""
    try:
        value = float(np.float32(text))
    except ValueError:
        return None
    return None if math.isnan(value) or value == -math.inf else value
