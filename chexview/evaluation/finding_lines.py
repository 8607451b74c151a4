"""One line a finding: how well a list's films are ranked, and how well the operating points in use part them."""

from collections.abc import Iterable, Mapping

from chexview.evaluation.examination import Examination
from chexview.evaluation.summary import FindingSummary, Precision


def finding_lines(examinations: Iterable[Examination], thresholds: Mapping[str, float]) -> tuple[FindingSummary, ...]:
    """The lines of examinations, at ``thresholds``, logits by finding; a finding that these lack has no rates."""
    return tuple(_line(item, thresholds.get(item.finding)) for item in examinations)


def _line(item: Examination, threshold: float | None) -> FindingSummary:
    found = None if threshold is None else item.confusion(threshold)
    control = item.of_control
    return FindingSummary(
        finding=item.finding,
        auroc=item.auroc,
        precision=Precision(item.average_precision, item.prevalence),
        control=control.auroc if control else None,
        threshold=threshold,
        sensitivity=found.sensitivity if found else None,
        specificity=found.specificity if found else None,
    )
