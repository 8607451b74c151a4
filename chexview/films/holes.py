"""Whether pixels that were stored one after the other were lost and filled: whole rows of one value from the middle of a row on.

Nothing in uncompressed data says whether they are whole. But a sector that was not read, a download that was preallocated
or a transfer that was padded leaves one byte repeated from any place to any other, whereas borders and shutters of one
value end with a row, or with the same column in the rows beside it.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from chexview.films.radiograph import Caution, CautionKind

_ROWS = 2
"""A hole is found if it takes so many whole rows; one row more or less changes no score."""
_MARGIN = 0.03
"""It begins and ends at least this share of a row away from the row's ends."""
_FAR, _SHARE = 0.05, 0.8
"""The pixels beside it differ by this share of the picture's range, and so many of them do."""


def hole(samples: npt.NDArray[np.integer[Any]]) -> tuple[Caution, ...]:
    """A caution that names the rows of a filled hole in samples (rows, columns); nothing where there is none."""
    lowest, highest = samples.min(axis=1), samples.max(axis=1)
    even = np.flatnonzero(lowest == highest)
    if len(even) < _ROWS:
        return ()
    far = _FAR * (int(highest.max()) - int(lowest.min()))
    breaks = np.flatnonzero((np.diff(even) != 1) | (np.diff(lowest[even].astype(np.int64)) != 0)) + 1
    for rows in np.split(even, breaks):
        first, last, value = int(rows[0]), int(rows[-1]), int(lowest[rows[0]])
        if len(rows) >= _ROWS and (
            _begins_inside(samples[max(first - 2, 0) : first], value, far)
            or _begins_inside(samples[last + 1 : last + 3][::-1, ::-1], value, far)
        ):
            text = (
                f"The picture has a hole: rows {first + 1} to {last + 1} hold nothing but the value {value}, from the middle "
                "of a row on, as where a part of the file was lost; they are not the film."
            )
            return (Caution(CautionKind.DAMAGE, text),)
    return ()


def _begins_inside(before: npt.NDArray[np.integer[Any]], value: int, far: float) -> bool:
    """Whether a run of ``value`` begins in the second of two rows, while all before it in both is far from it."""
    if len(before) < 2:
        return False
    columns = before.shape[1]
    others = np.flatnonzero(before[1] != value)
    begin = int(others[-1]) + 1 if len(others) else 0
    if not _MARGIN * columns < begin < (1 - _MARGIN) * columns:
        return False
    distant = np.abs(before.astype(np.int64) - value) > far
    return bool(distant[0, begin:].mean() >= _SHARE and distant[1, :begin].mean() >= _SHARE)
