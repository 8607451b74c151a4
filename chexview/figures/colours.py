"""The signed colour scale of heatmaps: cool where a region speaks against a finding, warm where it speaks for it.

Made in OKLab (Ottosson 2020), so that equal steps look equal: from a pale neutral in the middle, lightness falls and
chroma rises alike on both sides, to a blue and an orange-red of the same lightness that colour-blind readers tell
apart. There is no rainbow (jet), and 0 is transparent: opacity rises with the absolute value, so that a finding at 1 %
looks faint. numpy only: the command line, the exports and the viewer use the same table.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

ENTRIES = 256
OPACITY = 0.72
"""Opacity at the ends of the scale; below it the film stays visible under the colour."""

_MIDDLE_LIGHTNESS, _END_LIGHTNESS = 0.93, 0.60
_COOL, _WARM = (0.15, 250.0), (0.19, 38.0)
"""Chroma and hue in degrees of the two ends."""


def _srgb(lightness: npt.NDArray[Any], a: npt.NDArray[Any], b: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """OKLab to sRGB, uint8 (n, 3), clipped to the gamut."""
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = np.stack(
        [
            4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
            -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
            -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
        ],
        axis=-1,
    ).clip(0, 1)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(255 * encoded), dtype=np.uint8)


def _make() -> npt.NDArray[np.uint8]:
    value = np.linspace(-1, 1, ENTRIES)
    reach = np.abs(value)
    lightness = _MIDDLE_LIGHTNESS + (_END_LIGHTNESS - _MIDDLE_LIGHTNESS) * reach
    chroma = np.where(value < 0, _COOL[0], _WARM[0]) * reach
    hue = np.deg2rad(np.where(value < 0, _COOL[1], _WARM[1]))
    table = _srgb(lightness, chroma * np.cos(hue), chroma * np.sin(hue))
    table.flags.writeable = False
    return table


TABLE: npt.NDArray[np.uint8] = _make()
"""uint8 (256, 3): sRGB from -1 (entry 0, cool) through 0 (between entries 127 and 128) to 1 (entry 255, warm)."""


def share(values: npt.ArrayLike, scale: float) -> npt.NDArray[np.float64]:
    """Values of any shape as shares of the scale, clipped to -1 to 1. Raises ValueError for a scale not above 0."""
    if not scale > 0:
        raise ValueError(f"a colour scale must be above 0, not {scale}")
    return np.clip(np.asarray(values, dtype=np.float64) / scale, -1, 1)


def rgba(values: npt.ArrayLike, scale: float, opacity: float = OPACITY) -> npt.NDArray[np.uint8]:
    """Signed values of any shape to uint8 (..., 4), not premultiplied; ``scale`` is the value of full colour.

    Opacity is ``opacity`` times the share of the scale: 0 is exactly transparent. Raises ValueError as :func:`share`.
    """
    part = share(values, scale)
    colour = TABLE[np.rint((part + 1) / 2 * (ENTRIES - 1)).astype(np.int64)]
    alpha = np.rint(255 * opacity * np.abs(part)).astype(np.uint8)
    return np.concatenate([colour, alpha[..., None]], axis=-1)


def blend(picture: npt.NDArray[np.uint8], layer: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """A grey picture (rows, columns) under a layer (rows, columns, 4) of :func:`rgba`: uint8 (rows, columns, 3)."""
    alpha = layer[..., 3:].astype(np.float64) / 255
    return np.rint(picture[..., None] * (1 - alpha) + layer[..., :3] * alpha).astype(np.uint8)
