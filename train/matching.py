"""Which picture a row of labels is about: by name, by as many folders as it takes, or by study.

A name that two pictures bear is never settled by which came first: the label's own path decides, or the user is asked.
"""

from pathlib import Path

import pandas as pd

from chexview.errors import DataError, TableError
from chexview.films.archives import stem
from chexview.labels import cells
from chexview.labels.image_names import depth, parts
from chexview.labels.tables import read_table
from train.own_labels import LabelReport

MIMIC_VIEWS = "metadata.csv"
"""How MIMIC-CXR-JPG's table of views ends, which lies beside that of its labels (also gzipped)."""


def with_pictures(table: pd.DataFrame, pictures: pd.DataFrame, labels: Path, report: LabelReport) -> pd.DataFrame:
    """The rows of ``table`` that have a frontal picture, with its source, member and place.

    ``pictures`` are those of :func:`chexview.films.sources.all_pictures`. Raises DataError if a name fits two pictures, and
    where none fits.
    """
    by_study = "study" in table
    merged = _by_study(table, pictures, labels, report) if by_study else _by_path(table, pictures, report)
    if merged.empty:
        raise DataError("None of the labelled films has a picture in the sources named; are their names the same?")
    report.lateral = merged["image"][~merged["frontal"]].tolist()
    frontal = merged[merged["frontal"]].drop(columns=["frontal"])
    if frontal.empty:
        raise DataError("None of the labelled films is a frontal film of the chest.")
    return frontal.reset_index(drop=True)


def _trails(pictures: pd.DataFrame) -> list[tuple[str, ...]]:
    """Each picture's whole path, its name without ending, as parts."""
    trails = []
    for source, member in zip(pictures["source"], pictures["member"], strict=True):
        *folders, name = (*parts(source), *parts(member))
        trails.append((*folders, stem(name)))
    return trails


def _shared(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """How many last parts two paths have in common."""
    count = 0
    for a, b in zip(reversed(one), reversed(other), strict=False):
        if a != b:
            break
        count += 1
    return count


def _by_path(table: pd.DataFrame, pictures: pd.DataFrame, report: LabelReport) -> pd.DataFrame:
    by_name: dict[str, list[tuple[int, tuple[str, ...]]]] = {}
    for row, trail in enumerate(_trails(pictures)):
        by_name.setdefault(trail[-1], []).append((row, trail))
    paths = [parts(path) for path in table["path"]]
    needed = depth(table["path"].tolist())
    rows, places = [], []
    for row, path in enumerate(paths):
        trail = (*path[:-1], stem(path[-1]))
        ranked = sorted(((_shared(trail, other), place) for place, other in by_name.get(trail[-1], [])), reverse=True)
        if not ranked or ranked[0][0] < needed:
            continue
        if len(ranked) > 1 and ranked[0][0] == ranked[1][0]:
            one, other = (pictures["member"].iloc[ranked[k][1]] for k in (0, 1))
            raise DataError(
                f"{table['image'].iloc[row]} may be {one} or {other}; name it in the table with as many folders as tell them apart."
            )
        rows.append(row)
        places.append(ranked[0][1])
    with_picture = set(rows)
    report.without_picture = [image for row, image in enumerate(table["image"]) if row not in with_picture]
    found = table.iloc[rows].drop(columns="path").reset_index(drop=True)
    return pd.concat([found, pictures.iloc[places][["source", "member", "place"]].reset_index(drop=True)], axis=1)


def _by_study(table: pd.DataFrame, pictures: pd.DataFrame, labels: Path, report: LabelReport) -> pd.DataFrame:
    """MIMIC-CXR-JPG's manner: a label is about all pictures in the folder ``s<study>``; views stand in a table beside it."""
    row_of = {study: row for row, study in enumerate(table["study"])}
    rows, places, images = [], [], []
    for place, trail in enumerate(_trails(pictures)):
        study = next((part[1:] for part in trail if part[:1] == "s" and part[1:] in row_of), None)
        if study is not None:
            rows.append(row_of[study])
            places.append(place)
            images.append(trail[-1])
    report.without_picture = [f"study {study}" for study, row in row_of.items() if row not in set(rows)]
    if len(set(images)) != len(images):
        raise DataError("Two pictures of these studies have the same name; name one folder of MIMIC-CXR-JPG as source.")
    found = table.iloc[rows].drop(columns="study").reset_index(drop=True)
    found["image"] = images
    views = _views(labels, report)
    if views is not None:
        found["view"] = [cells.view(views.get(image, "")) for image in images]
        found["frontal"] = found["view"].isin(["PA", "AP"])
    return pd.concat([found, pictures.iloc[places][["source", "member", "place"]].reset_index(drop=True)], axis=1)


def _views(labels: Path, report: LabelReport) -> dict[str, str] | None:
    """The view of each picture by its name, from the table beside the labels; None, and a remark, without one."""
    beside = sorted(item for item in labels.parent.iterdir() if item.name.removesuffix(".gz").endswith(MIMIC_VIEWS))
    if not beside:
        report.remarks.append(
            f"There is no table that ends in {MIMIC_VIEWS} beside {labels.name}: lateral films cannot be told from frontal ones."
        )
        return None
    try:
        frame = read_table(beside[0].read_bytes(), beside[0].name).frame
        return dict(zip(frame["dicom_id"], frame["ViewPosition"], strict=True))
    except (OSError, TableError, KeyError) as error:
        raise DataError(f"{beside[0].name} does not tell the views of MIMIC-CXR-JPG ({error}).") from error
