"""What is examined: run, list, finding and truth, as the session remembers and the address says them. No Streamlit.

The address is read when it is not the one that the page wrote itself: a link was opened, or the page was loaded again.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chexview.evaluation.confusion import Cell
from chexview.evaluation.operating import OperatingPoints, PointSource, Policy
from chexview.evaluation.run import RunListing
from chexview.evaluation.run_schema import FilmList
from chexview.evaluation.thresholds import parsed, written
from chexview.evaluation.verdicts import Said
from chexview.pages.state.operating import SessionPoints

RUN, LIST, FINDING, POLICY, THRESHOLD = "run", "list", "finding", "policy", "threshold"
TRUTH = "truth"
"""The folder of a reference standard; an address without it means the run's own labels."""
HEADLINE, HELD_OUT = "sharp", "validation"


@dataclass(slots=True)
class RunChoice:
    """One session's choices; "" is none yet. ``requested`` is what an address said of operating points and no page used yet."""

    run: str = ""
    list_name: str = ""
    finding: str = ""
    truth: str = ""
    address: dict[str, str] = field(default_factory=dict)
    requested: dict[str, str] = field(default_factory=dict)
    stops: dict[tuple[str, str], set[float]] = field(default_factory=dict)

    def adopt(self, address: Mapping[str, str]) -> bool:
        """Takes over an address that the page did not write; False if there is nothing to take over."""
        found = {key: address[key] for key in (RUN, LIST, FINDING, TRUTH, POLICY, THRESHOLD) if key in address}
        if not found or found == self.address:
            return False
        self.run, self.list_name = found.get(RUN, self.run), found.get(LIST, self.list_name)
        self.finding, self.truth = found.get(FINDING, self.finding), found.get(TRUTH, "")
        self.requested = self.address = found
        return True

    def apply(self, points: SessionPoints, source: PointSource) -> None:
        """Carries what the address said of policy and threshold into the session's operating points, once."""
        requested, self.requested = self.requested, {}
        if requested.get(POLICY) in set(Policy) and requested[POLICY] != points.of(source).policy:
            points.choose_policy(Policy(requested[POLICY]))
        threshold = parsed(requested.get(THRESHOLD, ""))
        if threshold is None or requested.get(RUN) != self.run or requested.get(FINDING) != self.finding:
            return
        if threshold != points.of(source).threshold(self.finding):
            points.choose_threshold(source, self.finding, threshold)

    def settle(self, points: OperatingPoints) -> dict[str, str]:
        """The address of what is shown now, remembered as the page's own."""
        self.address = {
            RUN: self.run,
            LIST: self.list_name,
            FINDING: self.finding,
            POLICY: points.policy.value,
            THRESHOLD: written(threshold_of(points, self.finding)),
        }
        if self.truth:
            self.address[TRUTH] = self.truth
        return self.address

    def scale(self, stops: Sequence[float], offered: Sequence[float], threshold: float) -> tuple[float, ...]:
        """The stops of the threshold's scale, among them every policy's and each that was ever in use."""
        kept = self.stops.setdefault((self.run, self.finding), set())
        kept.add(threshold)
        return tuple(sorted({*stops, *offered, *kept}))


def threshold_of(points: OperatingPoints, finding: str) -> float:
    """The threshold in use; plus infinity, which flags nobody, where the policy has none for the finding."""
    threshold = points.threshold(finding)
    return math.inf if threshold is None else threshold


def usable_runs(listings: Sequence[RunListing]) -> tuple[RunListing, ...]:
    """The runs that can be offered, bundled ones first, as they come."""
    return tuple(listing for listing in listings if listing.meta is not None)


def sorted_lists(lists: Sequence[FilmList]) -> tuple[FilmList, ...]:
    """A run's lists: the sharp test films first, validation films last."""
    return tuple(sorted(lists, key=lambda item: (item.name != HEADLINE, item.name == HELD_OUT)))


def clicked_threshold(points: Sequence[Mapping[str, Any]]) -> float | None:
    """The threshold of the point of the ROC curve that was clicked; None if the event holds no such point."""
    found = [point["customdata"] for point in points if point.get("curve_number") == 0 and point.get("customdata")]
    if not found:
        return None
    threshold = found[-1][0]
    return math.inf if threshold is None else float(threshold)


def clicked_cell(points: Sequence[Mapping[str, Any]]) -> Cell | None:
    """The cell of the confusion matrix that was clicked; None if the event holds none."""
    found = [point["customdata"][0] for point in points if point.get("customdata")]
    return Cell(found[-1]) if found and found[-1] in set(Cell) else None


def clicked_part(points: Sequence[Mapping[str, Any]]) -> tuple[Cell, Said] | None:
    """The part of *Who was right?* that was clicked: a cell, and what the other truth says; None if the event holds none."""
    found = [point["customdata"] for point in points if len(point.get("customdata") or ()) == 2]
    if not found or found[-1][0] not in set(Cell) or found[-1][1] not in set(Said):
        return None
    return Cell(found[-1][0]), Said(found[-1][1])
