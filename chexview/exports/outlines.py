"""Where a finding's map is highest, as closed lines: contours of the heatmap as it is shown, by marching squares.

The map's spline is sampled on a grid of :data:`SAMPLES` points along the film's longer side; the contour runs at :data:`LEVEL` of
the map's highest point on the film. A line that reaches the film's edge follows the edge, so that each is closed.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from contourpy import contour_generator

from chexview.films.radiograph import DicomOrigin
from chexview.model.reading import Reading
from chexview.viewer.heatmap import FLOOR, spread
from chexview.viewer.scene import coloured_map

LEVEL = 0.5
"""Share of a map's highest point at which its outline runs: the level at which the card's localisation was measured."""
SAMPLES = 384
"""Points along the longer side of the film."""
SMALLEST = 0.0005
"""Share of the film under which a closed line is a speck, and left out."""
POINTS = 2000
"""Points of one line at most; more would not fit into one element of a DICOM file."""

Points = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """A closed line: ``points`` float64 (n, 2) from the left and from the top, in shares of the film as it is shown; the first is
    the last. ``area`` is its share of the film. ``level`` is the log-odds at which it runs."""

    points: Points
    area: float
    level: float

    def at(self, rows: int, columns: int) -> Points:
        """The line in pixels (column, row) of a picture of the whole film."""
        return np.asarray(self.points * (columns, rows))


def outlines(reading: Reading, finding: str, shape: tuple[int, int]) -> tuple[Outline, ...]:
    """The outlines of a finding's map on a film of ``shape`` (rows, columns) as displayed, the largest first.

    None if nothing of the map is high enough to be shown at all.
    """
    longest = max(shape)
    rows, columns = (max(8, round(SAMPLES * side / longest)) for side in shape)
    values = spread(coloured_map(reading, finding), reading.rectangle, rows, columns)
    highest = float(values.max())
    if highest <= FLOOR * reading.score(finding).heatmap_scale:
        return ()
    level = LEVEL * highest
    across, down = ((np.arange(-1, n + 1) + 0.5) / n for n in (columns, rows))
    framed = np.pad(values, 1, constant_values=min(0.0, float(values.min())) - highest)
    lines = contour_generator(across, down, framed).lines(level)
    found = [_outline(np.asarray(line, np.float64).clip(0.0, 1.0), level) for line in lines if len(line) > 3]
    kept = sorted((line for line in found if line.area >= SMALLEST), key=lambda line: -line.area)
    return tuple(kept)


def _outline(points: Points, level: float) -> Outline:
    if len(points) > POINTS:
        points = points[np.linspace(0, len(points) - 1, POINTS).astype(int)]
    if not np.array_equal(points[0], points[-1]):
        points = np.vstack([points, points[:1]])
    x, y = points.T
    area = 0.5 * abs(float(np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1])))
    return Outline(points, area, level)


def stored_points(outline: Outline, origin: DicomOrigin) -> Points:
    """The line in the stored matrix of the film, (column, row) from the upper left corner of its first pixel (PS3.3 C.10.5.1.2,
    C.18.6.1): the turn that the film was shown with is undone."""
    points = outline.points.copy()
    if origin.flipped_columns:
        points[:, 0] = 1.0 - points[:, 0]
    if origin.flipped_rows:
        points[:, 1] = 1.0 - points[:, 1]
    if origin.transposed:
        points = points[:, ::-1]
    return np.asarray(np.round(points * (origin.columns, origin.rows), 2))
