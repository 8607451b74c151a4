"""Films and heatmaps as PNG, as the browser gets them where it does not draw them itself."""

import io

import numpy as np
import numpy.typing as npt
from PIL import Image

from chexview.films.grey import grey
from chexview.films.radiograph import Radiograph, VoiView
from chexview.geometry import Rectangle
from chexview.model.reading import Reading
from chexview.viewer.heatmap import layer, plain_layer
from chexview.viewer.scene import coloured_map
from chexview.web.media_store import MediaItem

LONGEST = 2048
"""Pixels of a film's longer side in the browser; more than a screen shows of it without magnifying."""
OVERLAY = 768
CARD = 448
"""Pixels of the longer side of a film in a gallery."""


def _png(picture: Image.Image) -> MediaItem:
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=1)
    return MediaItem(out.getvalue(), "image/png")


def _shrunk(rows: int, columns: int, longest: int) -> tuple[int, int]:
    factor = min(1.0, longest / max(rows, columns))
    return max(1, round(rows * factor)), max(1, round(columns * factor))


def film_picture(film: Radiograph, view: VoiView | None = None, longest: int = LONGEST) -> MediaItem:
    """The film under ``view`` (default: its first), 8 bit, aspect kept, at most ``longest`` pixels a side."""
    seen = grey(film, view)
    rows, columns = _shrunk(seen.shape[0], seen.shape[1], longest)
    if (rows, columns) != seen.shape:
        small = Image.fromarray(seen).resize((columns, rows), Image.Resampling.BOX)
        seen = np.asarray(small)
    return picture_of(seen)


def picture_of(seen: npt.NDArray[np.float32]) -> MediaItem:
    """Greys 0..1 (rows, columns) as a PNG of 8 bits, pixel by pixel."""
    return grey_picture(np.floor(np.clip(seen, 0, 1) * 255 + 0.5).astype(np.uint8))


def grey_picture(greys: npt.NDArray[np.uint8]) -> MediaItem:
    """Greys of 8 bits (rows, columns) as a PNG."""
    return _png(Image.fromarray(greys))


def heatmap_picture(shape: tuple[int, int], reading: Reading, finding: str, scale: float) -> MediaItem:
    """The heatmap of ``finding`` as RGBA PNG over a film of ``shape`` (rows, columns) as displayed, in signed
    colours: those that the viewer shows."""
    return signed_heatmap(shape, coloured_map(reading, finding), reading.rectangle, scale)


def signed_heatmap(
    shape: tuple[int, int], values: npt.NDArray[np.float32], rectangle: Rectangle, scale: float
) -> MediaItem:
    """A signed map (cells down, cells across) over a film of ``shape`` (rows, columns), full colour at ``scale``."""
    rows, columns = _shrunk(*shape, OVERLAY)
    return _png(Image.fromarray(layer(values, rectangle, rows, columns, scale), "RGBA"))


def plain_heatmap(shape: tuple[int, int], shares: npt.NDArray[np.float32], rectangle: Rectangle) -> MediaItem:
    """A map of shares 0 to 1, which has no unit, over a film of ``shape`` (rows, columns) in one colour."""
    rows, columns = _shrunk(*shape, OVERLAY)
    return _png(Image.fromarray(plain_layer(shares, rectangle, rows, columns), "RGBA"))
