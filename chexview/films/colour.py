"""Colour pictures of grey films: how grey they are, and their luminance without loss."""

import numpy as np
import numpy.typing as npt

from chexview.errors import ContentError
from chexview.films.radiograph import Caution, CautionKind

_WEIGHTS = (77, 150, 29)
"""Rec. ITU-R BT.601 luma in 256ths: 255 * 256 fits in 16 bits, and equal channels give exactly their own value."""

_TINTED = 48.0
"""The largest difference between two channels, of 255, that a tinted scan (sepia, blue base) shows."""
_COLOURED_SHARE = 0.05
"""The share of pixels over that difference (a coloured marker, a red label) that still leaves a film."""


def luminance(
    rgb: npt.NDArray[np.uint8] | npt.NDArray[np.uint16], bits: int | None = None
) -> tuple[npt.NDArray[np.uint16], float, Caution | None]:
    """The luminance of an (rows, columns, 3) picture as uint16 (rows, columns), its scale, and a caution or None.

    ``luminance * scale`` is in the channels' own units. Equal channels give themselves, scale 1; 8-bit ones otherwise
    77 R + 150 G + 29 B, scale 1/256, exact; deeper ones the same rounded to a whole level. ``bits`` is the depth of a
    channel, that of its type where it is not given.
    Raises ContentError if the picture is coloured more than a tinted film is.
    """
    red, green, blue = (rgb[..., channel] for channel in range(3))
    if np.array_equal(red, green) and np.array_equal(red, blue):
        return red.astype(np.uint16), 1.0, None
    full = float((1 << (bits or 8 * rgb.dtype.itemsize)) - 1)
    highest = np.maximum(np.maximum(red, green), blue)
    lowest = np.minimum(np.minimum(red, green), blue)
    coloured = float(np.mean((highest - lowest) > _TINTED / 255.0 * full))
    if coloured > _COLOURED_SHARE:
        raise ContentError(
            f"The picture is in colour ({coloured:.0%} of it strongly), so it is no radiograph; bring the film itself, "
            "in grey."
        )
    caution = Caution(CautionKind.COLOUR, "The picture is slightly coloured; its luminance is read and shown in grey.")
    if rgb.dtype == np.uint8:
        weights = [np.uint16(weight) for weight in _WEIGHTS]
        return red * weights[0] + green * weights[1] + blue * weights[2], 1.0 / 256.0, caution
    mixed = sum(
        channel.astype(np.uint32) * weight for channel, weight in zip((red, green, blue), _WEIGHTS, strict=True)
    )
    return ((np.asarray(mixed) + 128) // 256).astype(np.uint16), 1.0, caution


def check_levels(pixels: npt.NDArray[np.uint16], padding: npt.NDArray[np.bool_] | None = None) -> None:
    """Raises ContentError if the unpadded part of a film holds too few grey levels to be one."""
    inside = pixels if padding is None else pixels[~padding]
    if len(np.unique(inside.ravel()[:: max(1, inside.size // _SAMPLE)])) > FEWEST_LEVELS:
        return  # a part of the pixels has enough levels, so all have
    levels = int(np.count_nonzero(np.bincount(inside.ravel(), minlength=1)))
    if levels <= 1:
        raise ContentError("The picture is of one grey level throughout and shows nothing; bring the film itself.")
    if levels <= FEWEST_LEVELS:
        raise ContentError(
            f"The picture holds only {levels} grey levels, as a thresholded one does; bring the film with its full "
            "range of greys."
        )


_SAMPLE = 4096
"""Pixels that are looked at before all are counted."""

FEWEST_LEVELS = 4
"""At most so many grey levels are a drawing or a thresholded picture, not a film."""
