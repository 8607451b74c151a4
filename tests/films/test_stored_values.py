"""Words to stored values, whatever their bits and sign."""

import numpy as np
import pytest

from chexview.films.dicom import read_dicom
from chexview.films.radiograph import CautionKind
from tests.films.builders import (
    film,
    kinds,
    modality,
    ramp,
)


def test_values_are_read_as_they_are() -> None:
    radiograph = read_dicom(film(), "d")
    assert np.array_equal(modality(radiograph), ramp())
    assert not radiograph.cautions
    assert radiograph.pixels.dtype == np.uint16


def test_high_bit_shifts() -> None:
    assert np.array_equal(modality(read_dicom(film(ramp() << 4, HighBit=15), "d")), ramp())


def test_dirt_beside_the_stored_bits_is_dropped() -> None:
    noise = np.random.default_rng(1).integers(0, 16, (64, 64)).astype(np.uint16) << 12
    radiograph = read_dicom(film(ramp() | noise), "d")
    assert np.array_equal(modality(radiograph), ramp())
    assert not radiograph.cautions


def test_bits_stored_that_would_wrap_the_film_is_not_believed() -> None:
    radiograph = read_dicom(film(BitsStored=10, HighBit=9), "d")
    assert np.array_equal(modality(radiograph), ramp())
    assert CautionKind.HEADER in kinds(radiograph)
    assert any("Bits Stored (0028,0101) says 10" in caution.text for caution in radiograph.cautions)


@pytest.mark.parametrize("stored", [12, 16])
def test_signed_values(stored: int) -> None:
    values = ramp().astype(np.int32) - 2048
    words = (values & (2**stored - 1)).astype(np.uint16)
    radiograph = read_dicom(film(words, PixelRepresentation=1, BitsStored=stored, HighBit=stored - 1), "d")
    assert np.array_equal(modality(radiograph), values)


def test_signed_values_extended_beyond_bits_stored_are_no_dirt() -> None:
    values = ramp().astype(np.int16) - 2048
    radiograph = read_dicom(film(values.view(np.uint16), PixelRepresentation=1), "d")
    assert np.array_equal(modality(radiograph), values)
    assert not radiograph.cautions
