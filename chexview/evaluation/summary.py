"""What a run can be examined for, and one finding's numbers in a line.

Each number is an Estimate, so that its interval and counts go with it into tables and files.
"""

from dataclasses import dataclass

from chexview.evaluation.estimate import Estimate
from chexview.evaluation.run import ValidationRun
from chexview.findings import COMPOSITES


@dataclass(frozen=True, slots=True)
class Precision:
    """The area under the precision-recall curve, and the prevalence, which is what chance reaches of it."""

    average: Estimate
    prevalence: Estimate


@dataclass(frozen=True, slots=True)
class FindingSummary:
    """One finding on one list.

    ``control`` is the AUROC of blur and brightness alone, None if that control was not run; ``threshold``,
    ``sensitivity`` and ``specificity`` are those of the operating point in use, None if it has none.
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
