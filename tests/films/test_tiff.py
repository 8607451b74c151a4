"""The chain of directories of a TIFF."""

import struct

import numpy as np
import pytest

from chexview.errors import DamagedError
from chexview.films.pictures import read_picture
from tests.films.builders import (
    picture,
    ramp,
)

EIGHT = ramp(8).astype(np.uint8)


def test_a_tiff_that_loops_is_refused() -> None:
    data = bytearray(picture(EIGHT, "TIFF"))
    start = struct.unpack("<I", data[4:8])[0]
    count = struct.unpack("<H", data[start : start + 2])[0]
    data[start + 2 + 12 * count : start + 6 + 12 * count] = struct.pack("<I", start)
    with pytest.raises(DamagedError, match="loop"):
        read_picture(bytes(data), "d")
