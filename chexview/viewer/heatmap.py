"""A class map over a film, as a picture of signed colours. numpy only.

The map's cells lie on the square that the network saw, the film on a rectangle of it; a cell's value stands at the
cell's centre. Between centres the values follow a Catmull-Rom spline (Catmull and Rom 1974), which goes through every
value, so that the colour bar tells the truth; beyond the outermost centres the map is mirrored, so that a hot cell at the
film's edge peaks at its own centre like any other.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from chexview.figures import colours
from chexview.geometry import Rectangle

Floats = npt.NDArray[np.float64]

FLOOR, FULL = 0.08, 0.16
"""Shares of the scale: under the first nothing is drawn (the spline's own ripple is 7.4 % of a lone peak), from the
second on the colour stands as the table has it."""


def paint(values: npt.ArrayLike, scale: float) -> npt.NDArray[np.uint8]:
    """Signed values of any shape to uint8 (..., 4), not premultiplied: low ones transparent, full colour at ``scale``."""
    layer = colours.rgba(values, scale)
    ramp = np.clip((np.abs(colours.share(values, scale)) - FLOOR) / (FULL - FLOOR), 0.0, 1.0)
    layer[..., 3] = np.rint(layer[..., 3] * ramp * ramp * (3.0 - 2.0 * ramp)).astype(np.uint8)
    return layer


def _weights(start: float, stop: float, pixels: int, cells: int) -> Floats:
    """Catmull-Rom weights (pixels, cells) at the centres of ``pixels`` laid from ``start`` to ``stop`` of the input's side."""
    centres = start + (np.arange(pixels) + 0.5) / pixels * (stop - start)
    place = centres * cells - 0.5
    first = np.floor(place)
    t = place - first
    four = (
        ((-0.5 * t + 1.0) * t - 0.5) * t,
        (1.5 * t - 2.5) * t * t + 1.0,
        ((-1.5 * t + 2.0) * t + 0.5) * t,
        (0.5 * t - 0.5) * t * t,
    )
    period = max(1, 2 * (cells - 1))
    weights = np.zeros((pixels, cells))
    for shift, weight in zip((-1, 0, 1, 2), four, strict=True):
        cell = np.mod(first.astype(np.int64) + shift, period)
        cell = np.minimum(cell, period - cell) if cells > 1 else np.zeros_like(cell)
        np.add.at(weights, (np.arange(pixels), cell), weight)
    return weights


def spread(grid: npt.NDArray[np.float32], rectangle: Rectangle, rows: int, columns: int) -> Floats:
    """The map ``grid`` (cells down, cells across) over a film of ``rows`` x ``columns`` pixels that fills ``rectangle``."""
    down = _weights(rectangle.top, rectangle.bottom, rows, grid.shape[0])
    across = _weights(rectangle.left, rectangle.right, columns, grid.shape[1])
    return np.asarray(down @ grid.astype(np.float64) @ across.T)


def layer(
    grid: npt.NDArray[np.float32], rectangle: Rectangle, rows: int, columns: int, scale: float
) -> npt.NDArray[np.uint8]:
    """The heatmap of a film as uint8 (rows, columns, 4), to be laid over it edge to edge."""
    return paint(spread(grid, rectangle, rows, columns), scale)


def css_colours(values: Sequence[float], scale: float) -> list[str]:
    """The colours of some values as CSS writes them: for the colour bar and the cells' table."""
    return [f"rgba({r},{g},{b},{a / 255:.3f})" for r, g, b, a in paint(np.asarray(values), scale).tolist()]


PLAIN = (242, 143, 59)
"""The one colour of maps that have no unit; how strong it is, is all that it tells."""


def plain_layer(
    shares: npt.NDArray[np.float32], rectangle: Rectangle, rows: int, columns: int
) -> npt.NDArray[np.uint8]:
    """A map of shares 0 to 1 over a film in one colour, uint8 (rows, columns, 4); it tells no scale, for it has none."""
    strength = np.clip(spread(shares, rectangle, rows, columns), 0.0, 1.0)
    made = np.empty((rows, columns, 4), np.uint8)
    made[..., :3] = PLAIN
    made[..., 3] = np.rint(255 * colours.OPACITY * strength)
    return made


def plain_css(share: float) -> str:
    """The colour of a share, as CSS writes it."""
    red, green, blue = PLAIN
    return f"rgba({red},{green},{blue},{colours.OPACITY * share:.3f})"
