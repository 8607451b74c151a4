"""A DICOM file from end to end: inversion, colour, steps, and nothing of the patient in any text."""

import logging

import numpy as np
import pydicom
import pytest

from chexview.errors import ContentError, DamagedError, FilmError
from chexview.films.dicom import read_dicom
from chexview.films.grey import grey
from chexview.films.radiograph import CautionKind
from tests.films.builders import (
    BIRTH,
    NAME,
    PATIENT,
    SC,
    dataset,
    element,
    encode,
    film,
    kinds,
    modality,
    ramp,
    table,
)


@pytest.mark.parametrize(
    ("photometric", "shape", "inverted", "cautioned"),
    [
        ("MONOCHROME2", None, False, False),
        ("MONOCHROME1", None, True, False),
        ("MONOCHROME2", "IDENTITY", False, False),
        ("MONOCHROME1", "INVERSE", True, False),
        ("MONOCHROME2", "INVERSE", True, True),
        ("MONOCHROME1", "IDENTITY", True, True),
        ("monochrome1 ", None, True, False),
        ("MONOCHROME1", "LIN OD", True, False),
    ],
)
def test_inverted_exactly_once(photometric: str, shape: str | None, inverted: bool, cautioned: bool) -> None:
    radiograph = read_dicom(film(PhotometricInterpretation=photometric, PresentationLUTShape=shape), "d")
    expected = ramp() / 4095
    assert np.allclose(grey(radiograph), 1 - expected if inverted else expected, atol=1e-6)
    assert (CautionKind.PHOTOMETRIC in kinds(radiograph)) == cautioned
    assert sum("exchanged" in step.text for step in radiograph.steps) == int(inverted)


def test_a_presentation_that_is_not_read_is_named() -> None:
    for changes in (
        {"PresentationLUTShape": "GAMMA"},
        {"PresentationLUTSequence": [table(0, np.arange(9, -1, -1), 12)]},
    ):
        found = read_dicom(film(**changes), "d")
        assert any("not read here" in caution.text for caution in found.cautions)


def test_steps_cite_the_standard() -> None:
    radiograph = read_dicom(film(RescaleSlope="2", RescaleIntercept="0", WindowCenter="9", WindowWidth="9"), "d")
    assert [step.section.split()[0] for step in radiograph.steps] == ["PS3.5", "PS3.3", "PS3.3", "PS3.3"]


@pytest.mark.parametrize("planar", [0, 1])
def test_grey_colour_is_read_exactly(planar: int) -> None:
    grey_values = ramp(8).astype(np.uint8)
    rgb = np.repeat(grey_values[..., None], 3, axis=2)
    stored = np.moveaxis(rgb, -1, 0) if planar else rgb
    data = film(rgb, PlanarConfiguration=planar, PixelData=element("PixelData", stored.tobytes(), "OB"))
    assert np.array_equal(grey(read_dicom(data, "d")), (grey_values / 255).astype(np.float32))


def test_ycbcr_gives_its_luma_and_colour_is_refused() -> None:
    luma = ramp(8).astype(np.uint8)
    ybr = np.stack([luma, np.full_like(luma, 128), np.full_like(luma, 128)], axis=-1)
    radiograph = read_dicom(film(ybr, PhotometricInterpretation="YBR_FULL"), "d")
    assert np.array_equal(radiograph.pixels, luma)
    ybr[..., 1] = 220
    with pytest.raises(ContentError, match="colour"):
        read_dicom(film(ybr, PhotometricInterpretation="YBR_FULL"), "d")


@pytest.mark.parametrize("bits", [8, 16])
def test_palettes_are_looked_up(bits: int) -> None:
    indices = ramp(8).astype(np.uint8)
    permuted = np.random.default_rng(2).permutation(256)
    entries = (permuted * (257 if bits == 16 else 1)).astype(np.uint16)
    changes: dict[str, object] = {"PhotometricInterpretation": "PALETTE COLOR", "SOPClassUID": SC}
    for name in ("Red", "Green", "Blue"):
        keyword = f"{name}PaletteColorLookupTable"
        changes[f"{keyword}Descriptor"] = element(f"{keyword}Descriptor", [256, 0, bits], "US")
        data = entries.astype("<u2" if bits == 16 else "u1").tobytes()
        changes[f"{keyword}Data"] = element(f"{keyword}Data", data, "OW")
    seen = grey(read_dicom(film(indices, **changes), "d"))
    assert np.allclose(seen, permuted[indices] / 255, atol=1e-6)
    with pytest.raises(DamagedError, match="Red Palette"):
        read_dicom(film(indices, **changes | {"RedPaletteColorLookupTableData": None}), "d")


def test_agrees_with_pydicom() -> None:
    made = dataset(ramp(), RescaleSlope="1.5", RescaleIntercept="-12")
    data = encode(made)
    expected = pydicom.pixels.apply_modality_lut(made.pixel_array, made)
    assert np.array_equal(modality(read_dicom(data, "d")), expected)


def test_identity_is_in_no_text(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    radiograph = read_dicom(film(), "d")
    assert radiograph.identity.patient_name == NAME
    texts = repr(radiograph) + repr((radiograph.header, radiograph.steps, radiograph.cautions, radiograph.views))
    whole = film(InstitutionName=NAME, StudyDescription=f"hand of {NAME}", BodyPartExamined="HAND")
    for data in (whole, *(film()[:cut] for cut in range(300, 900, 7))):
        with pytest.raises(FilmError) as found:
            read_dicom(data, "d")
        texts += str(found.value)
    texts += caplog.text
    for secret in (NAME, PATIENT, BIRTH, "Sentinel", "20010203"):
        assert secret not in texts


@pytest.mark.parametrize("said", [0, 1])
def test_a_planar_configuration_that_tears_the_picture_apart_is_not_believed(said: int) -> None:
    grey_values = ramp(8).astype(np.uint8)
    rgb = np.repeat(grey_values[..., None], 3, axis=2)
    stored = rgb if said else np.moveaxis(rgb, -1, 0)
    data = film(rgb, PlanarConfiguration=said, PixelData=element("PixelData", stored.tobytes(), "OB"))
    radiograph = read_dicom(data, "d")
    assert np.array_equal(radiograph.pixels, grey_values)
    assert any("Planar Configuration" in caution.text for caution in radiograph.cautions)


@pytest.mark.parametrize(("photometric", "chroma"), [("YBR_FULL", None), ("RGB", 128), ("YBR_ICT", 128)])
def test_three_channels_are_read_as_they_are_stored(photometric: str, chroma: int | None) -> None:
    grey_values = ramp(8).astype(np.uint8)
    channels = np.repeat(grey_values[..., None], 3, axis=2)
    if chroma is not None:
        channels[..., 1:] = chroma
    radiograph = read_dicom(film(channels, PhotometricInterpretation=photometric), "d")
    assert np.array_equal(radiograph.pixels, grey_values)
