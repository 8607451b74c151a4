"""Bytes to modality units: what is stored, whatever its bits, encoding and rescale."""

import imagecodecs
import numpy as np
import pydicom
import pytest
from pydicom import uid

from chexview.errors import DamagedError
from chexview.films.dicom import read_dicom
from chexview.films.radiograph import CautionKind, Radiograph
from tests.films.builders import dataset, element, encapsulated, encode, film, item, ramp, table


def modality(radiograph: Radiograph) -> np.ndarray:
    return radiograph.pixels * radiograph.scale + radiograph.offset


def kinds(radiograph: Radiograph) -> set[CautionKind]:
    return {caution.kind for caution in radiograph.cautions}


def test_values_are_read_as_they_are() -> None:
    radiograph = read_dicom(film(), "d")
    assert np.array_equal(modality(radiograph), ramp())
    assert not radiograph.cautions
    assert radiograph.pixels.dtype == np.uint16


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


@pytest.mark.parametrize(("slope", "intercept"), [("2", "-1000"), ("-1", "4095"), ("0.5", "0.25"), ("1e-1", "3")])
def test_rescale(slope: str, intercept: str) -> None:
    radiograph = read_dicom(film(RescaleSlope=slope, RescaleIntercept=intercept), "d")
    expected = ramp().astype(np.float64) * float(slope) + float(intercept)
    assert np.array_equal(modality(radiograph), expected)


@pytest.mark.parametrize("slope", ["0", "NaN", "1e400", "abc", "inf", "1_0", "\u0661"])
def test_a_slope_that_is_none_is_ignored_with_a_caution(slope: str) -> None:
    made = dataset(ramp(), RescaleIntercept="7")
    made.add(element("RescaleSlope", slope.encode("utf-8").decode("latin-1"), "LO"))
    radiograph = read_dicom(encode(made), "d")
    assert np.array_equal(modality(radiograph), ramp())
    assert CautionKind.RESCALE in kinds(radiograph)


def test_a_decimal_comma_is_a_point() -> None:
    made = dataset(ramp(), RescaleIntercept="0")
    made.add(element("RescaleSlope", "0,50", "LO"))
    radiograph = read_dicom(encode(made), "d")
    assert np.array_equal(modality(radiograph), ramp() * 0.5)
    assert CautionKind.RESCALE in kinds(radiograph)


def test_a_broken_character_set_is_damage_and_a_vr_that_is_none_is_no_value() -> None:
    data = film(SpecificCharacterSet="ISO_IR 100", WindowCenter="9", WindowWidth="9")
    with pytest.raises(DamagedError, match="malformed"):
        read_dicom(data.replace(b"ISO_IR 100", b"QQ\0QQQ 100"), "d")
    odd = data.replace(b"\x28\x00\x50\x10DS", b"\x28\x00\x50\x10QQ")
    assert np.array_equal(modality(read_dicom(odd, "d")), ramp())


def test_modality_lut_instead_of_rescale() -> None:
    values = np.arange(4095, -1, -1, dtype=np.uint16)
    made = dataset(ramp(), RescaleSlope="3", RescaleIntercept="1", ModalityLUTSequence=[table(0, values, 12)])
    radiograph = read_dicom(encode(made), "d")
    assert np.array_equal(modality(radiograph), 4095 - ramp().astype(int))


def test_modality_lut_of_signed_inputs_holds_its_ends() -> None:
    lut = table(-100, np.arange(201, dtype=np.uint16), 16, first_vr="SS")
    stored = ramp().astype(np.int16) - 2048
    made = dataset(stored.view(np.uint16), PixelRepresentation=1, ModalityLUTSequence=[lut])
    assert np.array_equal(modality(read_dicom(encode(made), "d")), np.clip(stored + 100, 0, 200))


def test_a_broken_modality_lut_is_refused() -> None:
    broken = item(
        LUTDescriptor=element("LUTDescriptor", [4096, 0, 12], "US"), LUTData=element("LUTData", b"\0\0", "OW")
    )
    with pytest.raises(DamagedError, match=r"Modality LUT Sequence \(0028,3000\)"):
        read_dicom(film(ModalityLUTSequence=[broken]), "d")


def test_agrees_with_pydicom() -> None:
    made = dataset(ramp(), RescaleSlope="1.5", RescaleIntercept="-12")
    data = encode(made)
    expected = pydicom.pixels.apply_modality_lut(made.pixel_array, made)
    assert np.array_equal(modality(read_dicom(data, "d")), expected)
