"""NIH's own label files: the findings, the official lists, and the radiologists' boxes."""

import io
import zipfile
from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd

from chexview.errors import DataError
from chexview.findings import CHESTX_RAY14

OLDEST = 120
"""Ages above this are typing errors of the source (NIH has some of 400 and more): kept as unknown (-1)."""

SIDE = 1024
"""The pixels across of the films that NIH's boxes were drawn on."""

BOXES = "BBox_List_2017.csv"
_BOX_WORDS = {"Infiltrate": "Infiltration"}


def read_labels(path: Path) -> dict[str, bytes]:
    """The files of a labels folder or zip by name. Raises DataError if there is nothing to read."""
    if path.is_dir():
        return {item.name: item.read_bytes() for item in path.iterdir() if item.suffix in {".csv", ".txt"}}
    if not zipfile.is_zipfile(path):
        raise DataError(
            f"{path.name} is neither a folder nor a zip of NIH's label files; name the one that holds them."
        )
    with zipfile.ZipFile(path) as archive:
        wanted = [name for name in archive.namelist() if name.endswith((".csv", ".txt"))]
        return {PurePosixPath(name).name: archive.read(name) for name in wanted}


def table_of_labels(files: dict[str, bytes]) -> tuple[pd.DataFrame, list[str]]:
    """NIH's ``Data_Entry_2017`` CSV as one row per film, and the images whose age is impossible.

    Columns: image, patient, sex (M, F or ""), age (int16, -1 unknown), view (PA, AP or ""), and label__<finding> (int8).
    Raises DataError.
    """
    names = sorted(name for name in files if name.startswith("Data_Entry_2017") and name.endswith(".csv"))
    if not names:
        raise DataError(
            "There is no Data_Entry_2017*.csv among the labels; name the folder or zip that holds NIH's labels."
        )
    raw = pd.read_csv(io.BytesIO(files[names[-1]]), dtype=str, keep_default_na=False)
    needed = {"Image Index", "Finding Labels", "Patient ID", "Patient Age", "Patient Gender", "View Position"}
    if missing := sorted(needed - set(raw.columns)):
        raise DataError(f"{names[-1]} has no column {missing[0]}; is it NIH's own file?")
    doubled = raw["Image Index"].duplicated()
    if doubled.any():
        row = int(np.flatnonzero(doubled.to_numpy())[0]) + 2
        raise DataError(f"{names[-1]} names the same image twice; the second time in row {row}.")
    age = _years(raw["Patient Age"])
    impossible = raw["Image Index"][age > OLDEST].tolist()
    age = age.where(age <= OLDEST, -1)
    known = raw["Finding Labels"].str.split("|").map(frozenset)
    strange = sorted(frozenset().union(*known.unique()) - {*CHESTX_RAY14, "No Finding"})
    if strange:
        raise DataError(f"{names[-1]} holds the label {strange[0]!r}, which is not one of NIH's 14.")
    table = pd.DataFrame(
        {
            "image": raw["Image Index"],
            "patient": raw["Patient ID"],
            "sex": raw["Patient Gender"].where(raw["Patient Gender"].isin(["M", "F"]), ""),
            "age": age.astype(np.int16),
            "view": raw["View Position"].where(raw["View Position"].isin(["PA", "AP"]), ""),
        }
    )
    for name in CHESTX_RAY14:
        table[f"label__{name}"] = known.map(lambda labels, name=name: name in labels).astype(np.int8)
    return table, impossible


def _years(texts: pd.Series) -> pd.Series:
    """Whole years from ``58``, ``058Y``, ``013M`` (months) or ``003D`` (days); -1 if there is no number."""
    parts = texts.str.extract(r"^(\d+)([YMD]?)$")
    number = pd.to_numeric(parts[0], errors="coerce")
    return (number // parts[1].map({"Y": 1, "M": 12, "D": 365}).fillna(1)).fillna(-1)


def official_list(files: dict[str, bytes], name: str) -> set[str]:
    """The images of one of NIH's official lists. Raises DataError if it is not there."""
    if name not in files:
        raise DataError(f"There is no {name} among the labels; NIH's official lists are needed for an honest split.")
    return set(files[name].decode("utf-8-sig").split())


def boxes(files: dict[str, bytes]) -> tuple[pd.DataFrame, int]:
    """NIH's boxes, and how many were impossible (no area, or outside the film) and left out.

    Columns: image, finding, and left, top, right, bottom as shares of the film, 0 to 1. The source calls Infiltration
    "Infiltrate", and its header ``Bbox [x,y,w,h]`` falls into four columns. No rows where the labels hold no boxes. Raises
    DataError for another file of that name.
    """
    columns = ["image", "finding", "left", "top", "right", "bottom"]
    if BOXES not in files:
        return pd.DataFrame(columns=columns), 0
    raw = pd.read_csv(io.BytesIO(files[BOXES]), dtype=str, keep_default_na=False, header=None, skiprows=1)
    if raw.shape[1] < 6:
        raise DataError(f"{BOXES} has {raw.shape[1]} columns, not image, label, x, y, w and h; is it NIH's own file?")
    finding = raw[1].replace(_BOX_WORDS)
    if strange := sorted(set(finding) - set(CHESTX_RAY14)):
        raise DataError(f"{BOXES} holds the label {strange[0]!r}, which is not one of NIH's 14.")
    x, y, width, height = (pd.to_numeric(raw[k], errors="coerce").to_numpy(np.float64) for k in range(2, 6))
    table = pd.DataFrame(
        {
            "image": raw[0],
            "finding": finding,
            "left": x / SIDE,
            "top": y / SIDE,
            "right": ((x + width) / SIDE).clip(max=1.0),
            "bottom": ((y + height) / SIDE).clip(max=1.0),
        }
    )
    sound = (width > 0) & (height > 0) & (x >= 0) & (y >= 0) & (x < SIDE) & (y < SIDE)
    return table[sound].reset_index(drop=True), int((~sound).sum())
