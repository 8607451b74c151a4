"""The one function by which the application reads a film."""

import numpy as np
import pytest

from chexview.errors import LimitError
from chexview.films import limits
from chexview.films import read as film_reader
from chexview.films.grey import grey
from tests.films.builders import (
    film,
    picture,
    ramp,
)


def test_the_door_checks_the_size_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FILE_BYTES", 1000)
    with pytest.raises(LimitError, match="The file has"):
        film_reader.read(film())


def test_the_door_reads_every_kind() -> None:
    eight = ramp(8).astype(np.uint8)
    for data in (film(eight), picture(eight), picture(eight, "TIFF")):
        assert np.array_equal(grey(film_reader.read(data)), (eight / 255).astype(np.float32))
    assert film_reader.pool() is film_reader.pool()
