"""The network's eye: the one function that turns a picture into network input, in training, validation and app alike.

NIH stretched its films to 1024 x 1024 squares whatever their shape; a network trained on them expects that. Films whose
aspect lies within ``ASPECTS`` are stretched likewise; others are padded with black to the nearest end of that range
first. The result is rounded to 256 levels, so that a cache of bytes and the app agree bit for bit.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from chexview.geometry import Rectangle

VERSION = "1"
"""Named on every card; a change of what ``eye`` gives for any film needs a new one."""

ASPECTS = (0.8, 1.25)
"""Width divided by height that is stretched without padding."""


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """What the network is shown: ``picture`` uint8 (size, size); where the film lies in it; a caution or ""."""

    picture: npt.NDArray[np.uint8]
    rectangle: Rectangle
    caution: str


def eye(grey: npt.NDArray[np.float32], size: int) -> Sight:
    """Turns ``grey`` (float 0..1, display rows and columns) into network input of ``size`` x ``size`` pixels.

    Antialiased bilinear resize (Pillow's, in float32), rounded to 256 levels. Raises ValueError for an empty picture or a
    size that is not a multiple of 32.
    """
    if size < 32 or size % 32:
        raise ValueError(f"the input size must be a multiple of 32, not {size}")
    rows, columns = grey.shape
    if rows == 0 or columns == 0:
        raise ValueError("the picture is empty")
    height, width, caution = size, size, ""
    aspect = columns / rows
    if aspect < ASPECTS[0]:
        width = max(1, round(size * aspect / ASPECTS[0]))
    elif aspect > ASPECTS[1]:
        height = max(1, round(size * ASPECTS[1] / aspect))
    if width < size:
        caution = "The film is much taller than wide; it was padded at the sides before the network saw it."
    elif height < size:
        caution = "The film is much wider than tall; it was padded above and below before the network saw it."
    source = Image.fromarray(np.ascontiguousarray(grey, dtype=np.float32))
    resized = np.asarray(source.resize((width, height), Image.Resampling.BILINEAR))
    levels = np.floor(np.clip(resized, 0.0, 1.0) * np.float32(255.0) + np.float32(0.5)).astype(np.uint8)
    top, left = (size - height) // 2, (size - width) // 2
    picture = np.zeros((size, size), np.uint8)
    picture[top : top + height, left : left + width] = levels
    rectangle = Rectangle(left / size, top / size, (left + width) / size, (top + height) / size)
    return Sight(picture, rectangle, caution)
