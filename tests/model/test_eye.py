"""The network's eye: geometry, rounding, and the rectangle that says where the film lies."""

import numpy as np
import pytest

from chexview.model.eye import eye


@pytest.mark.parametrize(("rows", "columns"), [(100, 100), (100, 80), (80, 100), (125, 100)])
def test_ordinary_films_are_stretched(rows: int, columns: int) -> None:
    sight = eye(np.full((rows, columns), 0.5, np.float32), 64)
    assert (sight.picture == 128).all()
    assert sight.rectangle.top == sight.rectangle.left == 0 and sight.rectangle.bottom == sight.rectangle.right == 1
    assert sight.caution == ""


def test_tall_films_are_padded_to_the_range() -> None:
    sight = eye(np.ones((200, 80), np.float32), 64)  # aspect 0.4: half of the width at 0.8
    assert sight.rectangle.left == 0.25 and sight.rectangle.right == 0.75
    assert (sight.picture[:, 16:48] == 255).all()
    assert sight.picture[:, :16].max() == sight.picture[:, 48:].max() == 0
    assert "taller" in sight.caution


def test_wide_films_are_padded_above_and_below() -> None:
    sight = eye(np.ones((100, 500), np.float32), 64)  # aspect 5: a quarter of the height at 1.25
    assert (sight.rectangle.top, sight.rectangle.bottom) == (0.375, 0.625)
    assert "wider" in sight.caution


def test_a_picture_of_the_right_size_passes_unchanged() -> None:
    levels = np.arange(64 * 64).reshape(64, 64) % 256
    sight = eye((levels / 255).astype(np.float32), 64)
    assert (sight.picture == levels).all()


def test_shrinking_is_antialiased() -> None:
    stripes = np.zeros((256, 256), np.float32)
    stripes[:, ::2] = 1
    inner = eye(stripes, 64).picture[:, 2:-2]
    assert inner.min() >= 126 and inner.max() <= 129


@pytest.mark.parametrize("size", [0, 31, 100])
def test_sizes_off_the_grid_are_refused(size: int) -> None:
    with pytest.raises(ValueError, match="multiple of 32"):
        eye(np.ones((10, 10), np.float32), size)
