"""Films and readings made up for the viewer: what is on them and what is said of them is known beforehand."""

from functools import cache

import numpy as np

from chexview.films.grey import span
from chexview.films.radiograph import Plane, Radiograph, Spacing, View, VoiFunction, VoiTable, Window
from chexview.findings import NAMES
from chexview.geometry import Rectangle
from chexview.model.reading import FindingScore, Reading

ROWS, COLUMNS = 3000, 2500
CELLS = 7
SCALE = 4.0
ORIENTATION = ("Patient Orientation", "L\\F")
NOT_SQUARE = (900, 1100, 1.6)
"""Rows, columns and the height of a pixel over its width of the film that is not square."""
SQUARE = (780, 860, 960, 1040)
"""Top, bottom, left and right of the bright square on it, near its right and lower edges."""
PADDED = (0, 200, 0, 300)
"""Top, bottom, left and right of the padding of the padded film."""


@cache
def chest() -> Radiograph:
    """A film of 12 bits that looks a little like a chest, 0.14 mm a pixel at the detector."""
    y, x = np.mgrid[0:ROWS, 0:COLUMNS].astype(np.float32)
    y, x = y / ROWS, x / COLUMNS
    body = 2600 - 500 * np.abs(x - 0.5)
    lungs = sum(np.exp(-(((x - side) / 0.13) ** 4 + ((y - 0.42) / 0.28) ** 4)) for side in (0.3, 0.7))
    ribs = 140 * np.sin(60 * (y + 0.35 * np.abs(x - 0.5))) * lungs
    heart = np.exp(-(((x - 0.56) / 0.14) ** 2 + ((y - 0.62) / 0.13) ** 2))
    spine = np.exp(-(((x - 0.5) / 0.035) ** 2))
    outside = np.exp(-((np.minimum(x, 1 - x) / 0.05) ** 2)) * (y < 0.85)
    noise = np.random.default_rng(0).normal(0, 18, (ROWS, COLUMNS)).astype(np.float32)
    values = body - 1500 * lungs + ribs + 900 * heart * (0.4 + lungs) + 500 * spine - 2200 * outside + noise
    return Radiograph(
        pixels=np.clip(np.rint(values), 0, 4095).astype(np.uint16),
        scale=1.0,
        offset=-1024.0,
        views=(
            Window("NORMAL", 800.0, 2600.0, VoiFunction.LINEAR),
            Window("HARD", 700.0, 1500.0, VoiFunction.SIGMOID),
            VoiTable("TABLE", -1000.0, (np.linspace(0, 1, 3000) ** 0.7 * 4095).astype(np.uint16), 12),
            Window("EXACT", 500.0, 1801.5, VoiFunction.LINEAR_EXACT),
            span("from darkest to brightest", -1024.0, 3071.0),
        ),
        digest="c" * 64,
        spacing=Spacing(0.14, 0.14, Plane.DETECTOR, "Imager Pixel Spacing (0018,1164)"),
        view=View.PA,
        header=(ORIENTATION,),
    )


@cache
def stretched() -> Radiograph:
    """A film whose pixels are not square, with one bright square, inverted, without spacing."""
    rows, columns, aspect = NOT_SQUARE
    pixels = np.full((rows, columns), 3000, np.uint16)
    top, bottom, left, right = SQUARE
    pixels[top:bottom, left:right] = 200
    return Radiograph(pixels, 1.0, 0.0, (span("full range", 0, 4095),), "d" * 64, inverted=True, pixel_aspect=aspect)


@cache
def padded() -> Radiograph:
    """The chest with a padded corner, inverted: padding stays black."""
    film = chest()
    mask = np.zeros(film.pixels.shape, np.bool_)
    top, bottom, left, right = PADDED
    mask[top:bottom, left:right] = True
    pixels = film.pixels.copy()
    pixels[mask] = 4000
    return Radiograph(pixels, 1.0, -1024.0, film.views, "e" * 64, padding=mask, inverted=True, view=View.PA)


FILMS = {"chest": chest, "stretched": stretched, "padded": padded}


def read(film: Radiograph, row: int, column: int, where: Rectangle | None = None) -> Reading:
    """A reading of the 14 findings: the first has one hot cell, the others random maps."""
    maps = np.random.default_rng(5).normal(0, 1.2, (len(NAMES), CELLS, CELLS)).astype(np.float32)
    maps[0] = 0.0
    maps[0, row, column] = SCALE
    shares = (maps / np.float32(CELLS * CELLS)).astype(np.float32)
    scores = tuple(
        FindingScore(name, total, total, 1 / (1 + np.exp(-total)), True, 0.0, total >= 0, -1.0, heatmap_scale=SCALE)
        for name, total in zip(NAMES, (float(share.sum()) - 1.0 for share in shares), strict=True)
    )
    return Reading(
        checkpoint="made up",
        checkpoint_digest="0" * 64,
        film_digest=film.digest,
        policy="none",
        findings=scores,
        maps=maps,
        cell_contributions=shares,
        picture=np.zeros((224, 224), np.uint8),
        rectangle=where or Rectangle(0.0, 0.0, 1.0, 1.0),
        cautions=(),
        seconds=0.0,
        device="none",
    )


@cache
def readings() -> dict[str, Reading]:
    """A reading of each film; the stretched film's hot cell has its centre on its square."""
    return {
        "chest": read(chest(), 4, 3),
        "stretched": read(stretched(), CELLS - 1, CELLS - 1, _rectangle_for_square()),
        "padded": read(padded(), 2, 2),
    }


def _rectangle_for_square() -> Rectangle:
    """Where the film must lie on the network's square for the last cell's centre to fall on the middle of the square."""
    rows, columns, _ = NOT_SQUARE
    top, bottom, left, right = SQUARE
    y, x = (top + bottom) / 2 / rows, (left + right) / 2 / columns
    centre = (CELLS - 0.5) / CELLS
    return Rectangle(0.0, 0.0, right=centre / x, bottom=centre / y)
