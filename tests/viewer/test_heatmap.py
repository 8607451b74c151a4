"""A planted hot cell lands where the film shows it, and colours say what the bar says."""

import numpy as np
import pytest

from chexview.geometry import Rectangle
from chexview.model.eye import eye
from chexview.viewer.heatmap import FLOOR, css_colours, layer, paint, spread

WHOLE = Rectangle(0.0, 0.0, 1.0, 1.0)


def peak(values: np.ndarray) -> tuple[float, float]:
    """Where the largest values lie, as fractions of the film: their mean, for a peak falls between two pixels."""
    rows, columns = np.nonzero(values >= values.max() - 1e-9)
    return float(rows.mean() + 0.5) / values.shape[0], float(columns.mean() + 0.5) / values.shape[1]


@pytest.mark.parametrize("shape", [(600, 600), (600, 500), (480, 600)])
@pytest.mark.parametrize("row", [0, 3, 6])
@pytest.mark.parametrize("column", [0, 3, 6])
def test_a_hot_cell_lands_on_its_centre(shape: tuple[int, int], row: int, column: int) -> None:
    """Nine places, the edges and corners among them; stretched films fill the whole input."""
    grid = np.zeros((7, 7), np.float32)
    grid[row, column] = 1.0
    y, x = peak(spread(grid, WHOLE, *shape))
    assert abs(y - (row + 0.5) / 7) <= 0.01
    assert abs(x - (column + 0.5) / 7) <= 0.01


@pytest.mark.parametrize(("rows", "columns"), [(900, 450), (450, 900), (1000, 640)])
def test_a_hot_cell_lands_on_its_centre_in_padded_films(rows: int, columns: int) -> None:
    """The eye pads films that are much taller or wider; the map's cells then reach over the film's edges."""
    where = eye(np.zeros((rows, columns), np.float32), 192).rectangle
    n, seen = 6, 0
    for row in range(n):
        for column in range(n):
            y = ((row + 0.5) / n - where.top) / (where.bottom - where.top)
            x = ((column + 0.5) / n - where.left) / (where.right - where.left)
            if not (0.005 < y < 0.995 and 0.005 < x < 0.995):
                continue
            grid = np.zeros((n, n), np.float32)
            grid[row, column] = 1.0
            found = peak(spread(grid, where, rows, columns))
            assert found == pytest.approx((y, x), abs=0.01)
            seen += 1
    assert seen >= 9


def test_the_film_is_bright_where_the_eye_saw_the_cell() -> None:
    """End to end with the eye: a bright patch of a wide film, averaged into cells, comes back over the patch."""
    film = np.zeros((300, 900), np.float32)
    film[200:240, 640:700] = 1.0
    sight = eye(film, 192)
    grid = sight.picture.reshape(6, 32, 6, 32).mean((1, 3)).astype(np.float32)
    y, x = peak(spread(grid, sight.rectangle, 300, 900))
    cell_y, cell_x = 1 / 6 / (sight.rectangle.bottom - sight.rectangle.top), 1 / 6
    assert abs(y - 220 / 300) <= cell_y / 2
    assert abs(x - 670 / 900) <= cell_x / 2


def test_cell_values_are_true_at_cell_centres() -> None:
    grid = np.random.default_rng(0).normal(0, 3, (5, 5)).astype(np.float32)
    np.testing.assert_allclose(spread(grid, WHOLE, 25, 35)[2::5, 3::7], grid, atol=1e-6)


def test_an_even_map_stays_even() -> None:
    np.testing.assert_allclose(spread(np.full((6, 6), 2.5, np.float32), WHOLE, 97, 61), 2.5)
    np.testing.assert_allclose(spread(np.full((1, 1), 2.5, np.float32), WHOLE, 9, 7), 2.5)


def test_low_values_are_transparent_and_signs_have_their_colours() -> None:
    against, low, zero, ripple, for_it = paint(np.array([-6.0, -0.4, 0.0, 6 * FLOOR, 6.0]), 6.0)
    assert low[3] == zero[3] == ripple[3] == 0
    assert against[3] == for_it[3] > 150
    assert for_it[0] > for_it[2]
    assert against[2] > against[0]


def test_the_ripple_around_a_lone_peak_is_not_drawn() -> None:
    grid = np.zeros((7, 7), np.float32)
    grid[3, 3] = 4.0
    values = spread(grid, WHOLE, 350, 350)
    drawn = layer(grid, WHOLE, 350, 350, 4.0)
    assert values.min() == pytest.approx(-4 * 0.074, abs=0.01)
    assert (drawn[..., 3][values < 0] == 0).all()


def test_colours_for_css_are_those_of_the_picture() -> None:
    red, green, blue, alpha = paint(np.array(3.0), 6.0)
    assert css_colours([3.0], 6.0) == [f"rgba({red},{green},{blue},{alpha / 255:.3f})"]
