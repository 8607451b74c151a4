"""Whether a picture's rows are of another length than it says, so that what was one row stands in two, or askew.

Pixels are stored one row after the other, and nothing in them says where a row ends: a header whose width was halved,
doubled, exchanged with its height or moved by one gives a picture without an error. But each row of a film is all but the
row above it. Laid out as one line a film is therefore like itself moved by the length of a row, and far less like itself
moved by any other length. Where another length explains the pixels better than that of the header, the header is wrong.
"""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from chexview.films.radiograph import Caution, CautionKind

_PARTS, _PART = 4, 2**16
"""So many parts of a picture, of so many pixels each, are looked at."""
_LONGEST, _SHORTEST = 3.0, 1.0 / 2.2
"""Rows between these parts of the side of a square picture of as many pixels are thought of."""
_OTHER, _SEVERAL, _ASKEW = 1.15, 0.7, 0.97
"""Pixels at another distance are this much less alike than neighbouring rows, at most, where it is the true one. Pixels some
rows on are nearly as alike as neighbours in a film that is all noise, and those a little askew in one that is askew."""
_UNLIKE = 0.12
"""Rows some rows on are not asked where neighbours are less unlike than this part of what is most unlike: detectors whose even
and odd rows differ a little give such films."""
_VALLEY = 0.35
"""At its true length a picture is so many times more like itself than a little beside it; ramps and noise are not."""
_SIDE, _MOST = 4, 12
"""Of so many parts a side, so many are askew where rows are of a wrong length; where a film lies at an angle fewer are."""
_TWO_BYTES, _QUIET = 4.0, 0.5
"""So many times more unlike are the bytes of a sample than those of its neighbours; in a film of bytes it is less than one time."""
_FEWEST = 12
"""Rows and columns that tell anything."""

Values = npt.NDArray[Any]
"""Whole or floating samples of any depth."""


def misread(samples: Values, before: int = 0) -> tuple[Caution, ...]:
    """A caution about samples (rows, columns), in the order in which they are stored, whose rows are of another length.

    In the file ``before`` zeros stand before each row.
    """
    if _is_of_two_bytes(samples):
        text = (
            "The file says that a pixel has one byte, but every second one is noise, as where it has two; what is shown is not "
            "the film."
        )
        return (Caution(CautionKind.DAMAGE, text),)
    length = row_length(np.pad(samples, ((0, 0), (before, 0))) if before else samples)
    return () if length is None else _caution(samples.shape[1], length - before)


def _is_of_two_bytes(samples: Values) -> bool:
    """Whether bytes are like those two places on, in a row, and nothing like their neighbours."""
    if samples.dtype != np.uint8 or min(samples.shape) < _FEWEST:
        return False
    part = samples[:: max(1, len(samples) // 128)].astype(np.int32)
    each = min(float(np.abs(np.diff(part[:, parity::2], axis=1)).mean()) for parity in (0, 1))
    return float(np.abs(np.diff(part, axis=1)).mean()) > _TWO_BYTES * max(each, _QUIET)


def misread_blocks(samples: Values, height: int, width: int) -> tuple[Caution, ...]:
    """As :func:`misread`, of samples that are stored block after block of ``height`` rows and ``width`` columns."""
    rows, columns = (length // side for length, side in zip(samples.shape, (height, width), strict=True))
    blocks = samples[: rows * height, : columns * width].reshape(rows, height, columns, width)
    length = row_length(blocks.mean(axis=(1, 3), dtype=np.float32), askew=1)
    return () if length is None else _caution(samples.shape[1], length * width)


def _caution(columns: int, length: int) -> tuple[Caution, ...]:
    text = (
        f"The file says that a row of the picture has {columns} pixels, but rows of {length} are what fits together; what is "
        "shown is not the film."
    )
    return (Caution(CautionKind.DAMAGE, text),)


def row_length(samples: Values, askew: int = 8) -> int | None:
    """The length of row that explains samples (rows, columns) where that of the header does not; None where it does.

    Lengths up to ``askew`` beside the header's are those of rows that each begin a little beside the one above.
    """
    rows, columns = samples.shape
    side = math.sqrt(rows * columns)
    if min(rows, columns) < _FEWEST:
        return None
    apart = _apart(np.ascontiguousarray(samples).reshape(-1), max(int(_LONGEST * side), columns + 4 * askew))
    lengths = np.arange(len(apart))
    rows_on = np.rint(lengths / columns)
    is_near = np.abs(lengths - rows_on * columns) <= askew
    share = np.where(is_near & (rows_on == 1), _ASKEW, np.where(is_near & (rows_on > 1), _SEVERAL, _OTHER))
    is_better = (apart <= share * apart[columns]) & (lengths != columns)
    if apart[columns] < _UNLIKE * apart.max():
        is_better &= ~is_near | (rows_on <= 1)
    is_better[: max(int(_SHORTEST * side), 2 * askew + 1)] = False
    is_better[-1] = False
    for length in np.flatnonzero(is_better)[np.argsort(apart[is_better])][:_SIDE]:
        is_askew = abs(length - columns) <= askew
        if _valley(apart, int(length)) <= _VALLEY and (not is_askew or _everywhere(samples, int(length - columns))):
            return int(length)
    return None


def _apart(line: Values, longest: int) -> npt.NDArray[np.float64]:
    """How unlike a line of samples is to itself moved by 0 to ``longest`` places: the mean square of differences."""
    part = min(len(line), max(_PART, 4 * longest))
    longest = min(longest, part // 2)
    size = min(factor << max(0, math.ceil(math.log2((part + longest) / factor))) for factor in (1, 3, 5))
    total = np.zeros(longest + 1)
    for start in np.linspace(0, len(line) - part, _PARTS if part < len(line) else 1).astype(int):
        values = line[start : start + part].astype(np.float32)
        values -= values.mean()
        spectrum = np.fft.rfft(values, size)
        products = np.fft.irfft(spectrum.real**2 + spectrum.imag**2, size)[: longest + 1]
        squares = np.concatenate(([0.0], np.cumsum(np.square(values), dtype=np.float64)))
        lengths = np.arange(longest + 1)
        total += (squares[part] - squares[lengths] + squares[part - lengths] - 2.0 * products) / (part - lengths)
    return total


def _valley(apart: npt.NDArray[np.float64], length: int) -> float:
    """How unlike a line is to itself at a length, as part of how unlike it is a little beside that."""
    near, far = max(length // 16, 2), max(length // 8, 4)
    beside = np.concatenate((apart[length - far : length - near], apart[length + near : length + far]))
    middle = float(np.median(beside)) if len(beside) else 0.0
    return float(apart[length]) / middle if middle > 0.0 else 1.0


def _everywhere(samples: Values, move: int) -> bool:
    """Whether nearly everywhere the row below is more like a row where it is moved sideways."""
    values, margin = samples.astype(np.float32), abs(move)
    columns = values.shape[1]
    inner = slice(margin, columns - margin)
    straight = np.square(values[:-1, inner] - values[1:, inner])
    moved = np.square(values[:-1, inner] - values[1:, margin + move : columns - margin + move])
    better = 0
    for each, other in zip(np.array_split(straight, _SIDE), np.array_split(moved, _SIDE), strict=True):
        columns_of = zip(np.array_split(each, _SIDE, axis=1), np.array_split(other, _SIDE, axis=1), strict=True)
        better += sum(float(second.mean()) <= float(first.mean()) for first, second in columns_of)
    return better >= _MOST
