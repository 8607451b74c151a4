"""Which film stands where, and which are listed."""

import math

from chexview.worklist.entries import Status
from chexview.worklist.sorting import Filter, SortOrder, filter_entries, highest_margin, sort_entries
from tests.worklist.making import reading, row

ROWS = (
    row("refused", Status.REFUSED),
    row("mild", reading=reading(Mass=-1.0, Hernia=-3.0)),
    row("waiting", Status.WAITING),
    row("unscored"),
    row("withheld", Status.WITHHELD),
    row("urgent", reading=reading(Mass=-2.0, Hernia=2.5)),
    row("reading", Status.READING),
    row("without thresholds", reading=reading(Mass=None)),
)


def ids(rows: object) -> list[str]:
    return [row.id for row in rows]  # type: ignore[attr-defined]


def test_the_most_flagged_stand_first_and_each_status_has_its_place() -> None:
    assert ids(sort_entries(ROWS, SortOrder.FLAGS)) == [
        "urgent",
        "mild",
        "unscored",
        "without thresholds",
        "withheld",
        "reading",
        "waiting",
        "refused",
    ]


def test_more_flags_stand_before_a_wider_margin() -> None:
    rows = [row("far", reading=reading(Mass=5.0)), row("two", reading=reading(Mass=0.1, Hernia=0.1)), row("none")]
    rows.append(row("near", reading=reading(Mass=0.2, Hernia=-4.0)))
    assert ids(sort_entries(rows, SortOrder.FLAGS)) == ["two", "far", "near", "none"]


def test_equals_stand_as_they_came() -> None:
    rows = [row(name, reading=reading(Mass=1.0)) for name in "cab"]
    assert ids(sort_entries(rows, SortOrder.FLAGS)) == ["c", "a", "b"]
    assert ids(sort_entries(rows, SortOrder.ARRIVAL)) == ["c", "a", "b"]


def test_names_are_ordered_as_people_order_them() -> None:
    endless = "film" + "9" * 5000
    names = ["film10.png", "Film2.png", endless, "film1", "2", "10", "b/1", "", "²"]
    found = ids(sort_entries([row(name) for name in names], SortOrder.NAME))
    assert found == ["", "2", "10", "b/1", "film1", "Film2.png", "film10.png", endless, "²"]


def test_urgency_is_the_largest_margin() -> None:
    assert highest_margin(row("a", reading=reading(Mass=-2.0, Nodule=None, Hernia=0.5))) == 0.5
    assert highest_margin(row("a", reading=reading(Mass=math.nan, Hernia=-1.0))) == -1.0
    assert highest_margin(row("a", reading=reading(Mass=None))) == highest_margin(row("a")) == -math.inf


def test_urgency_follows_the_operating_points_in_use() -> None:
    film = row("a", reading=reading(Mass=1.0, Hernia=0.5))
    assert highest_margin(film.at("own", {"Mass": 3.0, "Hernia": 0.0})) == 0.5
    assert highest_margin(film) == 1.0
    assert row("b").at("own", {}).reading is None


def test_filters() -> None:
    assert filter_entries(ROWS, Filter.ALL) == ROWS
    assert ids(filter_entries(ROWS, Filter.FLAGGED)) == ["urgent"]
    assert ids(filter_entries(ROWS, Filter.FLAGGED, "Hernia")) == ["urgent"]
    assert ids(filter_entries(ROWS, Filter.FLAGGED, "Mass")) == []
    assert ids(filter_entries(ROWS, Filter.WITHHELD)) == ["withheld"]
    assert ids(filter_entries(ROWS, Filter.REFUSED)) == ["refused"]
    assert ids(filter_entries(ROWS, Filter.UNREAD)) == ["waiting", "reading"]
