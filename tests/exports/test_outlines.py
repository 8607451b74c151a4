"""Outlines of maps: they enclose what lies over the level, are closed, and lie in the stored matrix whatever turn was shown."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from PIL import Image, ImageDraw
from scipy import ndimage

from chexview.exports.outlines import LEVEL, POINTS, Outline, outlines, stored_points
from chexview.films.orientation import Turn
from chexview.films.radiograph import DicomOrigin
from chexview.geometry import Rectangle
from chexview.model.reading import Reading
from chexview.viewer.heatmap import spread
from tests.exports.results import bump, reading


def filled(found: tuple[Outline, ...], rows: int, columns: int) -> np.ndarray:
    """The pixels inside of the lines, by another program."""
    canvas = Image.new("1", (columns, rows))
    for line in found:
        ImageDraw.Draw(canvas).polygon([(x - 0.5, y - 0.5) for x, y in line.at(rows, columns)], fill=1)
    return np.asarray(canvas)


def with_map(values: np.ndarray) -> Reading:
    made = reading()
    maps = made.maps.copy()
    maps[0] = values / 0.8
    return replace(made, maps=maps)


def overlap(read: Reading, rows: int, columns: int) -> float:
    """How alike the outlines' inside and the pixels over the level are: intersection over union."""
    found = outlines(read, "Atelectasis", (rows, columns))
    shown = spread(np.float32(0.8) * read.maps[0], read.rectangle, rows, columns)
    over, inside = shown >= LEVEL * shown.max(), filled(found, rows, columns)
    assert len(found) == ndimage.label(over)[1] > 0
    return float((over & inside).sum() / (over | inside).sum())


@pytest.mark.parametrize("where", [(6, 6), (0, 13), (13, 2)], ids=["inside", "corner", "edge"])
def test_an_outline_encloses_what_lies_over_the_level(where: tuple[int, int]) -> None:
    assert overlap(with_map(bump(*where, 6.0)), 900, 700) > 0.98


def test_two_hills_give_two_closed_lines_the_larger_first() -> None:
    read = with_map(bump(3, 3, 6.0, 1.2) + bump(10, 10, 6.0, 2.0))
    assert overlap(read, 800, 800) > 0.98
    first, second = outlines(read, "Atelectasis", (800, 800))
    assert first.area > second.area
    for line in (first, second):
        assert np.array_equal(line.points[0], line.points[-1]) and 10 < len(line.points) <= POINTS
        assert line.points.min() >= 0 and line.points.max() <= 1


def test_a_film_that_fills_part_of_the_input_has_its_outline_where_it_lies() -> None:
    read = replace(with_map(bump(6, 6, 6.0)), rectangle=Rectangle(0.2, 0.0, 0.8, 1.0))
    assert overlap(read, 900, 540) > 0.98


def test_a_map_that_is_nowhere_high_enough_to_be_seen_has_none() -> None:
    assert outlines(with_map(bump(6, 6, 0.3)), "Atelectasis", (900, 900)) == ()


@pytest.mark.parametrize("turned", list(product([False, True], repeat=3)), ids=str)
def test_points_in_the_stored_matrix_undo_the_turn_that_the_film_was_shown_with(
    turned: tuple[bool, bool, bool],
) -> None:
    stored = np.zeros((40, 60), bool)
    stored[7, 52] = True
    shown = Turn(*turned).apply(stored)
    row, column = (int(found[0]) for found in np.nonzero(shown))
    rows, columns = shown.shape
    square = np.add([(0.0, 0.0), (1, 0), (1, 1), (0, 1), (0, 0)], (column, row))
    line = Outline(square / (columns, rows), 0.0, 0.0)
    origin = DicomOrigin("1.2", "1.2", "1.2", "1.2", 40, 60, (), *turned)
    corners = {tuple(point) for point in stored_points(line, origin).tolist()}
    assert corners == {(52.0, 7.0), (53.0, 7.0), (53.0, 8.0), (52.0, 8.0)}
