"""A radiograph under one view: what one sees, at full precision (DICOM PS3.4 Annex N.2)."""

import numpy as np
import numpy.typing as npt
from PIL import Image

from chexview.films.radiograph import Radiograph, VoiFunction, VoiTable, VoiView, Window

OWN_RANGE = "from darkest to brightest"
"""The name of the view that spans a film's own values."""


def grey(radiograph: Radiograph, view: VoiView | None = None) -> npt.NDArray[np.float32]:
    """The film under ``view`` (default: the first): float32 (rows, columns), 0 black to 1 white, of square pixels.

    In this order: VOI transformation, one inversion where the film asks for it, padding black, square pixels. A value
    of an 8-bit picture gives exactly value / 255. Pixels that are not square are repeated or mixed by area, so that
    each keeps its grey (PS3.3 C.7.6.3.1.7).
    """
    seen = look_up(radiograph, view).take(radiograph.pixels)
    if radiograph.padding is not None:
        seen[radiograph.padding] = 0.0
    rows, columns = display_shape(radiograph)
    if seen.shape == (rows, columns):
        return seen
    square = Image.fromarray(seen).resize((columns, rows), Image.Resampling.BOX)
    return np.array(square, dtype=np.float32)


def look_up(radiograph: Radiograph, view: VoiView | None = None) -> npt.NDArray[np.float32]:
    """The grey of each value of ``radiograph.pixels``: float32 (largest pixel + 1,), inverted where the film asks."""
    view = radiograph.views[0] if view is None else view
    stored = np.arange(int(radiograph.pixels.max(initial=0)) + 1, dtype=np.float64)
    greys = apply(view, stored * radiograph.scale + radiograph.offset)
    if radiograph.inverted:
        greys = 1.0 - greys
    return greys.astype(np.float32)


def apply(view: VoiView, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The VOI transformation of values in modality units to 0..1, not inverted (PS3.3 C.11.2.1.1 to C.11.2.1.3).

    LINEAR ``(x - (c - 0.5)) / (w - 1) + 0.5``, a threshold at ``c - 0.5`` where w is 1; LINEAR_EXACT
    ``(x - c) / w + 0.5``; SIGMOID ``1 / (1 + exp(-4 (x - c) / w))``; a table takes its first or last entry outside.
    """
    if isinstance(view, VoiTable):
        index = np.clip(np.rint(values - view.first), 0, len(view.values) - 1).astype(np.intp)
        return np.minimum(view.values[index] / float(2**view.bits - 1), 1.0)
    centre, width = view.centre, view.width
    if view.function is VoiFunction.SIGMOID:
        exponent = np.clip(
            -4.0 * (values - centre) / width, -700.0, 700.0
        )  # by hand: the decoder's process has no scipy
        return np.asarray(1.0 / (1.0 + np.exp(exponent)), dtype=np.float64)
    if view.function is VoiFunction.LINEAR:
        centre, width = centre - 0.5, width - 1.0
    if width <= 0.0:
        return (values > centre).astype(np.float64)
    return np.clip((values - (centre - width / 2.0)) / width, 0.0, 1.0)


def span(name: str, low: float, high: float) -> Window:
    """The window that shows ``low`` black and ``high`` white (LINEAR_EXACT, PS3.3 C.11.2.1.3.2)."""
    return Window(name, centre=(low + high) / 2.0, width=high - low, function=VoiFunction.LINEAR_EXACT)


def display_shape(radiograph: Radiograph) -> tuple[int, int]:
    """Rows and columns of the film in square pixels; the side with the larger pixels grows, the other stays."""
    rows, columns = radiograph.pixels.shape
    aspect = radiograph.pixel_aspect
    if aspect > 1.0:
        return max(1, round(rows * aspect)), columns
    return rows, max(1, round(columns / aspect))
