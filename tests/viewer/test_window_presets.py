"""Presets come from the film's own values, from its dark end, and leave padding out."""

from dataclasses import replace

import numpy as np
import pytest

from chexview.films.grey import grey, span
from chexview.films.radiograph import Radiograph, VoiFunction
from chexview.viewer.window_presets import AUTOMATIC, SHARES, presets, robust_range


def ramp(**changes: object) -> Radiograph:
    """Each of the values 0 to 999 once, in modality units 2 v - 100."""
    pixels = np.arange(1000, dtype=np.uint16).reshape(25, 40)
    film = Radiograph(pixels, 2.0, -100.0, (span("all", -100, 1898),), "0" * 64)
    return replace(film, **changes)  # type: ignore[arg-type]


def test_the_robust_range_is_that_of_numpy() -> None:
    values = ramp().pixels.ravel() * 2.0 - 100
    low, high = np.percentile(values, [0.5, 99.5], method="inverted_cdf")
    assert robust_range(ramp()) == (low, high)


def test_a_few_wild_pixels_do_not_move_it() -> None:
    film = ramp()
    wild = film.pixels.copy()
    wild[0, :3] = 65535
    low, high = robust_range(replace(film, pixels=wild))
    assert high < 2000 and low < 0


def test_padding_is_left_out() -> None:
    mask = np.zeros((25, 40), np.bool_)
    mask[:12] = True
    assert robust_range(ramp(padding=mask))[0] > 850


@pytest.mark.parametrize("inverted", [False, True])
def test_shares_count_from_the_end_that_is_shown_dark(inverted: bool) -> None:
    film = ramp(inverted=inverted)
    found = {window.name: window for window in presets(film)}
    assert next(iter(found)) == AUTOMATIC
    assert set(found) == set(SHARES)
    assert all(window.function is VoiFunction.LINEAR_EXACT for window in found.values())
    whole, lungs = grey(film, found[AUTOMATIC]), grey(film, found["lungs"])
    inner = (whole > 0.05) & (whole < 0.6)
    assert (lungs[inner] > whole[inner]).all()
    bright = grey(film, found["mediastinum"])
    assert (bright[whole < 0.4] == 0).all()
    assert bright.max() == 1


def test_a_falling_modality_keeps_its_order() -> None:
    low, high = robust_range(ramp(scale=-2.0))
    assert low < high


def test_an_even_film_has_windows_all_the_same() -> None:
    film = ramp(pixels=np.full((5, 5), 7, np.uint16))
    assert all(window.width > 0 for window in presets(film))
