"""Anyone's predictions as a validation run: a table of scores, with its labels or joined to NIH's.

Everything is read as text first and checked, so that a bad file is told by the row and column a spreadsheet shows (the header is
row 1). Probabilities become logits, which do not saturate; calibration is not assumed, and no operating points are made up.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from chexview.errors import RunError, TableError
from chexview.evaluation.checksums import bytes_digest, images_digest, split_hash
from chexview.evaluation.curves import auroc
from chexview.evaluation.run import ValidationRun
from chexview.evaluation.run_schema import FilmList, RunCheckpoint, RunMetadata, made_now
from chexview.evaluation.run_writing import write_run
from chexview.evaluation.scores import ENDS, FindingColumns, ScoreKind, columns_of, read_scores
from chexview.findings import title
from chexview.labels import cells
from chexview.labels.aliases import column_for, finding_column
from chexview.labels.image_names import depth, image_names, shortened
from chexview.labels.label_table import LabelTable, column_labels, read_labels
from chexview.labels.tables import TextTable, read_table

__all__ = ["ImportReport", "ScoreKind", "import_predictions"]

WRONG_WAY, ENOUGH = 0.35, 20
"""An AUROC below, on at least so many films of each class, is a flipped sign rather than bad luck."""

ROLES = ("image", "patient", "sex", "age", "view")
_NIH = re.compile(r"^\d{8}_\d{3}\.")
_PATIENT_FOLDER = re.compile(r"(?:^|/)(patient\d+|p\d{8})/")


@dataclass(slots=True)
class ImportReport:
    """What was understood, as sentences for the person who imports."""

    kind: str = ""
    probabilities: tuple[str, ...] = ()
    findings: list[str] = field(default_factory=list)
    labels_from: str = ""
    patients_from: str = ""
    left_out: list[str] = field(default_factory=list)
    clipped: int = 0
    encoding: str = ""

    def lines(self, run: ValidationRun) -> list[str]:
        """As sentences."""
        counts = next(iter(run.meta.counts.values()))
        sentences = [
            f"{counts.films:,} films of {counts.patients:,} patients, {len(self.findings)} findings as {self.kind}, labels from "
            f"{self.labels_from}, patients from {self.patients_from}."
        ]
        if self.encoding:
            sentences.append(f"The file was read as {self.encoding}.")
        if self.clipped:
            sentences.append(f"{self.clipped:,} probabilities of exactly 0 or 1 were taken as {ENDS:g} away from it.")
        if self.left_out:
            more = f" and {len(self.left_out) - 8} more" if len(self.left_out) > 8 else ""
            sentences.append(f"Columns that were not understood were left out: {', '.join(self.left_out[:8])}{more}.")
        return sentences


def import_predictions(
    data: bytes,
    name: str,
    folder: Path,
    labels: bytes | None = None,
    labels_name: str = "the labels",
    kind: ScoreKind = ScoreKind.AUTO,
    heading: str = "",
    read: Callable[[bytes, str], TextTable] = read_table,
) -> tuple[ValidationRun, ImportReport]:
    """Stores a table of predictions as the run ``folder``, and says how it was understood.

    The table has a column of image names and a column of scores for each finding, named as NIH names it, bare or as ``prob__X`` or
    ``logit__X``; ``label__X`` (1, 0, empty: unknown), patient, sex, age and view where it has them. ``labels`` is NIH's
    ``Data_Entry`` table, or one of the same kind, to join. ``read`` is how tables are read: uploads in a process of their own
    (:func:`chexview.labels.table_process.read_apart`). Raises RunError in one sentence.
    """
    try:
        table = read(data, name)
        joined = None if labels is None else read(labels, labels_name)
        stored, report = understood(table, name, joined, labels_name, kind)
    except TableError as error:
        raise RunError(str(error)) from error
    bare = PurePosixPath(name).name.split(".")[0]
    meta = RunMetadata(
        title=heading.strip() or bare,
        checkpoint=RunCheckpoint(f"imported {report.kind}"),
        data_set=f"imported from {name}, SHA-256 {bytes_digest(data)[:12]}; labels from {report.labels_from}",
        attribution="",
        split_hash=split_hash({"train": [], "validation": [], "test": stored["image"]}),
        lists=(FilmList("imported", "Imported films", f"All films of {name}; {images_digest(stored['image'])[:12]}."),),
        patient_overlap=None,
        probabilities=report.probabilities,
        made=made_now(),
    )
    return write_run(folder, meta, stored), report


def understood(
    table: TextTable,
    name: str,
    joined: TextTable | None = None,
    labels_name: str = "the labels",
    kind: ScoreKind = ScoreKind.AUTO,
) -> tuple[pd.DataFrame, ImportReport]:
    """A run's table from a table of predictions and one of labels. Raises TableError, or RunError, in one sentence."""
    headings = list(table.frame.columns)
    places = {role: column for role in ROLES if (column := column_for(role, headings)) is not None}
    if "image" not in places:
        raise TableError(f"{name} has no column of image names; call it image.")
    paths = table.frame[places["image"]].tolist()
    stored = pd.DataFrame({"image": image_names(paths, name, places["image"], table.first_row)})
    columns = columns_of(table, name)
    if not columns:
        raise TableError(
            f"{name} has no column of scores for a finding; name columns as NIH does, Effusion or prob__Effusion."
        )
    scores = read_scores(table, columns, name, kind)
    others = None if joined is None else _joined_labels(joined, columns, labels_name)
    rows = None if joined is None else _rows_of(joined, paths, table.first_row, labels_name, name)
    report = ImportReport(
        kind=scores.kind,
        probabilities=scores.probabilities,
        findings=list(columns),
        clipped=scores.clipped,
        encoding=table.encoding,
    )
    report.labels_from = "the file itself" if joined is None else labels_name
    _describe(stored, table, places, joined, rows, labels_name, report)
    for finding in columns:
        stored[f"logit__{finding}"] = scores.logits[finding]
    for finding, values in _labels(table, columns, others, rows, name, labels_name).items():
        stored[f"label__{finding}"] = values
    used = {*places.values(), *(column for found in columns.values() for column in (found.scores, found.labels))}
    report.left_out = [column for column in headings if column not in used and not _redundant(column)]
    _check(stored, report.findings, name)
    stored["split"], stored["list__imported"] = "test", True
    return stored, report


