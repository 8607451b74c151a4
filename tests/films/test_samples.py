"""The samples of a picture to a Radiograph."""

import numpy as np
import pytest
from PIL import Image

from chexview.errors import DamagedError
from chexview.films.grey import grey
from chexview.films.pictures import read_picture
from chexview.films.radiograph import CautionKind
from tests.films.builders import (
    kinds,
    picture,
    ramp,
)

EIGHT = ramp(8).astype(np.uint8)


def as_rgb() -> Image.Image:
    return Image.fromarray(EIGHT).convert("RGB")


def as_palette() -> Image.Image:
    permuted = np.random.default_rng(3).permutation(256)
    image = Image.fromarray(np.argsort(permuted)[EIGHT].astype(np.uint8)).convert("P")
    image.putpalette(np.repeat(permuted.astype(np.uint8), 3).tobytes())
    return image


@pytest.mark.parametrize(
    "image",
    [as_rgb(), as_rgb().convert("RGBA"), Image.fromarray(EIGHT).convert("LA"), as_palette()],
    ids=["RGB", "RGBA", "LA", "P"],
)
def test_other_modes_give_the_same_film(image: Image.Image) -> None:
    radiograph = read_picture(picture(image), "d")
    assert np.array_equal(grey(radiograph), (EIGHT / 255).astype(np.float32))
    assert not radiograph.cautions


def test_transparency_is_black() -> None:
    image = as_rgb().convert("RGBA")
    alpha = np.full(EIGHT.shape, 255, np.uint8)
    alpha[:, :10] = 0
    image.putalpha(Image.fromarray(alpha))
    radiograph = read_picture(picture(image), "d")
    assert (grey(radiograph)[:, :10] == 0).all()
    assert np.array_equal(grey(radiograph)[:, 10:], (EIGHT[:, 10:] / 255).astype(np.float32))
    assert CautionKind.PADDING in kinds(radiograph)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.linspace(0, 1, 4096), lambda x: x),
        (np.linspace(0, 255, 4096), lambda x: x / 255),
        (np.linspace(-500, 1500, 4096), lambda x: (x + 500) / 2000),
        (np.linspace(0.0, 3e-5, 4096), lambda x: x / 3e-5),
    ],
)
def test_float_tiff(values: np.ndarray, expected: object) -> None:
    numbers = values.astype(np.float32).reshape(64, 64)
    radiograph = read_picture(picture(numbers, "TIFF"), "d")
    assert np.allclose(grey(radiograph), expected(numbers), atol=2e-5)  # type: ignore[operator]


def test_float_tiff_with_a_hole_is_refused() -> None:
    numbers = np.linspace(0, 1, 4096, dtype=np.float32).reshape(64, 64)
    numbers[3, 3] = np.nan
    with pytest.raises(DamagedError, match="not numbers"):
        read_picture(picture(numbers, "TIFF"), "d")


def test_signed_integers_keep_their_values() -> None:
    numbers = np.linspace(-1000, 3000, 4096).astype(np.int32).reshape(64, 64)
    radiograph = read_picture(picture(numbers, "TIFF"), "d")
    assert np.array_equal(radiograph.pixels * radiograph.scale + radiograph.offset, numbers)


def test_an_even_frame_is_cautioned() -> None:
    framed = np.full((100, 100), 20, np.uint8)
    framed[18:82, 18:82] = np.maximum(EIGHT, 40)
    radiograph = read_picture(picture(framed), "d")
    assert kinds(radiograph) == {CautionKind.GEOMETRY}
    assert np.array_equal(radiograph.pixels, framed)


def test_twelve_bits_in_sixteen_are_shown_by_their_own_range() -> None:
    radiograph = read_picture(picture(ramp(12)), "d")
    assert np.allclose(grey(radiograph), ramp(12) / 4095, atol=1e-6)
    assert len(radiograph.views) == 2
