"""Co-occurrence: which findings are raised, and which are there, when finding X is present."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chexview.evaluation.run import ValidationRun


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CoOccurrence:
    """Rows: films that have a finding; columns: what is raised, or labelled, on them.

    ``flagged`` and ``labelled`` are float64 (k, k), shares of a row's films, NaN where a row has none; ``films`` int64 (k,) counts
    the rows. ``base`` (k,) is the share of all films on which each column is flagged.
    """

    findings: tuple[str, ...]
    flagged: npt.NDArray[np.float64]
    labelled: npt.NDArray[np.float64]
    films: npt.NDArray[np.int64]
    base: npt.NDArray[np.float64]


def co_occurrence(run: ValidationRun, list_name: str, thresholds: Mapping[str, float]) -> CoOccurrence:
    """Over the films of a list; a finding without threshold is left out. Unknown labels count in no row and no column."""
    findings = tuple(finding for finding in run.findings if finding in thresholds)
    inside = run.table.column(f"list__{list_name}")
    labels = np.stack([run.labels(finding)[inside] for finding in findings])
    raised = np.stack([run.logits(finding)[inside] >= np.float32(thresholds[finding]) for finding in findings])
    have = labels == 1
    known = labels >= 0
    films = have.sum(axis=1)
    both_known = have.astype(np.int64) @ known.T.astype(np.int64)
    with np.errstate(invalid="ignore"):
        flagged = (have.astype(np.int64) @ raised.T.astype(np.int64)) / films[:, None]
        labelled = (have.astype(np.int64) @ have.T.astype(np.int64)) / both_known
    return CoOccurrence(findings, flagged, labelled, films.astype(np.int64), raised.mean(axis=1))


def order_alike(found: CoOccurrence) -> Sequence[int]:
    """An order of the findings in which those that go together stand together: by the first axis of their flags' correlation."""
    filled = np.nan_to_num(found.flagged)
    centred = filled - filled.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    return [int(k) for k in np.argsort(axes[0], kind="stable")]
