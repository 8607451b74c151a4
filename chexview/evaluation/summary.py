"""One line a finding: how well a list's films are ranked, and how well a policy's threshold parts them.

Each number is an Estimate, so that its interval and counts go with it into tables and files.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chexview.evaluation.bootstrap import RESAMPLES
from chexview.evaluation.confusion import confusion
from chexview.evaluation.estimate import Estimate
from chexview.evaluation.intervals import auroc_estimate, average_precision_estimate, share_estimate
from chexview.evaluation.operating import Policy
from chexview.evaluation.run import ValidationRun
from chexview.evaluation.selection import Selection
from chexview.evaluation.thresholds import offer
from chexview.findings import COMPOSITES


@dataclass(frozen=True, slots=True)
class Precision:
    """The area under the precision-recall curve, and the prevalence, which is what chance reaches of it."""

    average: Estimate
    prevalence: Estimate


@dataclass(frozen=True, slots=True)
class FindingSummary:
    """One finding on one list.

    ``control`` is the AUROC of blur and brightness alone, None where that control was not run; ``threshold``,
    ``sensitivity`` and ``specificity`` are those of the policy, None where it has no usable threshold.
    """

    finding: str
    auroc: Estimate
    precision: Precision
    control: Estimate | None
    threshold: float | None
    sensitivity: Estimate | None
    specificity: Estimate | None


def assessed(run: ValidationRun) -> tuple[str, ...]:
    """Everything a run can be examined for: its findings, then the composites made of them."""
    return *run.findings, *run.composites


def has_control(run: ValidationRun, finding: str) -> bool:
    """Whether the blur-and-brightness control was run for a finding, or for all parts of a composite."""
    parts = COMPOSITES[finding] if finding in run.composites else (finding,)
    return set(parts) <= set(run.controlled)


def precision(selection: Selection, resamples: int = RESAMPLES) -> Precision:
    """Average precision and prevalence of a selection."""
    return Precision(
        average_precision_estimate(selection, resamples), share_estimate(selection.labels, selection.patients)
    )


def auroc_of(run: ValidationRun, finding: str, list_name: str, control: bool = False) -> Estimate:
    """The AUROC of a finding or composite, or of its control."""
    return auroc_estimate(run.select(finding, list_name, control))


def summarise(
    run: ValidationRun,
    list_name: str,
    findings: Sequence[str],
    policy: Policy,
    aurocs: Mapping[str, Estimate],
    precisions: Mapping[str, Precision],
    controls: Mapping[str, Estimate],
) -> tuple[FindingSummary, ...]:
    """The lines of a list's findings, from areas that are there already and the policy's threshold for each."""
    lines = []
    for finding in findings:
        threshold = offer(run, finding, list_name).points.get(policy)
        found = None if threshold is None else confusion(run.select(finding, list_name), threshold)
        lines.append(
            FindingSummary(
                finding=finding,
                auroc=aurocs[finding],
                precision=precisions[finding],
                control=controls.get(finding),
                threshold=threshold,
                sensitivity=found.sensitivity if found else None,
                specificity=found.specificity if found else None,
            )
        )
    return tuple(lines)
