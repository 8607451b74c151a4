"""Other tables of labels for the films of an index: an ensemble's relabels, adjudicated labels, a reader's.

A CSV (also gzipped) with a column image, and either a column ``findings`` of names joined by ``|`` ("No Finding" for none: every
other name that the table knows is then negative), or a column for each finding with 1 (yes), 0 (no) or nothing (unknown). A
film that the table does not have is unknown in all of it.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from chexview.errors import DataError
from chexview.findings import NAMES

WORDS = {"1": 1, "1.0": 1, "yes": 1, "0": 0, "0.0": 0, "no": 0, "": -1, "-1": -1}
"""What a cell may say; -1 is unknown."""


def read_label_table(path: Path, images: pd.Series) -> pd.DataFrame:
    """The table's labels of ``images`` in their order: int8 columns of 1, 0 and -1 (unknown), by finding. Raises DataError
    naming row and word for whatever is not understood."""
    try:
        raw = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError, UnicodeError) as error:
        raise DataError(f"{path.name} cannot be read as a CSV ({error}).") from error
    if "image" not in raw:
        raise DataError(f"{path.name} has no column image; it must name the films it speaks of.")
    if (twice := raw["image"].duplicated()).any():
        raise DataError(f"{path.name} names the same image twice; the second time in row {int(np.argmax(twice)) + 2}.")
    made = _joined(raw, path.name) if "findings" in raw else _columns(raw, path.name)
    return made.set_axis(raw["image"]).reindex(images, fill_value=-1).reset_index(drop=True).astype(np.int8)


def _joined(raw: pd.DataFrame, name: str) -> pd.DataFrame:
    said = raw["findings"].str.split("|").map(lambda words: {word.strip().replace(" ", "_") for word in words})
    for row, words in enumerate(said, start=2):
        if strange := sorted(words - {*NAMES, "No_Finding"}):
            raise DataError(
                f"{name}, row {row}: {strange[0]!r} is not one of the {len(NAMES)} findings, nor No Finding."
            )
    return pd.DataFrame({finding: said.map(lambda words, f=finding: int(f in words)) for finding in NAMES})


def _columns(raw: pd.DataFrame, name: str) -> pd.DataFrame:
    found = {}
    for column in raw.columns.drop("image"):
        words = raw[column].str.strip().str.lower()
        if not words.isin(list(WORDS)).all():
            row = int(np.argmin(words.isin(list(WORDS)).to_numpy()))
            raise DataError(f"{name}, row {row + 2}: {raw[column][row]!r} in {column} is not 1, 0, yes, no or empty.")
        found[column.replace(" ", "_")] = words.map(WORDS)
    return pd.DataFrame(found, index=raw.index)
