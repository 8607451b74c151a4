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
