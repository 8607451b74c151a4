"""Padding: what it covers, and that it is black."""

import numpy as np
import pytest

from chexview.errors import ContentError
from chexview.films.dicom import read_dicom
from chexview.films.grey import grey
from tests.films.builders import (
    film,
    ramp,
)


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


def test_a_range_that_takes_many_greys_of_the_film_is_named() -> None:
    radiograph = read_dicom(film(PixelPaddingValue=0, PixelPaddingRangeLimit=2000), "d")
    assert any("makes padding of 2001 greys" in caution.text for caution in radiograph.cautions)
