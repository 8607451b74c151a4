"""Whether the strips or tiles of a TIFF are each in their place, none empty, none twice, and predicted as its tag says.

A TIFF is a list of strips or tiles and where each begins (TIFF 6.0, sections 3 and 15). Nothing in an uncompressed one, and
little in a compressed one, says that a strip is the one which belongs there. But a film goes on from one into the next: where
both neighbours of a seam would go on far better elsewhere, and so do others, they are not in their places.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from chexview.films.radiograph import Caution, CautionKind

_ROWS, _COLUMNS = 8, 64
"""Strips of fewer rows, and seams of fewer columns, tell nothing."""
_MOST = 400
"""At most so many are compared, each with each."""
_BETTER = 0.3
"""Another neighbour goes on better where squared differences are this part of those at the seam,"""
_USUAL = 4.0
"""and at most so many times those of the seam in the middle: an edge of the film along seams fits nothing well."""
_VARIED = 0.02
"""Strips whose pixels spread over less than this part of the range are alike in many films."""
_SEAMS, _LONG = 2, 96
"""One seam may be an edge of the film, and several that are shorter."""
_FAR, _SHARE = 0.05, 0.8
"""Pixels beside an empty strip, or across a seam, differ by this share of the range; beside an empty one so many do."""

_SMOOTHER = 4.0
"""Samples that were not predicted as the tag says are so many times rougher than those that are."""


def mispredicted(samples: npt.NDArray[np.generic]) -> tuple[Caution, ...]:
    """A caution about whole samples (rows, columns) that are differences along rows, or that such were wrongly taken for.

    Both wrap around at the ends of their type (TIFF 6.0, section 14, tag Predictor).
    """
    if samples.dtype.kind != "u":
        return ()
    part = samples[:: max(1, len(samples) // 64)]
    summed, differences = np.cumsum(part, axis=1, dtype=part.dtype), np.diff(part, axis=1, prepend=part.dtype.type(0))
    roughness = [float(np.abs(np.diff(each.astype(np.float32), axis=1)).mean()) for each in (summed, differences, part)]
    if _SMOOTHER * min(roughness[:2]) >= roughness[2]:
        return ()
    text = "The TIFF says of its rows that they are stored as differences, or that they are not, against what they are; what is "
    return (Caution(CautionKind.DAMAGE, text + "shown is not the film."),)


def misplaced(samples: npt.NDArray[Any], height: int, width: int) -> tuple[Caution, ...]:
    """A caution about samples (rows, columns) that came in tiles of ``height`` and ``width``; strips are as wide as the page."""
    rows, columns = samples.shape
    down, across = rows // height, columns // width
    if height < (_ROWS if across == 1 else _COLUMNS) or width < _COLUMNS or not 2 < down * across <= _MOST:
        return ()
    whole = samples[: down * height, : across * width].astype(np.float32)
    tiles = whole.reshape(down, height, across, width).swapaxes(1, 2)
    even = tiles.min(axis=(2, 3)) == tiles.max(axis=(2, 3))
    if _is_empty(tiles, even):
        return _caution("one is empty and what surrounds it is not")
    if _is_twice(tiles[tiles.std(axis=(2, 3)) > _VARIED * (tiles.max() - tiles.min())]):
        return _caution("one is there twice")
    top, bottom = (tiles[:, :, row].reshape(down * across, width) for row in (0, -1))
    left, right = (tiles[..., column].reshape(down * across, height) for column in (0, -1))
    number = np.arange(down * across).reshape(down, across)
    torn = _torn(bottom, top, number[:-1].ravel(), number[1:].ravel())
    torn += _torn(right, left, number[:, :-1].ravel(), number[:, 1:].ravel())
    needed = _SEAMS if min(height, width) >= _LONG or across == 1 else 2 * _SEAMS
    return _caution("some go on elsewhere than where they lie") if torn >= needed else ()


def _caution(flaw: str) -> tuple[Caution, ...]:
    text = f"The strips or tiles of the TIFF are not in their places, for {flaw}; what is shown is not the film."
    return (Caution(CautionKind.DAMAGE, text),)


def _is_empty(tiles: npt.NDArray[np.float32], even: npt.NDArray[np.bool_]) -> bool:
    """Whether tiles of one value, (down, across, height, width), lie between others that go right up to them with other values."""
    far = _FAR * float(tiles.max() - tiles.min())
    down, across = even.shape
    value = tiles[:, :, 0, 0]

    def differs(edge: npt.NDArray[np.float32], row: int, column: int) -> bool:
        return float((np.abs(edge - value[row, column]) > far).mean()) >= _SHARE

    for row, column in np.argwhere(even):
        last = row
        while across == 1 and last + 1 < down and even[last + 1, 0] and value[last + 1, 0] == value[row, 0]:
            last += 1
        sides = [
            row > 0 and differs(tiles[row - 1, column, -1], row, column),
            last + 1 < down and differs(tiles[last + 1, column, 0], row, column),
            column > 0 and differs(tiles[row, column - 1, :, -1], row, column),
            column + 1 < across and differs(tiles[row, column + 1, :, 0], row, column),
        ]
        if sum(sides) >= (2 if across == 1 else 3):
            return True
    return False


def _is_twice(tiles: npt.NDArray[np.float32]) -> bool:
    """Whether two tiles, (number, height, width), are the same."""
    known = {tile.tobytes() for tile in tiles}
    return len(known) < len(tiles)


def _torn(
    ends: npt.NDArray[np.float32],
    begins: npt.NDArray[np.float32],
    before: npt.NDArray[np.intp],
    after: npt.NDArray[np.intp],
) -> int:
    """Seams between tiles ``before`` and ``after`` both of which would go on better elsewhere."""
    if not len(before):
        return 0
    squares = np.square(ends).sum(axis=1)[:, None] + np.square(begins).sum(axis=1)[None, :]
    apart = np.maximum(squares - 2.0 * ends @ begins.T, 0.0)
    seams = apart[before, after]
    np.fill_diagonal(apart, np.inf)
    forward, backward = apart[before].min(axis=1), apart[:, after].min(axis=0)
    well = _BETTER * np.minimum(seams, _USUAL / _BETTER * float(np.median(seams)))
    steps = seams > np.square(_FAR * float(ends.max() - ends.min())) * ends.shape[1]
    return int((steps & (forward < well) & (backward < well)).sum())
