"""Films are turned as Patient Orientation asks."""

import numpy as np
import pytest

from chexview.films.dicom import read_dicom
from chexview.films.radiograph import CautionKind
from tests.films.builders import (
    film,
    kinds,
    ramp,
)


@pytest.mark.parametrize(
    ("orientation", "turned"),
    [
        (["L", "F"], lambda a: a),
        (["R", "F"], lambda a: a[:, ::-1]),
        (["L", "H"], lambda a: a[::-1]),
        (["R", "H"], lambda a: a[::-1, ::-1]),
        (["F", "L"], lambda a: a.T),
        (["F", "R"], lambda a: a.T[:, ::-1]),
        (["H", "L"], lambda a: a.T[::-1]),
        (["LP", "FA"], lambda a: a),
        (["X", "Y"], lambda a: a),
        (["A", "F"], lambda a: a),
    ],
)
def test_frontal_films_are_turned_as_the_header_asks(orientation: list[str], turned: object) -> None:
    pixels = ramp(12, 40, 64)
    radiograph = read_dicom(film(pixels, PatientOrientation=orientation, PixelSpacing=["0.2", "0.1"]), "d")
    expected = turned(pixels)  # type: ignore[operator]
    assert np.array_equal(radiograph.pixels, expected)
    assert (CautionKind.ORIENTATION in kinds(radiograph)) == (expected is not pixels and orientation[0][0] != "A")
    transposed = radiograph.pixels.shape == (64, 40)
    assert radiograph.pixel_aspect == (0.5 if transposed else 2.0)
    assert radiograph.spacing is not None
    assert radiograph.spacing.row_mm == (0.1 if transposed else 0.2)
