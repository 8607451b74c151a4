"""Films, thumbnails and overlays as PNG."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from chexview.films.radiograph import Radiograph, VoiFunction, Window
from chexview.model import checkpoint
from chexview.model.predictor import Predictor
from chexview.viewer.pictures import CARD, LONGEST, OVERLAY, film_picture, heatmap_picture
from chexview.web.media_store import MediaItem


def opened(item: MediaItem) -> np.ndarray:
    assert item.media_type == "image/png"
    return np.asarray(Image.open(io.BytesIO(item.data)))


def film(rows: int, columns: int) -> Radiograph:
    pixels = np.random.default_rng(0).integers(0, 256, (rows, columns)).astype(np.uint16)
    view = Window("full range", 127.5, 255.0, VoiFunction.LINEAR_EXACT)
    return Radiograph(pixels, 1.0, 0.0, (view,), "0" * 64)


def test_an_8_bit_film_comes_through_unchanged() -> None:
    own = film(90, 70)
    np.testing.assert_array_equal(opened(film_picture(own)), own.pixels)


def test_the_view_is_the_one_that_was_asked_for() -> None:
    own = replace(film(40, 40), inverted=True)
    np.testing.assert_array_equal(opened(film_picture(own, own.views[0])), 255 - own.pixels)


@pytest.mark.parametrize(("rows", "columns"), [(3000, 2500), (2500, 3000)])
def test_large_films_keep_their_aspect(rows: int, columns: int) -> None:
    picture = opened(film_picture(film(rows, columns)))
    assert max(picture.shape) == LONGEST
    assert picture.shape[1] / picture.shape[0] == pytest.approx(columns / rows, abs=1e-3)
    assert max(opened(film_picture(film(rows, columns), longest=CARD)).shape) == CARD


def test_square_pixels_are_shown() -> None:
    assert opened(film_picture(replace(film(40, 40), pixel_aspect=2.0))).shape == (80, 40)


def test_the_overlay_has_the_films_aspect_and_the_maps_sign(home: Path) -> None:
    predictor = Predictor(checkpoint.load(home / "checkpoints" / "random"), torch.device("cpu"))
    own = film(2000, 1600)
    reading = predictor.read([own])[0]
    values = reading.contributions("Mass")
    scale = float(np.abs(values).max() * values.size)
    drawn = opened(heatmap_picture((2000, 1600), reading, "Mass", scale))
    assert drawn.shape == (OVERLAY, round(OVERLAY * 1600 / 2000), 4)
    row, column = np.unravel_index(int(np.abs(values).argmax()), values.shape)
    y = int((row + 0.5) / values.shape[0] * drawn.shape[0])
    x = int((column + 0.5) / values.shape[1] * drawn.shape[1])
    assert drawn[y, x, 3] == drawn[..., 3].max()
    warm = drawn[y, x, 0] > drawn[y, x, 2]
    assert warm == (values[row, column] > 0)