def _redundant(column: str) -> bool:
    """Whether a column is one that CheXView itself writes beside scores."""
    found = finding_column(column)
    return column == "split" or column.startswith("list__") or (found is not None and column.startswith("label__"))


def _rows_of(labels: TextTable, paths: list[str], first_row: int, labels_name: str, name: str) -> npt.NDArray[np.int64]:
    """The row of the labels for each image. Raises TableError if one has none, or two that differ."""
    headings = list(labels.frame.columns)
    image = column_for("image", headings)
    if image is None:
        raise TableError(f"{labels_name} has no column Image Index; it must be NIH's Data_Entry table, or one like it.")
    count = depth(paths)
    texts = labels.frame[image].tolist()
    place: dict[str, int] = {}
    for row, text in enumerate(texts):
        key = shortened(text, count)
        if key in place and not labels.frame.iloc[place[key]].equals(labels.frame.iloc[row]):
            raise TableError(
                f"{labels_name}, row {row + labels.first_row}: {key} is there already, in row "
                f"{place[key] + labels.first_row}, with other words."
            )
        place.setdefault(key, row)
    rows = np.array([place.get(shortened(path, count), -1) for path in paths], np.int64)
    if (rows < 0).any():
        row = int((rows < 0).argmax())
        raise TableError(f"{name}, row {row + first_row}: {shortened(paths[row], count)} is not in {labels_name}.")
    return rows


