"""Words to stored values, whatever their bits and sign."""

import numpy as np
import pytest
from PIL import Image

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


@pytest.mark.parametrize("bits", [8, 9, 10, 11])
def test_bits_stored_far_too_low_is_not_believed(bits: int) -> None:
    radiograph = read_dicom(film(ramp(rows=128), BitsStored=bits, HighBit=bits - 1), "d")
    assert np.array_equal(modality(radiograph), ramp(rows=128))
    assert CautionKind.HEADER in kinds(radiograph)


def test_an_overlay_in_a_high_bit_is_no_part_of_the_values() -> None:
    overlay = np.zeros((64, 64), np.uint16)
    overlay[20:40, 10:50] = 1 << 13
    assert np.array_equal(modality(read_dicom(film(ramp() | overlay), "d")), ramp())


def test_a_high_bit_that_no_value_reaches_is_not_believed() -> None:
    radiograph = read_dicom(film(HighBit=15), "d")
    assert np.array_equal(modality(radiograph), ramp())
    assert any("High Bit" in caution.text for caution in radiograph.cautions)
    dirt = np.random.default_rng(2).integers(0, 2, (64, 64)).astype(np.uint16)
    assert np.array_equal(modality(read_dicom(film((ramp() << 1) | dirt, HighBit=12), "d")), ramp())


def test_exchanged_bytes_are_read_the_other_way_round() -> None:
    grainy = (ramp() // 2 + np.random.default_rng(3).integers(0, 40, (64, 64))).astype(np.uint16)
    radiograph = read_dicom(film(grainy.byteswap()), "d")
    assert np.array_equal(modality(radiograph), grainy)
    assert any("two bytes" in caution.text for caution in radiograph.cautions)
    eight = (ramp(8).astype(np.uint16)) << 8
    assert np.array_equal(modality(read_dicom(film(eight, BitsStored=16, HighBit=15), "d")), eight)


def test_signed_values_that_are_said_to_be_unsigned() -> None:
    values = ramp().astype(np.int32) // 2 - 1024
    soft = values + np.random.default_rng(4).integers(-60, 60, values.shape)
    words = (soft & 0xFFF).astype(np.uint16)
    radiograph = read_dicom(film(words, PixelRepresentation=0), "d")
    assert np.array_equal(modality(radiograph), soft)
    assert any("says unsigned" in caution.text for caution in radiograph.cautions)
    burnt_out = np.where(np.random.default_rng(5).random((64, 64)) < 0.5, 0, 4095).astype(np.uint16)
    burnt_out[:8] = ramp()[:8] // 8
    assert np.array_equal(modality(read_dicom(film(burnt_out), "d")), burnt_out)


@pytest.mark.parametrize("low", [0, 0x0550])
def test_exchanged_bytes_of_smooth_low_bits_are_read_the_other_way_round(low: int) -> None:
    with Image.open("chexview/bundled/films/00012376_010.png") as image:
        grey = np.asarray(image.convert("L").resize((320, 384))).astype(np.uint16)
    values = (grey << 4) + (grey[::-1] >> 5) + np.uint16(low)
    radiograph = read_dicom(film(values.byteswap(), BitsStored=16, HighBit=15), "d")
    assert np.array_equal(modality(radiograph), values)
    assert any("two bytes of each pixel are exchanged" in caution.text for caution in radiograph.cautions)
