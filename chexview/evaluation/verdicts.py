"""Who was right? The confusion matrix by the run's label, each cell split by what another truth says of the same films.

A cell's share with the finding is an Estimate. Beside it stands ``chance``, so that nobody reads more into it than is there: the
share among all films of the same label, flagged or not, which the label's errors alone would give if the score knew nothing more
than the label. A cell whose interval leaves it out says that the score knows something that the label does not.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from chexview.errors import RunError
from chexview.evaluation.confusion import Cell
from chexview.evaluation.estimate import Estimate
from chexview.evaluation.examination import Examination
from chexview.evaluation.intervals import auroc_estimate, share_estimate
from chexview.evaluation.selection import Ints


class Said(StrEnum):
    """What the other truth says of a film; the values stand in addresses."""

    YES = "yes"
    NO = "no"


@dataclass(frozen=True, slots=True, eq=False)
class CellVerdict:
    """One cell by the label: how many of its films have the finding by the other truth, and the rows of either kind.

    ``present`` is the share with it. ``chance`` is that share among all films with the cell's label; None without such films.
    """

    cell: Cell
    films: int
    present: Estimate
    chance: float | None
    rows_with: Ints
    rows_without: Ints

    def count(self, said: Said) -> int:
        """How many films the other truth says this of."""
        return len(self.rows_with if said is Said.YES else self.rows_without)

    @property
    def against(self) -> Said:
        """The opposite of what the label says."""
        return Said.NO if self.cell.positive else Said.YES

    @property
    def overturned(self) -> int:
        """How many films the other truth puts on the other side than the label does."""
        return self.count(self.against)


@dataclass(frozen=True, slots=True)
class LabelQuality:
    """The label as a test for what the other truth says: sensitivity, specificity, and predictive values."""

    sensitivity: Estimate
    specificity: Estimate
    ppv: Estimate
    npv: Estimate


@dataclass(frozen=True, slots=True, eq=False)
class Verdicts:
    """All four cells of a finding at a threshold; ``films`` have both a label of the run and one of the other truth.

    ``auroc_by_label`` and ``auroc_by_truth`` are of these same films.
    """

    finding: str
    threshold: float
    films: int
    patients: int
    cells: dict[Cell, CellVerdict]
    label: LabelQuality
    auroc_by_label: Estimate
    auroc_by_truth: Estimate

    @property
    def false_positives_that_are_true(self) -> Estimate:
        """Of flagged films that the label calls free of the finding, the share that has it."""
        return self.cells[Cell.FALSE_POSITIVE].present

    @property
    def false_negatives_that_are_free(self) -> int:
        """Unflagged films with the label that do not show the finding."""
        return self.cells[Cell.FALSE_NEGATIVE].overturned


def verdicts(examination: Examination, threshold: float | None = None) -> Verdicts:
    """The split of an examination whose truth is another than the run's own labels.

    ``threshold`` is a logit; None is the examination's own. Raises ValueError without a threshold or another truth, and RunError
    where no film has both labels.
    """
    if examination.truth is None:
        raise ValueError("who was right is a question of two truths; the examination has only the run's own")
    cut = examination.threshold if threshold is None else threshold
    if cut is None:
        raise ValueError("no threshold: give one, or make the examination with one")
    by_label, both = examination.both_labels.by_label, examination.both_labels.by_truth
    if not both.films:
        raise RunError(f"No film has both a label of {examination.run.name} and one of {examination.truth.title}.")
    labelled = by_label.labels
    flagged = both.logits >= np.float32(cut)
    cells = {}
    for cell in Cell:
        inside = (flagged == cell.flagged) & (labelled == cell.positive)
        same_label = labelled == cell.positive
        cells[cell] = CellVerdict(
            cell,
            int(np.count_nonzero(inside)),
            share_estimate(both.labels[inside], both.patients[inside]),
            float(both.labels[same_label].mean()) if same_label.any() else None,
            both.rows[inside & both.labels],
            both.rows[inside & ~both.labels],
        )
    return Verdicts(
        examination.finding,
        float(np.float32(cut)),
        both.films,
        both.patients_with_films,
        cells,
        LabelQuality(
            share_estimate(labelled[both.labels], both.patients[both.labels]),
            share_estimate(~labelled[~both.labels], both.patients[~both.labels]),
            share_estimate(both.labels[labelled], both.patients[labelled]),
            share_estimate(~both.labels[~labelled], both.patients[~labelled]),
        ),
        auroc_estimate(by_label),
        auroc_estimate(both),
    )
