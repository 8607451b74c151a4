"""What is being examined: run, list, finding and threshold, as the session remembers it and the address tells it.

No Streamlit. The address is read when it is not the one that the page wrote itself: a link was opened, or the page was
loaded again.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chexview.evaluation.confusion import Cell
from chexview.evaluation.operating import Policy
from chexview.evaluation.run import RunListing
from chexview.evaluation.run_schema import FilmList
from chexview.evaluation.thresholds import Offer, parsed, written

RUN, LIST, FINDING, THRESHOLD = "run", "list", "finding", "threshold"
HEADLINE, HELD_OUT = "sharp", "validation"


@dataclass(slots=True)
class View:
    """One session's choices; "" is none yet. Thresholds are kept by run and finding, through changes of the list."""

    run: str = ""
    list_name: str = ""
    finding: str = ""
    policy: Policy = Policy.SPECIFICITY_90
    thresholds: dict[tuple[str, str], float] = field(default_factory=dict)
    stops: dict[tuple[str, str], set[float]] = field(default_factory=dict)
    address: dict[str, str] = field(default_factory=dict)

    def adopt(self, address: Mapping[str, str]) -> bool:
        """Takes over an address that the page did not write; False where there is nothing to take over."""
        told = {key: address[key] for key in (RUN, LIST, FINDING, THRESHOLD) if key in address}
        if not told or told == self.address:
            return False
        self.run, self.list_name = told.get(RUN, self.run), told.get(LIST, self.list_name)
        self.finding = told.get(FINDING, self.finding)
        threshold = parsed(told.get(THRESHOLD, ""))
        if threshold is not None and RUN in told and FINDING in told:
            self.thresholds[told[RUN], told[FINDING]] = threshold
        self.address = told
        return True

    def settle(self, threshold: float) -> dict[str, str]:
        """The address of what is shown now, remembered as the page's own."""
        self.address = {
            RUN: self.run,
            LIST: self.list_name,
            FINDING: self.finding,
            THRESHOLD: written(threshold),
        }
        return self.address

    @property
    def at(self) -> tuple[str, str]:
        """Run and finding, under which the threshold is kept."""
        return self.run, self.finding

    def threshold(self, offered: Offer) -> float:
        """The threshold in use: the reader's, else that of the policy last chosen, else of any that is offered."""
        if self.at in self.thresholds:
            return self.thresholds[self.at]
        preferred = offered.preferred(self.policy)
        return math.inf if preferred is None else preferred

    def scale(self, stops: Sequence[float], offered: Offer) -> tuple[float, ...]:
        """The stops of the threshold's scale, among them every policy's and each that was ever in use."""
        kept = self.stops.setdefault(self.at, set())
        kept.add(self.threshold(offered))
        return tuple(sorted({*stops, *offered.points.values(), *kept}))


def in_order(listings: Sequence[RunListing]) -> tuple[RunListing, ...]:
    """The runs that can be offered, bundled ones first, as they come."""
    return tuple(listing for listing in listings if listing.meta is not None)


def lists_in_order(lists: Sequence[FilmList]) -> tuple[FilmList, ...]:
    """A run's lists: the sharp test films first, validation films last."""
    return tuple(sorted(lists, key=lambda item: (item.name != HEADLINE, item.name == HELD_OUT)))


def clicked(points: Sequence[Mapping[str, Any]]) -> float | None:
    """The threshold of the point of the ROC curve that was clicked; None where the event holds no such point."""
    told = [point["customdata"] for point in points if point.get("curve_number") == 0 and point.get("customdata")]
    if not told:
        return None
    threshold = told[-1][0]
    return math.inf if threshold is None else float(threshold)


def cell_clicked(points: Sequence[Mapping[str, Any]]) -> Cell | None:
    """The cell of the confusion matrix that was clicked; None where the event holds none."""
    told = [point["customdata"][0] for point in points if point.get("customdata")]
    return Cell(told[-1]) if told and told[-1] in set(Cell) else None
