"""What a row of an index of test films expects, held against what the reader gives.

``expect`` is ``film``, ``refusal`` or ``withheld``, or several of them with " or " between.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from chexview.errors import FilmError
from chexview.films.decoder_pool import DecoderPool
from chexview.films.grey import grey
from chexview.films.radiograph import Radiograph


@dataclass(frozen=True)
class Row:
    """One file and what it must give: ``film``, ``refusal`` or ``withheld``."""

    folder: Path
    file: str
    expect: str
    expected: str
    tolerance: float

    @property
    def name(self) -> str:
        return Path(self.file).name

    @property
    def data(self) -> bytes:
        return (self.folder / self.file).read_bytes()


def rows(folder: Path) -> list[Row]:
    """The rows of ``index.csv`` in a folder; none where there is none."""
    index = folder / "index.csv"
    if not index.is_file():
        return []
    with index.open(newline="", encoding="utf-8") as file:
        return [
            Row(folder, row["file"], row["expect"], row["expected"], float(row["tol"] or 0))
            for row in csv.DictReader(file)
        ]


def complaint(row: Row, pool: DecoderPool) -> str | None:
    """What is wrong with what ``pool`` gives for a row, or None."""
    try:
        radiograph = pool.read(row.data)
    except FilmError as error:
        if "refusal" not in row.expect.split(" or "):
            return f"refused: {error}"
        return None if is_sentence(str(error)) else f"not one sentence: {error}"
    given = "withheld" if radiograph.withheld else "film"
    if given not in row.expect.split(" or "):
        return f"{given} instead of {row.expect}"
    if radiograph.withheld and not is_sentence(radiograph.withheld):
        return f"not one sentence: {radiograph.withheld}"
    return _difference(row, radiograph)


def _difference(row: Row, radiograph: Radiograph) -> str | None:
    seen = np.rint(grey(radiograph) * 255).astype(int)
    if not row.expected:
        return None if radiograph.cautions else "shown without a caution"
    expected = np.asarray(Image.open(row.folder / row.expected)).astype(int)
    if seen.shape != expected.shape:
        return f"shape {seen.shape} instead of {expected.shape}"
    worst = int(np.abs(seen - expected).max())
    return None if worst <= row.tolerance else f"differs by {worst} of 255, {row.tolerance} allowed"


def is_sentence(text: str) -> bool:
    """One sentence for a user: a capital, one full stop at the end, no line break, no traceback."""
    return text[:1].isupper() and text.endswith(".") and ". " not in text and "\n" not in text and len(text) < 400
