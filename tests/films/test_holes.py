"""Rows that were lost and filled are found in whatever is not compressed; borders, shutters and padding are not.

What cannot be told: a hole that begins and ends with a row, and one filled by other pixels.
"""

import io

import numpy as np
import numpy.typing as npt
import pytest
import tifffile

from chexview.films.dicom import read_dicom
from chexview.films.holes import hole
from chexview.films.radiograph import CautionKind
from chexview.films.tiff_picture import read_tiff
from tests.films.builders import film, kinds

PIXELS = np.random.default_rng(4).integers(900, 3200, (96, 80)).astype(np.uint16)


def holed(begin: int, end: int, value: int = 0) -> npt.NDArray[np.uint16]:
    """The film with pixels from one place to another, in the order in which they are stored, of one value."""
    out = PIXELS.copy()
    out.reshape(-1)[begin:end] = value
    return out


HOLES = {
    "in the middle": holed(30 * 80 + 20, 61 * 80 + 44),
    "to the end": holed(50 * 80 + 33, 96 * 80),
    "from the beginning": holed(0, 40 * 80 + 9),
    "filled with ones": holed(30 * 80 + 20, 61 * 80, 4095),
    "three rows": holed(30 * 80 + 20, 33 * 80 + 20),
}


@pytest.mark.parametrize("name", HOLES)
def test_a_hole_is_named_and_the_score_withheld(name: str) -> None:
    assert len(hole(HOLES[name])) == 1
    radiograph = read_dicom(film(HOLES[name]), "")
    assert CautionKind.DAMAGE in kinds(radiograph) and radiograph.withheld is not None
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, HOLES[name])
    radiograph = read_tiff(buffer.getvalue(), "")
    assert CautionKind.DAMAGE in kinds(radiograph) and radiograph.withheld is not None


def test_its_rows_are_those_that_a_viewer_counts() -> None:
    assert "rows 32 to 61" in hole(HOLES["in the middle"])[0].text


def bordered(**edges: slice) -> npt.NDArray[np.uint16]:
    out = PIXELS.copy()
    out[edges.get("rows", slice(0, 0))] = 0
    out[:, edges.get("columns", slice(0, 0))] = 0
    return out


def slanted() -> npt.NDArray[np.uint16]:
    rows, columns = np.indices(PIXELS.shape)
    return np.where(rows < 30 + columns / 20, np.uint16(0), PIXELS)


def circle() -> npt.NDArray[np.uint16]:
    rows, columns = np.indices(PIXELS.shape)
    return np.where(np.hypot(rows - 48, columns - 40) > 38, np.uint16(0), PIXELS)


@pytest.mark.parametrize(
    "pixels",
    [
        PIXELS,
        bordered(rows=slice(70, 96)),
        bordered(rows=slice(0, 20), columns=slice(70, 80)),
        bordered(rows=slice(70, 96), columns=slice(0, 10)),
        bordered(rows=slice(70, 96), columns=slice(60, 80)),
        slanted(),
        circle(),
        holed(30 * 80 + 20, 30 * 80 + 70),
        np.zeros((64, 64), np.uint16),
    ],
    ids=[
        "none",
        "bottom",
        "top and right",
        "bottom and left",
        "bottom and wide right",
        "slanted",
        "circle",
        "part of a row",
        "even",
    ],
)
def test_borders_and_shutters_are_no_holes(pixels: npt.NDArray[np.uint16]) -> None:
    assert hole(pixels) == ()
