"""Pixel Padding Value: which pixels are no part of the film, found on stored values (PS3.3 C.7.5.1.1.2)."""

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset

from chexview.errors import ContentError
from chexview.films import elements
from chexview.films.elements import label
from chexview.films.radiograph import Caution, CautionKind
from chexview.films.stored_values import StoredValues

_MOSTLY = 0.9
_LEVELS, _SOME = 256, 0.1
"""Padding is one value or a few; a range that takes more of a film is not true."""


def padding(dataset: Dataset, stored: StoredValues) -> tuple[npt.NDArray[np.bool_] | None, tuple[Caution, ...]]:
    """The mask of padding, or None if there is none, and cautions; both ends inclusive and in either order.

    Pixel Representation says how the values are to be read, not their VR. Raises ContentError if all is padding.
    """
    signed = stored.signed
    ends = [
        _signed(int(value), stored.bits) if signed else int(value)
        for keyword in ("PixelPaddingValue", "PixelPaddingRangeLimit")
        if (value := elements.whole(dataset, keyword, signed)) is not None
    ]
    if elements.whole(dataset, "PixelPaddingValue", signed) is None:
        return None, ()
    lowest, highest = min(ends) - stored.base, max(ends) - stored.base
    if highest < 0:
        return None, ()
    mask = (stored.pixels >= max(lowest, 0)) & (stored.pixels <= min(highest, 65535))
    if lowest > 65535 or not mask.any():
        return None, ()
    share = float(mask.mean())
    if mask.all():
        raise ContentError(f"{label('PixelPaddingValue')} covers the whole picture; export the film again.")
    if share > _MOSTLY:
        text = f"{share:.0%} of the film is padding by {label('PixelPaddingValue')}; little of it is left."
        return mask, (Caution(CautionKind.PADDING, text),)
    levels = len(np.unique(stored.pixels[mask]))
    if levels > _LEVELS and share > _SOME:
        text = (
            f"{label('PixelPaddingRangeLimit')} makes padding of {levels} greys, {share:.0%} of the film, which are more than "
            "padding has; parts of the film may be shown black."
        )
        return mask, (Caution(CautionKind.PADDING, text),)
    return mask, ()


def _signed(value: int, bits: int) -> int:
    """A value of signed pixels that was written as the bits of the stored value, two's complement of ``bits``."""
    return value - (1 << bits) if 1 << (bits - 1) <= value < 1 << bits else value