def _describe(
    stored: pd.DataFrame,
    table: TextTable,
    places: Mapping[str, str],
    joined: TextTable | None,
    rows: npt.NDArray[np.int64] | None,
    labels_name: str,
    report: ImportReport,
) -> None:
    """Adds patient, sex, age and view of each film, from the table or from that of the labels."""

    def column(role: str) -> list[str] | None:
        if role in places:
            return table.frame[places[role]].tolist()
        if joined is None or rows is None or (theirs := column_for(role, list(joined.frame.columns))) is None:
            return None
        texts: list[str] = joined.frame[theirs].iloc[rows].tolist()
        return texts

    patients = column("patient")
    folders = [_PATIENT_FOLDER.search(text.replace("\\", "/")) for text in table.frame[places["image"]]]
    if patients is not None and all(text.strip() for text in patients):
        stored["patient"] = [text.strip() for text in patients]
        report.patients_from = "the file" if joined is None or "patient" in places else labels_name
    elif stored["image"].map(lambda text: bool(_NIH.match(text))).all():
        stored["patient"] = stored["image"].str[:8]
        report.patients_from = "NIH's image names"
    elif all(folders):
        stored["patient"] = [found[1] for found in folders if found]
        report.patients_from = "the images' folders"
    else:
        stored["patient"] = stored["image"]
        report.patients_from = "nowhere: every film counts as a patient of its own"
    size = len(stored)
    stored["sex"] = [cells.sex(text) for text in column("sex") or [""] * size]
    stored["age"] = np.array([cells.age(text) for text in column("age") or [""] * size], np.int16)
    stored["view"] = [cells.view(text) for text in column("view") or [""] * size]


def _labels(
    table: TextTable,
    columns: Mapping[str, FindingColumns],
    others: LabelTable | None,
    rows: npt.NDArray[np.int64] | None,
    name: str,
    labels_name: str,
) -> dict[str, npt.NDArray[Any]]:
    """The labels of every finding with scores: the table's own, else those that are joined."""
    labels: dict[str, npt.NDArray[Any]] = {}
    for finding, found in columns.items():
        if found.labels:
            labels[finding] = column_labels(table, found.labels, name)
        elif others is None or rows is None:
            raise TableError(f"{name} has no column label__{finding}; add one, or name NIH's labels to join.")
        elif finding not in others.labels:
            raise TableError(
                f"{labels_name} says nothing of {title(finding)}; add a column label__{finding} to {name}."
            )
        else:
            labels[finding] = others.labels[finding][rows]
    return labels


def _joined_labels(joined: TextTable, findings: Mapping[str, object], labels_name: str) -> LabelTable:
    """The labels to join. Raises TableError for a word that is not understood, with its row."""
    found = read_labels(joined, labels_name, findings)
    if not found.labels:
        raise TableError(
            f"{labels_name} has no column Finding Labels; it must be NIH's Data_Entry table, or one like it."
        )
    if found.unknown:
        word, where = next(iter(found.unknown.items()))
        raise TableError(
            f"{labels_name}, row {where[0]}: {word[:40]!r} is not understood ({len(where):,} rows have it); "
            "name findings as NIH does."
        )
    return found


def _check(stored: pd.DataFrame, findings: list[str], name: str) -> None:
    """Refuses what ranks the wrong way round, and a file in which no finding has both classes."""
    both = []
    for finding in findings:
        y, z = stored[f"label__{finding}"].to_numpy(), stored[f"logit__{finding}"].to_numpy()
        known = y >= 0
        positive = int((y == 1).sum())
        if not 0 < positive < known.sum():
            continue
        both.append(finding)
        area = auroc(y[known] == 1, z[known])
        if area < WRONG_WAY and min(positive, int(known.sum()) - positive) >= ENOUGH:
            raise RunError(
                f"{name}: the scores of {title(finding)} rank films the wrong way round (AUROC {area:.2f}); is their sign flipped, "
                "or are they probabilities of being free of it?"
            )
    if not both:
        raise RunError(
            f"{name}: no finding has films with and without it, {findings[0]} for one; there is nothing to validate."
        )
