"""Flags counted film by film: how many findings a film gets flagged without having them, at thresholds that are in use together."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from chexview.evaluation.run import ValidationRun
from chexview.evaluation.table import Split

MANY = 5
"""So many flags on one film are many."""


@dataclass(frozen=True, slots=True)
class FalseFlags:
    """Over ``films`` of ``patients``: flags a film without the finding, on average, and films with at least MANY flags."""

    films: int
    patients: int
    mean_false: float
    with_many: int


def false_flags(run: ValidationRun, thresholds: Mapping[str, float]) -> FalseFlags | None:
    """Flags at ``thresholds``, logits by finding, on the run's validation films that have a label for each of these findings.

    None if there are no such films.
    """
    findings = [name for name in run.findings if name in thresholds]
    inside = run.table.column("split") == Split.VALIDATION.value
    for name in findings:
        inside = inside & (run.labels(name) >= 0)
    films = int(np.count_nonzero(inside))
    if not films or not findings:
        return None
    flags = np.array([run.logits(name)[inside] >= np.float32(thresholds[name]) for name in findings])
    absent = np.array([run.labels(name)[inside] == 0 for name in findings])
    patients = len(np.unique(run.table.column("patient")[inside]))
    return FalseFlags(films, patients, float((flags & absent).sum() / films), int((flags.sum(axis=0) >= MANY).sum()))
