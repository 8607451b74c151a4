"""Whether a JPEG's greys step where no film's do: on a line between its blocks that begins in the middle of a row.

Each block's mean is coded as its difference to that of the block before (ITU-T T.81 F.1.2.1). One changed bit of such a
difference leaves all lengths of codes as they were and moves every block that follows by the same amount, to the end of
the picture: from that block to the end of its row and under all blocks before it in the next, the picture steps exactly
between two rows of blocks. Edges of anatomy, collimators and shutters do not turn that corner.
"""

import numpy as np
import numpy.typing as npt

STEP = 3.0 / 255.0
"""Steps from this part of the full range on are found, where the means of blocks are coded exactly."""
_QUANTA = 1.5
"""Steps by which rounding to the quantiser makes neighbouring blocks differ, with room to spare."""
_BORDER = 0.08
"""The share of rows at the top and at the bottom that is not looked at: films end there in black borders, slanted a little."""
_SHARE = 0.8
"""The share of blocks along one row's length that must step alike. An even edge along a row of blocks, as a shutter has, lies
under fewer of them once the first and last fifth of a row do not count as its middle."""


def step_row(
    samples: npt.NDArray[np.uint8 | np.uint16], precision: int, quantum: float = 0.0, height: int = 8, width: int = 8
) -> int | None:
    """The row of pixels at which such a step begins, None if there is none.

    ``samples`` are (rows, columns), of ``precision`` bits; a block's mean is coded in steps of ``quantum``; ``height`` and
    ``width`` are those of a unit (MCU) in pixels.
    """
    count = samples.shape[1] // width
    border = max(1, round(_BORDER * samples.shape[0] / height))
    rows = np.arange(border * height, samples.shape[0] - border * height, height)
    if count < 8 or len(rows) < 3:
        return None
    above, below = (samples[rows + move, : count * width].astype(np.int32) for move in (-1, 0))
    before, after = (samples[rows + move, : count * width].astype(np.int32) for move in (-2, 1))
    beyond_trend = 2 * (below - above) - (above - before) - (after - below)
    steps = beyond_trend.reshape(len(rows), count, width).sum(axis=2).ravel() / (2 * width)
    least = STEP * ((1 << precision) - 1) + _QUANTA * quantum
    for sign in (1, -1):
        alike = np.concatenate(([0], np.cumsum(sign * steps > least)))
        runs = alike[count:] - alike[:-count]
        place = np.arange(len(runs)) % count
        middle = (place > (1 - _SHARE) * count + 1) & (place < _SHARE * count - 1)
        found = np.flatnonzero(middle & (runs >= _SHARE * count))
        if len(found):
            return int(rows[found[0] // count])
    return None
