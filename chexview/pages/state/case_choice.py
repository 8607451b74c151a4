"""What the Cases page shows: which films, in which order, from which one on, and the case that is open. No Streamlit.

The address holds rows of the run's table, never an image's or a patient's name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from chexview.evaluation.cases import CaseOrder, CaseSet
from chexview.evaluation.confusion import Cell
from chexview.evaluation.verdicts import Said

FILMS, ORDER, START, CASE, HERE = "films", "order", "from", "case", "here"
JUDGE, SAID = "judge", "said"
PAGE = 12
"""Films on one page of the gallery."""


@dataclass(slots=True)
class CaseChoice:
    """One session's choices on the Cases page; ``case`` is a row of the run's table, None if no case is open."""

    shown: CaseSet = CaseSet.FALSE_POSITIVE
    order: CaseOrder = CaseOrder.HARDEST
    start: int = 0
    case: int | None = None
    here: bool | None = None
    """Whether only films at hand are shown; None until the user says."""
    judge: str = ""
    """The folder of a reference standard whose word, ``said``, parts the films of a cell by the run's own labels; "" for none."""
    said: Said | None = None
    address: dict[str, str] = field(default_factory=dict)

    def adopt(self, address: Mapping[str, str]) -> None:
        """Takes over an address that the page did not write; what it does not say starts anew."""
        found = {key: address[key] for key in (FILMS, ORDER, START, CASE, HERE, JUDGE, SAID) if key in address}
        if not found or found == self.address:
            return
        self.shown = CaseSet(found[FILMS]) if found.get(FILMS) in set(CaseSet) else self.shown
        self.order = CaseOrder(found[ORDER]) if found.get(ORDER) in set(CaseOrder) else CaseOrder.HARDEST
        self.start = _whole(found.get(START)) or 0
        self.case = _whole(found.get(CASE))
        self.here = {"1": True, "0": False}.get(found.get(HERE, ""))
        self.judge = found.get(JUDGE, "")
        self.said = Said(found[SAID]) if self.judge and found.get(SAID) in set(Said) else None
        self.address = found

    def settle(self) -> dict[str, str]:
        """The address of what is shown now, remembered as the page's own."""
        self.address = {FILMS: self.shown.value, ORDER: self.order.value}
        if self.start:
            self.address[START] = str(self.start)
        if self.case is not None:
            self.address[CASE] = str(self.case)
        if self.here is not None:
            self.address[HERE] = str(int(self.here))
        if self.judge:
            self.address[JUDGE] = self.judge
        if self.judge and self.said is not None:
            self.address[SAID] = self.said.value
        return self.address

    def only_here(self, there: int, films: int) -> bool:
        """Whether only films at hand are shown, as is usual where some are missing: ``there`` of ``films`` are here."""
        return 0 < there < films if self.here is None else self.here

    def page(self, count: int) -> slice:
        """The part of ``count`` films or pairs that is shown, brought back within them."""
        if self.start >= count:
            self.start = max(0, (count - 1) // PAGE * PAGE)
        return slice(self.start, min(count, self.start + PAGE))

    def turn(self, by: int, count: int) -> None:
        """Goes ``by`` pages on or back."""
        self.start = min(max(0, self.start + by * PAGE), max(0, (count - 1) // PAGE * PAGE))


def part_address(cell: Cell, judge: str, said: Said) -> dict[str, str]:
    """The address of a cell's films, by the run's own labels, of which a reference standard says yes or no."""
    return {FILMS: CaseSet.of(cell).value, JUDGE: judge, SAID: said.value}


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else None
