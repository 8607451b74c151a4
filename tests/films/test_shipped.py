"""The part of the corpus that ships with the tests, through the application's own door."""

from pathlib import Path

import pytest

from chexview.films import read as film_reader
from tests.films.expectations import Row, complaint, rows

FILMS = Path(__file__).resolve().parents[1] / "data" / "films"


@pytest.mark.parametrize("row", rows(FILMS), ids=lambda row: row.name)
def test_shipped(row: Row) -> None:
    assert complaint(row, film_reader.pool()) is None


def test_names_play_no_part() -> None:
    data = (FILMS / "files" / "v00_small.dcm").read_bytes()
    assert repr(film_reader.read(data, "holiday.jpg")) == repr(film_reader.read(data))
