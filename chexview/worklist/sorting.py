"""Which films of a worklist are listed, and in which order. Pure functions of its rows."""

import math
import re
from collections.abc import Iterable
from enum import StrEnum

from chexview.worklist.entries import Status, WorklistEntry


class SortOrder(StrEnum):
    """Orders of a list; the values are for people."""

    FLAGS = "most flagged first"
    ARRIVAL = "as they came"
    NAME = "by name"


class Filter(StrEnum):
    """Which films are listed; the values are for people."""

    ALL = "all"
    FLAGGED = "flagged"
    WITHHELD = "score withheld"
    REFUSED = "refused"
    UNREAD = "not read yet"


_PLACES = {Status.READ: 0, Status.WITHHELD: 1, Status.READING: 2, Status.WAITING: 3, Status.REFUSED: 4}
_DIGITS = re.compile(r"(\d+)")


def sort_entries(rows: Iterable[WorklistEntry], order: SortOrder) -> tuple[WorklistEntry, ...]:
    """The rows in ``order``; ``rows`` come in the order of arrival, which decides between equals.

    In the order FLAGS the films that are read come first, those with most flags before others and equals by
    :func:`highest_margin`, then those withheld, being read, waiting, refused.
    """
    if order is SortOrder.FLAGS:
        return tuple(sorted(rows, key=lambda row: (_PLACES[row.status], -flags(row), -highest_margin(row))))
    if order is SortOrder.NAME:
        return tuple(sorted(rows, key=lambda row: _natural(row.name)))
    return tuple(rows)


def flags(row: WorklistEntry) -> int:
    """How many of the film's findings are flagged."""
    return sum(score.flagged for score in row.reading.findings) if row.reading is not None else 0


def highest_margin(row: WorklistEntry) -> float:
    """The largest calibrated log-odds over a threshold among the findings; minus infinity if there is none."""
    if row.reading is None:
        return -math.inf
    margins = (score.margin for score in row.reading.findings)
    return max((margin for margin in margins if not math.isnan(margin)), default=-math.inf)


def filter_entries(rows: Iterable[WorklistEntry], which: Filter, finding: str = "") -> tuple[WorklistEntry, ...]:
    """The rows that ``which`` lists, in their order; with ``finding``, FLAGGED means that this finding is flagged."""
    return tuple(row for row in rows if _is_kept(row, which, finding))


def _is_kept(row: WorklistEntry, which: Filter, finding: str) -> bool:
    match which:
        case Filter.ALL:
            return True
        case Filter.FLAGGED:
            scores = row.reading.findings if row.reading is not None else ()
            return any(score.flagged for score in scores if finding in ("", score.name))
        case Filter.WITHHELD:
            return row.status is Status.WITHHELD
        case Filter.REFUSED:
            return row.status is Status.REFUSED
        case Filter.UNREAD:
            return row.is_pending


def _natural(name: str) -> list[tuple[int, int, str]]:
    """A key by which "film 2" stands before "film 10", capitals or not.

    By hand: natsort raises TypeError where one name has more digits than Python turns into a number (4,300), and names come from
    outside.
    """
    parts = (part for part in _DIGITS.split(name.casefold()) if part)
    return [(0, int(part[:100]), part) if part.isdecimal() else (1, 0, part) for part in parts]
