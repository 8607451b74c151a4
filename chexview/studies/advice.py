"""The model's reading in the words of a study: findings that it scores, and composites of them."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from chexview.evaluation.composite import any_of
from chexview.findings import COMPOSITES


def parts_of(finding: str) -> tuple[str, ...]:
    """The findings that a study's finding is made of: itself, or a composite's parts."""
    return COMPOSITES.get(finding, (finding,))


def study_scores(log_odds: Mapping[str, float], findings: Sequence[str]) -> dict[str, float]:
    """The log-odds of a study's findings from those of a checkpoint's; one whose parts are not all scored is left out."""
    return {
        finding: float(any_of(np.array([[log_odds[part] for part in parts_of(finding)]]))[0])
        for finding in findings
        if all(part in log_odds for part in parts_of(finding))
    }


def study_flags(flagged: Collection[str], findings: Sequence[str]) -> tuple[str, ...]:
    """A study's findings that are flagged; a composite is where one of its parts is."""
    return tuple(finding for finding in findings if any(part in flagged for part in parts_of(finding)))
