"""The part of the corpus that ships with the tests, through the application's own door."""

from pathlib import Path

import pytest

from chexview.films import reading
from tests.films.judging import Row, complaint, rows

FILMS = Path(__file__).resolve().parents[1] / "data" / "films"


@pytest.mark.parametrize("row", rows(FILMS), ids=lambda row: row.name)
def test_shipped(row: Row) -> None:
    assert complaint(row, reading.pool()) is None


def test_names_play_no_part() -> None:
    data = (FILMS / "files" / "v00_small.dcm").read_bytes()
    assert repr(reading.read(data, "holiday.jpg")) == repr(reading.read(data))
