"""A range of values without a marker that is far brighter than the film."""

import numpy as np
import pytest

from chexview.films.value_range import deep_views, value_range
from tests.films.builders import ramp


def marked(bits: int, value: int, side: int = 8) -> np.ndarray:
    """A film with a square marker."""
    pixels = ramp(bits)
    pixels[:side, :side] = value
    return pixels


def test_a_marker_is_left_out() -> None:
    found = value_range(marked(12, 65535))
    assert (found.high, found.marker) == (4095, True)


@pytest.mark.parametrize("pixels", [ramp(16), marked(12, 4095), marked(12, 8000), marked(12, 65535, 40)])
def test_anatomy_is_not(pixels: np.ndarray) -> None:
    found = value_range(pixels)
    assert (found.low, found.high, found.marker) == (pixels.min(), pixels.max(), False)


def test_views_of_a_marked_film_begin_with_its_own_range() -> None:
    views, cautions = deep_views(marked(12, 65535), None, 1.0, 0.0, (0.0, 65535.0))
    assert views[0].width < 4096 and len(views) == 2  # type: ignore[union-attr]
    assert len(cautions) == 1
    views, cautions = deep_views(ramp(16), None, 1.0, 0.0, (0.0, 65535.0))
    assert len(views) == 1 and not cautions


@pytest.mark.parametrize("value", [8192 + 2000, 32768 + 7, 65535])
def test_a_few_stray_pixels_do_not_darken_the_film(value: int) -> None:
    pixels = ramp(12)
    pixels[20, 3] = pixels[40, 9] = value
    found = value_range(pixels)
    assert (found.low, found.high, found.marker, found.stray) == (0, 4095, False, 2)
    views, cautions = deep_views(pixels, None, 1.0, 0.0, (0.0, 65535.0))
    assert views[0].width < 4096 and "2 pixels are far" in cautions[0].text  # type: ignore[union-attr]


def test_a_stray_pixel_below_and_one_above() -> None:
    pixels = ramp(12) + np.uint16(30000)
    pixels[5, 5], pixels[6, 6] = 0, 65535
    found = value_range(pixels)
    assert (found.low, found.high, found.stray) == (30000, 34095, 2)


def test_two_values_and_sparse_ones_stay_as_they_are() -> None:
    assert value_range(np.array([[0, 9]], np.uint16)).high == 9
    many = np.repeat(np.array([0, 30000, 65535], np.uint16), 20)
    assert (value_range(many).high, value_range(many).stray) == (65535, 0)
