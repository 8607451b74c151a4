"""Limits are on what a file declares, and say where they found it."""

import pytest

from chexview.errors import ContentError, LimitError
from chexview.films import limits
from tests.films.expectations import is_sentence


@pytest.mark.parametrize(
    ("rows", "columns", "error"),
    [(9000, 100, LimitError), (8000, 8000, LimitError), (31, 64, ContentError), (1000, 200, ContentError)],
)
def test_shapes_of_no_film(rows: int, columns: int, error: type[Exception]) -> None:
    with pytest.raises(error) as found:
        limits.check_geometry(rows, columns, "Rows", "Columns")
    assert is_sentence(str(found.value)) and str(rows) in str(found.value)


def test_shapes_of_films() -> None:
    for rows, columns in ((32, 32), (4300, 4300), (3000, 2500)):
        limits.check_geometry(rows, columns)
    limits.check_file_bytes(limits.FILE_BYTES)
    with pytest.raises(LimitError):
        limits.check_file_bytes(limits.FILE_BYTES + 1)
