"""Cases: the films behind a cell of the confusion matrix, in an order that teaches, and look-alikes at equal scores."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from chexview.evaluation.confusion import Cell, flags
from chexview.evaluation.selection import Ints, Selection


class CaseOrder(StrEnum):
    """In which order the films of a cell come."""

    HARDEST = "hardest"
    CLEAREST = "clearest"


class CaseSet(StrEnum):
    """Which films are looked at together: those of a cell, or pairs that scored alike."""

    TRUE_POSITIVE = "tp"
    FALSE_POSITIVE = "fp"
    FALSE_NEGATIVE = "fn"
    TRUE_NEGATIVE = "tn"
    ALIKE = "alike"

    @property
    def cell(self) -> Cell | None:
        """The cell of the confusion matrix; None for pairs."""
        return None if self is CaseSet.ALIKE else _CELLS[self]

    @classmethod
    def of(cls, cell: Cell) -> "CaseSet":
        """The set of a cell's films."""
        return next(shown for shown, found in _CELLS.items() if found is cell)


_CELLS = {
    CaseSet.TRUE_POSITIVE: Cell.TRUE_POSITIVE,
    CaseSet.FALSE_POSITIVE: Cell.FALSE_POSITIVE,
    CaseSet.FALSE_NEGATIVE: Cell.FALSE_NEGATIVE,
    CaseSet.TRUE_NEGATIVE: Cell.TRUE_NEGATIVE,
}


@dataclass(frozen=True, slots=True)
class LookAlikes:
    """Two films that scored alike, one with the finding and one without: rows of the run's table, and their logits."""

    with_it: int
    without_it: int
    logit_with: float
    logit_without: float

    @property
    def apart(self) -> float:
        """How far apart the two logits lie."""
        return abs(self.logit_with - self.logit_without)


def cell_films(selection: Selection, threshold: float, cell: Cell, order: CaseOrder = CaseOrder.HARDEST) -> Ints:
    """The rows (n,), in the run's table, of the films in a cell.

    Hardest first: of mistakes those farthest on the wrong side of the threshold, of films told rightly those that came
    closest to being mistaken. Clearest first is the other way round. Films of one score stand in the order of the table.
    """
    inside = np.flatnonzero((flags(selection, threshold) == cell.flagged) & (selection.labels == cell.positive))
    scores = selection.logits[inside]
    rising = cell.positive == (order is CaseOrder.HARDEST)
    return selection.rows[inside[np.argsort(scores if rising else -scores, kind="stable")]]


def alike(
    selection: Selection, threshold: float, flagged: bool = True, most: int | None = None
) -> tuple[LookAlikes, ...]:
    """Pairs of films, one with and one without the finding, on the same side of the threshold and alike in score.

    Flagged pairs are true beside false positives, others false beside true negatives. Each film stands in one pair at
    most, the two are never of one patient, and the pairs that differ least are made first (greedily, so that the
    result is the same each time); they come by falling score, ``most`` of them at most: the highest of flagged pairs,
    the lowest of the others.
    """
    side = np.flatnonzero(flags(selection, threshold) == flagged)
    sick, well = side[selection.labels[side]], side[~selection.labels[side]]
    if not len(sick) or not len(well):
        return ()
    well = well[np.argsort(selection.logits[well], kind="stable")]
    candidates = _neighbours(selection, sick, well)
    taken: set[int] = set()
    found: list[LookAlikes] = []
    for a, b in candidates:
        if a in taken or b in taken:
            continue
        taken |= {a, b}
        logits = float(selection.logits[a]), float(selection.logits[b])
        found.append(LookAlikes(int(selection.rows[a]), int(selection.rows[b]), *logits))
    found.sort(key=lambda pair: (-(pair.logit_with + pair.logit_without), pair.with_it))
    if most is None or len(found) <= most:
        return tuple(found)
    return tuple(found[:most] if flagged else found[-most:])


NEIGHBOURS = 24
"""How many films of the other kind, next in score, are tried for each film."""


def _neighbours(selection: Selection, sick: Ints, well: Ints) -> list[tuple[int, int]]:
    """Candidates for pairs as positions in the selection, those that differ least first; ``well`` rises in score."""
    scores = selection.logits[well].astype(np.float64)
    place = np.searchsorted(scores, selection.logits[sick].astype(np.float64))
    offsets = np.arange(-(NEIGHBOURS // 2), NEIGHBOURS // 2)
    index = place[:, None] + offsets
    inside = (index >= 0) & (index < len(well))
    a = np.repeat(sick, inside.sum(axis=1))
    b = well[index[inside]]
    other = selection.patients[a] != selection.patients[b]
    a, b = a[other], b[other]
    gap = np.abs(selection.logits[a].astype(np.float64) - selection.logits[b])
    order = np.lexsort((b, a, gap))
    return list(zip(a[order].tolist(), b[order].tolist(), strict=True))
