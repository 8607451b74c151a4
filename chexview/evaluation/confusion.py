"""Confusion: how many films are flagged rightly and wrongly at a threshold.

A film is flagged where ``logit >= threshold``, both in float32.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from chexview.evaluation.curves import RocCurve, roc_of
from chexview.evaluation.estimate import Estimate
from chexview.evaluation.intervals import share_estimate
from chexview.evaluation.selection import Bools, Ints, Selection


class Cell(StrEnum):
    """The four cells; the values are words for the user."""

    TRUE_POSITIVE = "true positive"
    FALSE_POSITIVE = "false positive"
    FALSE_NEGATIVE = "false negative"
    TRUE_NEGATIVE = "true negative"

    @property
    def flagged(self) -> bool:
        """Whether the films of this cell are flagged."""
        return self in (Cell.TRUE_POSITIVE, Cell.FALSE_POSITIVE)

    @property
    def positive(self) -> bool:
        """Whether the films of this cell have the finding."""
        return self in (Cell.TRUE_POSITIVE, Cell.FALSE_NEGATIVE)

    @classmethod
    def of(cls, positive: bool, flagged: bool) -> "Cell":
        """The cell of a film that has the finding or not, and is flagged or not."""
        return next(cell for cell in cls if cell.positive == positive and cell.flagged == flagged)


@dataclass(frozen=True, slots=True)
class CellCounts:
    """Films in the four cells at ``threshold``, and patients with at least one film in a cell.

    ``found_patients`` of ``positive_patients`` have a true positive film, ``alarmed_patients`` of ``negative_patients``
    a false positive one. A patient with films of both kinds counts on both sides.
    """

    threshold: float
    true_positives: int
    false_positives: int
    false_negatives: int
    true_negatives: int
    found_patients: int
    positive_patients: int
    alarmed_patients: int
    negative_patients: int

    @property
    def films(self) -> int:
        """All films."""
        return self.true_positives + self.false_positives + self.false_negatives + self.true_negatives

    @property
    def flagged(self) -> int:
        """Flagged films, rightly or wrongly."""
        return self.true_positives + self.false_positives

    def of(self, cell: Cell) -> int:
        """The films in one cell."""
        return {
            Cell.TRUE_POSITIVE: self.true_positives,
            Cell.FALSE_POSITIVE: self.false_positives,
            Cell.FALSE_NEGATIVE: self.false_negatives,
            Cell.TRUE_NEGATIVE: self.true_negatives,
        }[cell]


@dataclass(frozen=True, slots=True)
class Confusion:
    """The counts at a threshold and the four rates with their intervals for clustered films.

    ``ppv`` and ``npv`` hold for films among which the finding is as frequent as here.
    """

    finding: str
    list_name: str
    counts: CellCounts
    sensitivity: Estimate
    specificity: Estimate
    ppv: Estimate
    npv: Estimate


@dataclass(frozen=True, slots=True, eq=False)
class ThresholdTable:
    """The counts at every threshold that occurs, made once for a selection and looked up in microseconds.

    ``found_patients`` and ``alarmed_patients`` are int64 (k,), one for each point of ``curve``.
    """

    curve: RocCurve
    found_patients: Ints
    alarmed_patients: Ints
    positive_patients: int
    negative_patients: int

    def at(self, threshold: float) -> CellCounts:
        """The counts at any threshold, one that occurs or not; plus infinity flags nobody."""
        k = self.curve.index(threshold)
        hits, alarms = int(self.curve.true_positives[k]), int(self.curve.false_positives[k])
        return CellCounts(
            threshold=float(np.float32(threshold)),
            true_positives=hits,
            false_positives=alarms,
            false_negatives=self.curve.positives - hits,
            true_negatives=self.curve.negatives - alarms,
            found_patients=int(self.found_patients[k]),
            positive_patients=self.positive_patients,
            alarmed_patients=int(self.alarmed_patients[k]),
            negative_patients=self.negative_patients,
        )


def threshold_table(selection: Selection) -> ThresholdTable:
    """The counts of a selection at every threshold."""
    curve = roc_of(selection)
    return ThresholdTable(
        curve=curve,
        found_patients=_patients_flagged(selection, selection.labels, curve),
        alarmed_patients=_patients_flagged(selection, ~selection.labels, curve),
        positive_patients=selection.positive_patients,
        negative_patients=selection.negative_patients,
    )


def _patients_flagged(selection: Selection, mask: Bools, curve: RocCurve) -> Ints:
    """How many patients have at least one film of ``mask`` flagged, at each threshold (k,) of the curve."""
    highest = np.full(selection.patient_count, -np.inf, np.float32)
    np.maximum.at(highest, selection.patients[mask], selection.logits[mask])
    ordered = np.sort(highest[np.isfinite(highest)])
    return (len(ordered) - np.searchsorted(ordered, curve.thresholds, side="left")).astype(np.int64)


def flags(selection: Selection, threshold: float) -> Bools:
    """Which films are flagged, bool (n,)."""
    return selection.logits >= np.float32(threshold)


def confusion(selection: Selection, threshold: float) -> Confusion:
    """Counts and rates of a selection at a threshold."""
    flagged, truth, owners = flags(selection, threshold), selection.labels, selection.patients

    def patients(mask: Bools) -> int:
        return int(np.count_nonzero(np.bincount(owners[mask], minlength=1)))

    counts = CellCounts(
        threshold=float(np.float32(threshold)),
        true_positives=int(np.count_nonzero(truth & flagged)),
        false_positives=int(np.count_nonzero(~truth & flagged)),
        false_negatives=int(np.count_nonzero(truth & ~flagged)),
        true_negatives=int(np.count_nonzero(~truth & ~flagged)),
        found_patients=patients(truth & flagged),
        positive_patients=patients(truth),
        alarmed_patients=patients(~truth & flagged),
        negative_patients=patients(~truth),
    )
    return Confusion(
        finding=selection.finding,
        list_name=selection.list_name,
        counts=counts,
        sensitivity=share_estimate(flagged[truth], owners[truth]),
        specificity=share_estimate(~flagged[~truth], owners[~truth]),
        ppv=share_estimate(truth[flagged], owners[flagged]),
        npv=share_estimate(~truth[~flagged], owners[~flagged]),
    )
