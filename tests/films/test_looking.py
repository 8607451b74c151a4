"""Modality units to grey: VOI, padding, inversion, square pixels, the way up."""

import numpy as np
import pytest
from pydicom.pixels import apply_windowing

from chexview.errors import ContentError
from chexview.films.dicom import read_dicom
from chexview.films.grey import display_shape, grey, look_up
from chexview.films.radiograph import CautionKind, Radiograph, VoiFunction, VoiTable, Window
from tests.films.builders import CR, dataset, element, encode, film, item, ramp, table


def made(pixels: np.ndarray, *views: Window | VoiTable, **changes: object) -> Radiograph:
    return Radiograph(pixels=pixels, scale=1.0, offset=0.0, views=views, digest="d", **changes)  # type: ignore[arg-type]


def kinds(radiograph: Radiograph) -> set[CautionKind]:
    return {caution.kind for caution in radiograph.cautions}


def test_eight_bits_are_value_over_255_to_float32_rounding() -> None:
    pixels = np.arange(256, dtype=np.uint16).reshape(16, 16)
    window = Window("full", 127.5, 255.0, VoiFunction.LINEAR_EXACT)
    assert np.array_equal(grey(made(pixels, window)), (pixels / 255).astype(np.float32))


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (VoiFunction.LINEAR, lambda x: np.clip((x - (2048 - 0.5)) / (1000 - 1) + 0.5, 0, 1)),
        (VoiFunction.LINEAR_EXACT, lambda x: np.clip((x - 2048) / 1000 + 0.5, 0, 1)),
        (VoiFunction.SIGMOID, lambda x: 1 / (1 + np.exp(-4 * (x - 2048) / 1000))),
    ],
)
def test_window_functions(function: VoiFunction, expected: object) -> None:
    data = film(WindowCenter="2048", WindowWidth="1000", VOILUTFunction=function.value)
    values = ramp().astype(np.float64)
    assert np.allclose(grey(read_dicom(data, "d")), expected(values), atol=1e-7)  # type: ignore[operator]


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
def test_windows_agree_with_pydicom(function: str) -> None:
    described = dataset(ramp(), WindowCenter="1900.5", WindowWidth="2301.25", VOILUTFunction=function)
    expected = apply_windowing(ramp(), described) / 4095
    assert np.abs(grey(read_dicom(encode(described), "d")) - expected).max() < 1e-6


def test_a_linear_window_of_width_1_is_a_threshold() -> None:
    seen = grey(read_dicom(film(WindowCenter="2000", WindowWidth="1"), "d"))
    assert np.array_equal(seen, (ramp() > 1999.5).astype(np.float32))


@pytest.mark.parametrize("width", ["0", "-500", "0.5", "nan", ""])
def test_an_unusable_window_gives_the_whole_range(width: str) -> None:
    described = dataset(ramp(), WindowCenter="2048")
    described.add(element("WindowWidth", width, "LO"))
    radiograph = read_dicom(encode(described), "d")
    assert len(radiograph.views) == 1
    assert np.allclose(grey(radiograph), ramp() / 4095)
    assert CautionKind.WINDOW in kinds(radiograph)


def test_windows_are_pairs_with_names() -> None:
    radiograph = read_dicom(
        film(
            WindowCenter=["2048", "1000", "3000"],
            WindowWidth=["3300", "500"],
            WindowCenterWidthExplanation=["STANDARD", "LUNG"],
        ),
        "d",
    )
    assert radiograph.views[:2] == (Window("STANDARD", 2048, 3300), Window("LUNG", 1000, 500))
    assert len(radiograph.views) == 3
    assert CautionKind.WINDOW in kinds(radiograph)


@pytest.mark.parametrize(("bits", "wide"), [(12, True), (8, True), (8, False), (16, True)])
def test_voi_tables_come_before_windows(bits: int, wide: bool) -> None:
    values = np.linspace(0, 2**bits - 1, 3001).astype(np.uint16)
    described = dataset(
        ramp(), VOILUTSequence=[table(500, values, bits, wide=wide)], WindowCenter="1", WindowWidth="10"
    )
    seen = grey(read_dicom(encode(described), "d"))
    index = np.clip(ramp().astype(int) - 500, 0, 3000)
    assert np.allclose(seen, values[index] / (2**bits - 1), atol=1e-7)


