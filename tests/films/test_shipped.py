"""The part of the corpus and of the odd files that ships with the tests, as the application reads them."""

from pathlib import Path

import pytest

from chexview.films import read as film_reader
from tests.films.expectations import Row, complaint, rows

FILMS = Path(__file__).resolve().parents[1] / "data" / "films"


ROWS = [*rows(FILMS), *rows(FILMS / "attack")]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_shipped(row: Row) -> None:
    assert complaint(row, film_reader.pool()) is None


def test_names_play_no_part() -> None:
    data = (FILMS / "files" / "v00_small.dcm").read_bytes()
    assert repr(film_reader.read(data, "holiday.jpg")) == repr(film_reader.read(data))


def test_the_indexes_are_whole() -> None:
    assert len(rows(FILMS)) >= 50
    assert len(rows(FILMS / "attack")) == 29
