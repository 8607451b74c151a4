"""Pixel Data to words: every coding, what contradicts it, and what is damaged."""

import imagecodecs
import numpy as np
import pytest
from pydicom import uid

from chexview.errors import DamagedError
from chexview.films.dicom import read_dicom
from tests.films.builders import (
    dataset,
    element,
    encapsulated,
    encode,
    film,
    modality,
    ramp,
)


@pytest.mark.parametrize(
    "syntax", [uid.ImplicitVRLittleEndian, uid.ExplicitVRBigEndian, uid.DeflatedExplicitVRLittleEndian]
)
def test_native_syntaxes(syntax: str) -> None:
    pixels = ramp()
    data = pixels.astype(">u2" if syntax == uid.ExplicitVRBigEndian else "<u2").tobytes()
    radiograph = read_dicom(film(pixels, syntax, PixelData=element("PixelData", data, "OW")), "d")
    assert np.array_equal(modality(radiograph), pixels)


def test_eight_bits_in_big_endian_words_are_swapped() -> None:
    pixels = ramp(8).astype(np.uint8)
    data = pixels.reshape(-1, 2)[:, ::-1].tobytes()
    radiograph = read_dicom(film(pixels, uid.ExplicitVRBigEndian, PixelData=element("PixelData", data, "OW")), "d")
    assert np.array_equal(modality(radiograph), pixels)


@pytest.mark.parametrize("syntax", [uid.RLELossless, uid.JPEG2000Lossless, uid.JPEGLSLossless])
@pytest.mark.parametrize("bits", [8, 12])
def test_compressed_by_pydicom(syntax: str, bits: int) -> None:
    pixels = ramp(bits) if bits > 8 else ramp(8).astype(np.uint8)
    made = dataset(pixels)
    made["PixelData"].VR = "OB" if bits == 8 else "OW"
    encode(made)
    made.compress(syntax, generate_instance_uid=False)
    radiograph = read_dicom(encode(made, syntax), "d")
    assert np.array_equal(modality(radiograph), pixels)


def test_rle_of_colour_planes() -> None:
    pixels = np.repeat(ramp(8).astype(np.uint8)[..., None], 3, axis=2)
    made = dataset(pixels)
    made["PixelData"].VR = "OB"
    encode(made)
    made.compress(uid.RLELossless, generate_instance_uid=False)
    assert np.array_equal(modality(read_dicom(encode(made, uid.RLELossless), "d")), pixels[..., 0])


@pytest.mark.parametrize("syntax", [uid.JPEGLossless, uid.JPEGLosslessSV1])
def test_lossless_jpeg(syntax: str) -> None:
    stream = imagecodecs.ljpeg_encode(ramp(), bitspersample=12)
    assert np.array_equal(modality(read_dicom(encapsulated(stream, ramp(), syntax), "d")), ramp())


@pytest.mark.parametrize("syntax", [uid.HTJ2KLossless, uid.HTJ2KLosslessRPCL])
def test_high_throughput_jpeg_2000(syntax: str) -> None:
    stream = imagecodecs.htj2k_encode(ramp())
    assert np.array_equal(modality(read_dicom(encapsulated(stream, ramp(), syntax), "d")), ramp())


def test_signed_codestream() -> None:
    values = ramp().astype(np.int16) - 2048
    stream = imagecodecs.jpeg2k_encode(values, codecformat="j2k", level=0, reversible=True)
    data = encapsulated(stream, ramp(), uid.JPEG2000Lossless, PixelRepresentation=1)
    assert np.array_equal(modality(read_dicom(data, "d")), values)


def test_rgb_jpeg_without_marks_is_not_transformed_again() -> None:
    rgb = np.repeat(ramp(8).astype(np.uint8)[..., None], 3, axis=2)
    stream = imagecodecs.jpeg8_encode(rgb, level=98, colorspace="RGB", outcolorspace="RGB")
    radiograph = read_dicom(encapsulated(stream, rgb, uid.JPEGBaseline8Bit), "d")
    assert np.abs(modality(radiograph) - rgb[..., 0]).max() < 6


@pytest.mark.parametrize("syntax", [uid.ExplicitVRLittleEndian, uid.JPEG2000Lossless, uid.RLELossless])
def test_uncompressed_pixels_in_items_are_not_shifted_by_their_heads(syntax: str) -> None:
    data = encapsulated(ramp().tobytes(), ramp(), uid.JPEG2000Lossless)
    data = data.replace(b"1.2.840.10008.1.2.4.90", syntax.encode().ljust(22, b"\0"))
    radiograph = read_dicom(data, "d")
    assert np.array_equal(modality(radiograph), ramp())
    assert any("in items" in caution.text for caution in radiograph.cautions)


def test_a_stream_deeper_than_bits_stored_is_read_to_its_depth() -> None:
    stream = imagecodecs.jpeg2k_encode(ramp(), codecformat="j2k", level=0, reversible=True, bitspersample=12)
    eight = ramp(8).astype(np.uint8)
    assert np.array_equal(modality(read_dicom(encapsulated(stream, eight, uid.JPEG2000Lossless), "d")), ramp())


def test_whole_pixel_cells_that_were_compressed_are_shifted_as_high_bit_says() -> None:
    stream = imagecodecs.jpeg2k_encode(ramp() << 4, codecformat="j2k", level=0, reversible=True, bitspersample=16)
    data = encapsulated(stream, ramp(), uid.JPEG2000Lossless, HighBit=15)
    assert np.array_equal(modality(read_dicom(data, "d")), ramp())


def test_an_rle_run_that_was_shortened_moves_all_that_follows_and_is_refused() -> None:
    rows = [bytes([63]) + bytes(range(k, k + 64)) for k in range(64)]
    moved = [*rows[:20], bytes([62]) + rows[20][1:64], *rows[21:63], bytes([0, 9]) + rows[63]]
    head = np.zeros(16, "<u4")
    head[:2] = 1, 64
    whole, damaged = (
        encapsulated(head.tobytes() + b"".join(each), ramp(8).astype(np.uint8), uid.RLELossless)
        for each in (rows, moved)
    )
    assert read_dicom(whole, "d").pixels[20, 0] == 20
    with pytest.raises(DamagedError, match="beyond the end of row 21"):
        read_dicom(damaged, "d")