def test_voi_table_with_a_signed_first_value_and_65536_entries() -> None:
    stored = ramp().astype(np.int16) - 2048
    values = np.arange(65536).astype(np.uint16)
    described = dataset(
        stored.view(np.uint16), PixelRepresentation=1, VOILUTSequence=[table(-32768, values, 16, first_vr="SS")]
    )
    assert np.allclose(grey(read_dicom(encode(described), "d")), (stored.astype(int) + 32768) / 65535)


def test_a_malformed_voi_table_is_left_out() -> None:
    broken = item(
        LUTDescriptor=element("LUTDescriptor", [4096, 0, 12], "US"), LUTData=element("LUTData", b"\0\0", "OW")
    )
    radiograph = read_dicom(film(VOILUTSequence=[broken]), "d")
    assert isinstance(radiograph.views[0], Window)
    assert CautionKind.WINDOW in kinds(radiograph)


def test_a_window_beside_the_film_is_cautioned() -> None:
    radiograph = read_dicom(film(WindowCenter="20000", WindowWidth="100"), "d")
    assert CautionKind.WINDOW in kinds(radiograph)
    assert grey(radiograph, radiograph.views[-1]).max() == 1.0


@pytest.mark.parametrize("ends", [(4000, 4095), (4095, 4000)])
def test_padding_is_black_and_outside_the_range(ends: tuple[int, int]) -> None:
    pixels = np.minimum(ramp(), 3000)
    pixels[:8] = 4050
    first, last = ends
    radiograph = read_dicom(film(pixels, PixelPaddingValue=first, PixelPaddingRangeLimit=last), "d")
    seen = grey(radiograph)
    assert (seen[:8] == 0).all()
    inside = pixels[8:].astype(float)
    assert np.allclose(seen[8:], (inside - inside.min()) / (inside.max() - inside.min()))


def test_padding_of_an_inverted_film_is_black_too() -> None:
    pixels = np.maximum(ramp(), 100)
    pixels[:, :5] = 0
    radiograph = read_dicom(film(pixels, PixelPaddingValue=0, PhotometricInterpretation="MONOCHROME1"), "d")
    assert (grey(radiograph)[:, :5] == 0).all()


def test_padding_that_is_everything_is_refused() -> None:
    with pytest.raises(ContentError, match="Pixel Padding Value"):
        read_dicom(film(PixelPaddingValue=0, PixelPaddingRangeLimit=4095), "d")


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


@pytest.mark.parametrize(
    ("changes", "shape"),
    [
        ({"PixelAspectRatio": ["2", "1"]}, (128, 64)),
        ({"PixelAspectRatio": ["1", "2"]}, (64, 128)),
        ({"PixelSpacing": ["0.3", "0.2"]}, (96, 64)),
        ({"ImagerPixelSpacing": ["0.2", "0.3"]}, (64, 96)),
        ({"PixelSpacing": ["0.2", "0.2"], "PixelAspectRatio": ["2", "1"]}, (64, 64)),
        ({"PixelAspectRatio": ["90", "1"]}, (64, 64)),
        ({"PixelAspectRatio": ["0", "1"]}, (64, 64)),
    ],
)
def test_pixels_are_shown_square(changes: dict[str, list[str]], shape: tuple[int, int]) -> None:
    radiograph = read_dicom(film(**changes), "d")
    assert display_shape(radiograph) == shape
    assert grey(radiograph).shape == shape
    assert radiograph.pixels.shape == (64, 64)


def test_tall_pixels_are_repeated_exactly() -> None:
    seen = grey(read_dicom(film(PixelAspectRatio=["2", "1"]), "d"))
    assert np.array_equal(seen[::2], seen[1::2])
    assert np.allclose(seen[::2], ramp() / 4095)


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


def test_the_look_up_is_what_grey_uses() -> None:
    radiograph = read_dicom(film(SOPClassUID=CR, PhotometricInterpretation="MONOCHROME1"), "d")
    assert np.array_equal(look_up(radiograph)[radiograph.pixels], grey(radiograph))


def test_steps_cite_the_standard() -> None:
    radiograph = read_dicom(film(RescaleSlope="2", RescaleIntercept="0", WindowCenter="9", WindowWidth="9"), "d")
    assert [step.section.split()[0] for step in radiograph.steps] == ["PS3.5", "PS3.3", "PS3.3", "PS3.3"]
