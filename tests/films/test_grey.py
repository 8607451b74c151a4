"""A radiograph under one view: window functions, tables, square pixels."""

import numpy as np
import pytest
from pydicom.pixels import apply_windowing

from chexview.films.dicom import read_dicom
from chexview.films.grey import display_shape, grey, look_up
from chexview.films.radiograph import Radiograph, VoiFunction, VoiTable, Window
from tests.films.builders import (
    CR,
    dataset,
    encode,
    film,
    ramp,
)


def made(pixels: np.ndarray, *views: Window | VoiTable, **changes: object) -> Radiograph:
    return Radiograph(pixels=pixels, scale=1.0, offset=0.0, views=views, digest="d", **changes)  # type: ignore[arg-type]


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


def test_the_look_up_is_what_grey_uses() -> None:
    radiograph = read_dicom(film(SOPClassUID=CR, PhotometricInterpretation="MONOCHROME1"), "d")
    assert np.array_equal(look_up(radiograph)[radiograph.pixels], grey(radiograph))
