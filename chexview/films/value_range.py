"""The range of greys that a film takes up, without a marker burnt in far beyond it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chexview.films.grey import OWN_RANGE, span
from chexview.films.radiograph import Caution, CautionKind, VoiView

_MARKER_SHARE = 0.03
"""At most so much of a film is lead letters and burnt-in text."""
_MARKER_LEVELS = 16
"""At most so many values, for a marker is drawn; anatomy has many."""
_UNUSED = 0.25
"""A deep picture whose highest value is below this share of its format's range holds fewer bits than the format."""
_FAR = 4
"""A marker is at least this many times brighter than all anatomy: 10 bits beside 12, 12 beside 16."""
_STRAY = 16
"""So few pixels beyond a gap are faults of the detector, or of the file, and no part of the film."""
_GAP = 0.25
"""The part of the range that such a gap takes."""

_PART = 2**16
"""Pixels that are counted at once."""


@dataclass(frozen=True, slots=True)
class ValueRange:
    """The lowest and highest value; ``marker`` says that brighter pixels were left out, ``stray`` how many beyond a gap."""

    low: int
    high: int
    marker: bool
    stray: int = 0


def level_counts(pixels: npt.NDArray[np.uint16]) -> npt.NDArray[np.int64]:
    """How many pixels have each value, int64 (highest value + 1,); counted in parts that stay in the processor's cache."""
    flat = pixels.ravel()
    counts = np.zeros(int(flat.max(initial=0)) + 1, np.int64)
    for start in range(0, flat.size, _PART):
        counts += np.bincount(flat[start : start + _PART], minlength=len(counts))
    return counts


def value_range(pixels: npt.NDArray[np.uint16]) -> ValueRange:
    """The range of some pixels, in any shape."""
    counts = level_counts(pixels)
    used = np.flatnonzero(counts)
    whole = len(used)
    used = _without_stray(used, counts)
    stray = 0 if len(used) == whole else int(counts.sum() - counts[used[0] : used[-1] + 1].sum())
    low, high = int(used[0]), int(used[-1])
    bright = used[used > high // _FAR]
    rest = used[used <= high // _FAR]
    if (
        not len(rest)
        or len(bright) > _MARKER_LEVELS
        or int(rest[-1]) * _FAR > int(bright[0])
        or int(counts[bright].sum()) > _MARKER_SHARE * pixels.size
        or int(rest[-1]) - low < 2 * _MARKER_LEVELS
    ):
        return ValueRange(low, high, False, stray)
    return ValueRange(low, int(rest[-1]), True, stray)


def _without_stray(used: npt.NDArray[np.intp], counts: npt.NDArray[np.int64]) -> npt.NDArray[np.intp]:
    """The values in use, without the few at either end that lie beyond a gap; anatomy has many values."""
    gap = _GAP * (int(used[-1]) - int(used[0]))
    kept = used
    far = np.flatnonzero(np.diff(used) > gap)
    for at in far[::-1]:
        if counts[used[at + 1] :].sum() <= _STRAY:
            kept = used[: at + 1]
    for at in far[far < len(kept) - 1]:
        if counts[: used[at] + 1].sum() <= _STRAY:
            kept = kept[kept > used[at]]
    return kept if len(kept) > 2 * _MARKER_LEVELS else used


def range_cautions(found: ValueRange) -> tuple[Caution, ...]:
    """What a reader should know of a range from which some values were left out."""
    texts = []
    if found.marker:
        texts.append("A burnt-in marker is far brighter than the film; the first view spans the film without it.")
    if found.stray:
        what = "One pixel is" if found.stray == 1 else f"{found.stray} pixels are"
        them = "it" if found.stray == 1 else "them"
        texts.append(f"{what} far from all others; the first view spans the film without {them}.")
    return tuple(Caution(CautionKind.WINDOW, text) for text in texts)


def deep_views(
    pixels: npt.NDArray[np.uint16],
    padding: npt.NDArray[np.bool_] | None,
    scale: float,
    offset: float,
    full: tuple[float, float],
) -> tuple[tuple[VoiView, ...], tuple[Caution, ...]]:
    """The views of a picture without a window of its own, and cautions.

    The format's full range first, the picture's own second; the other way round where more than 8 bits hold fewer than
    they could. ``full`` and the views are in modality units, ``pixels * scale + offset``.
    """
    inside = pixels if padding is None else pixels[~padding]
    found = value_range(inside)
    low, high = found.low * scale + offset, found.high * scale + offset
    whole, own = span("full range", *full), span(OWN_RANGE, low, high)
    is_deep = full[1] - full[0] > 255.0
    if is_deep and high - max(full[0], 0.0) < _UNUSED * (full[1] - max(full[0], 0.0)):
        return (own, whole), range_cautions(found)
    if (low, high) == full or (found.marker and not is_deep):
        return (whole,), ()
    return (whole, own), ()
