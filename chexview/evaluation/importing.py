"""Anyone's predictions as a validation run: a table of scores, with its labels or joined to NIH's.

Everything is read as text first and checked, so that a bad file is told by the row and column a spreadsheet shows (the header is
row 1). Probabilities become logits, which do not saturate; calibration is not assumed, and no operating points are made up.
"""

import csv
import gzip
import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from chexview.errors import RunError
from chexview.evaluation.checksums import bytes_digest, images_digest, split_hash
from chexview.evaluation.curves import auroc
from chexview.evaluation.run import ValidationRun, write_run
from chexview.evaluation.run_schema import FilmList, RunCheckpoint, RunMetadata, made_now
from chexview.findings import NAMES, title

LARGEST = 200_000_000
"""Bytes of a table, unpacked; NIH's whole test list with 14 scores is 5 million."""

ENDS = 1e-7
"""Probabilities nearer to 0 or 1 are taken as this near: a logit of 16."""

WRONG_WAY, ENOUGH = 0.35, 20
"""An AUROC below, on at least so many films of each class, is a flipped sign rather than bad luck."""

IMAGE = ("image", "image index", "image_index", "filename", "file", "path", "image_id", "id")
PATIENT = ("patient", "patient id", "patient_id", "patientid", "subject_id")
_FORMULA = re.compile(r"^[=+\-@\t\r]")
_NUMBER = re.compile(r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$")
_SCORE = re.compile(r"^(logit__|logit_|prob__|prob_|probability__|p_)?(.*)$")
_NIH = re.compile(r"^\d{8}_\d{3}\.")


class ScoreKind(StrEnum):
    """What the scores are."""

    AUTO = "auto"
    PROBABILITIES = "probabilities"
    LOGITS = "logits"


@dataclass(slots=True)
class Imported:
    """What was understood, in words for whoever imported."""

    kind: str = ""
    findings: list[str] = field(default_factory=list)
    labels_from: str = ""
    patients_from: str = ""
    left_out: list[str] = field(default_factory=list)
    clipped: int = 0

    def lines(self, run: ValidationRun) -> list[str]:
        """As sentences."""
        counts = next(iter(run.meta.counts.values()))
        told = [
            f"{counts.films:,} films of {counts.patients:,} patients, {len(self.findings)} findings as {self.kind}, labels from "
            f"{self.labels_from}, patients from {self.patients_from}."
        ]
        if self.clipped:
            told.append(f"{self.clipped:,} probabilities of exactly 0 or 1 were taken as {ENDS:g} away from it.")
        if self.left_out:
            told.append(f"Columns that were not understood were left out: {', '.join(self.left_out[:8])}.")
        return told


def read_table(data: bytes, name: str) -> pd.DataFrame:
    """A CSV (comma, semicolon or tab, also gzipped or alone in a zip) or parquet as text. Raises RunError."""
    if data[:2] == b"\x1f\x8b":
        data = _unpacked(gzip.GzipFile(fileobj=io.BytesIO(data)), name)
    elif data[:2] == b"PK":
        data = _from_zip(data, name)
    if data[:4] == b"PAR1":
        try:
            frame = pd.read_parquet(io.BytesIO(data))
        except (OSError, ValueError) as error:
            raise RunError(f"{name} is not a whole parquet file.") from error
        return frame.astype(object).map(_text)
    if len(data) > LARGEST:
        raise RunError(f"{name} is larger than {LARGEST // 1_000_000} MB; import the columns that are needed.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RunError(f"{name} is not text in UTF-8; save it as CSV (UTF-8).") from error
    header = text.split("\n", 1)[0]
    mark = max(",;\t", key=header.count)
    columns = next(csv.reader([header.strip("\r")], delimiter=mark), [])
    if doubled := sorted({column for column in columns if columns.count(column) > 1}):
        raise RunError(f"{name} has the column {doubled[0]} twice.")
    try:
        frame = pd.read_csv(io.StringIO(text), sep=mark, dtype=str, keep_default_na=False, index_col=False)
    except (ValueError, pd.errors.ParserError) as error:
        raise RunError(f"{name} cannot be read as a table: {str(error).splitlines()[0]}.") from error
    if frame.empty:
        raise RunError(f"{name} holds no rows.")
    return frame


def _text(value: object) -> str:
    """A cell as it would stand in a CSV; missing ones are empty."""
    if value is None or value != value:
        return ""
    return repr(value) if isinstance(value, float) else str(value)


def _unpacked(file: gzip.GzipFile, name: str) -> bytes:
    try:
        data = file.read(LARGEST + 1)
    except (OSError, EOFError) as error:
        raise RunError(f"{name} is not a whole gzip file; copy it again.") from error
    if len(data) > LARGEST:
        raise RunError(f"{name} is larger than {LARGEST // 1_000_000} MB unpacked; import the columns that are needed.")
    return data


def _from_zip(data: bytes, name: str) -> bytes:
    """The one table in a zip, or NIH's labels where several lie in it."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            tables = [
                item for item in archive.infolist() if item.filename.lower().endswith((".csv", ".tsv", ".parquet"))
            ]
            chosen = [item for item in tables if "Data_Entry" in item.filename] or tables
            if len(chosen) != 1:
                raise RunError(f"{name} holds {len(chosen)} tables; import one of them.")
            if chosen[0].file_size > LARGEST:
                raise RunError(
                    f"{name} is larger than {LARGEST // 1_000_000} MB unpacked; import the columns that are needed."
                )
            return archive.read(chosen[0])
    except (zipfile.BadZipFile, OSError, RuntimeError) as error:
        raise RunError(f"{name} is not a whole zip file; copy it again.") from error


def import_predictions(
    data: bytes,
    name: str,
    folder: Path,
    labels: bytes | None = None,
    labels_name: str = "the labels",
    kind: ScoreKind = ScoreKind.AUTO,
    heading: str = "",
) -> tuple[ValidationRun, Imported]:
    """Stores a table of predictions as the run ``folder``, and says how it was understood.

    The table has a column of image names and a column of scores for each finding, named as NIH names it, bare or as ``prob__X`` or
    ``logit__X``; ``label__X`` (1, 0, empty: unknown), patient, sex, age and view where it has them. ``labels`` is NIH's
    ``Data_Entry`` table, or one of the same kind, to join. Raises RunError in one sentence.
    """
    table = read_table(data, name)
    told = Imported()
    lower = {column.strip().lower(): column for column in table.columns}
    image = next((lower[word] for word in IMAGE if word in lower), None)
    if image is None:
        raise RunError(f"{name} has no column of image names; call it image.")
    stored = pd.DataFrame({"image": _images(table[image], name, image)})
    scores = _scores(table, {image}, told)
    if not scores:
        raise RunError(
            f"{name} has no column of scores for a finding; name columns as NIH does, Effusion or prob__Effusion."
        )
    about = _about(table, lower, stored["image"], labels, labels_name, name, told)
    for key, values in about.items():
        stored[key] = values
    for finding, column in scores.items():
        stored[f"logit__{finding}"] = _logits(table[column], name, column, kind, told)
        stored[f"label__{finding}"] = _labels(table, lower, finding, about.get("findings"), name)
    told.findings = list(scores)
    _check(stored, told.findings, name)
    stored = stored.drop(columns="findings", errors="ignore")
    stored["split"], stored["list__imported"] = "test", True
    meta = RunMetadata(
        title=heading or PurePosixPath(name).name.split(".")[0],
        checkpoint=RunCheckpoint(PurePosixPath(name).name.split(".")[0]),
        data_set=f"imported from {name}, SHA-256 {bytes_digest(data)[:12]}; labels from {told.labels_from}",
        attribution="",
        split_hash=split_hash({"train": [], "validation": [], "test": stored["image"]}),
        lists=(FilmList("imported", "Imported films", f"All films of {name}; {images_digest(stored['image'])[:12]}."),),
        patient_overlap=None,
        made=made_now(),
    )
    return write_run(folder, meta, stored), told


def _images(column: "pd.Series[str]", name: str, heading: str) -> list[str]:
    names = []
    seen: dict[str, int] = {}
    for row, text in enumerate(column, start=2):
        image = PurePosixPath(text.strip().replace("\\", "/")).name
        if not image:
            raise RunError(f"{name}, column {heading}, row {row}: there is no image name.")
        if _FORMULA.match(text):
            raise RunError(f"{name}, column {heading}, row {row}: a name that begins like a formula is refused.")
        if image in seen:
            raise RunError(f"{name}, column {heading}, row {row}: {image} is there already, in row {seen[image]}.")
        seen[image] = row
        names.append(image)
    return names


def _finding(text: str) -> str | None:
    """NIH's name for a finding under any spelling of it; None for others."""
    plain = re.sub(r"[\s_-]+", "_", text.strip()).lower()
    plain = {"infiltrate": "infiltration", "pleural_thickening": "pleural_thickening"}.get(plain, plain)
    return next((known for known in (*NAMES, "nodule_mass") if known.lower() == plain), None)


def _scores(table: pd.DataFrame, used: set[str], told: Imported) -> dict[str, str]:
    """The column of scores of each finding; others are told of."""
    found: dict[str, str] = {}
    for column in table.columns:
        match = _SCORE.match(column)
        finding = _finding(match[2]) if match else None
        if finding is not None and finding not in found:
            found[finding] = column
        elif (
            column not in used
            and not column.lower().startswith(("label", "list__", "split"))
            and column.lower()
            not in (
                *PATIENT,
                "sex",
                "gender",
                "age",
                "view",
                "finding labels",
            )
        ):
            told.left_out.append(column)
    return found


def _logits(
    column: "pd.Series[str]", name: str, heading: str, kind: ScoreKind, told: Imported
) -> npt.NDArray[np.float32]:
    values = np.empty(len(column))
    for k, text in enumerate(column):
        if not _NUMBER.match(text.strip()):
            what = "is empty" if not text.strip() else f"holds {text.strip()[:20]!r}, which is no number"
            raise RunError(f"{name}, column {heading}, row {k + 2} {what}.")
        values[k] = float(text)
    if not np.isfinite(values).all():
        raise RunError(
            f"{name}, column {heading}, row {int(np.argmin(np.isfinite(values))) + 2} is not a finite number."
        )
    outside = (values < 0) | (values > 1)
    is_logit = (
        kind is ScoreKind.LOGITS
        or heading.lower().startswith("logit")
        or (kind is ScoreKind.AUTO and outside.mean() > 0.05)
    )
    if heading.lower().startswith(("prob", "p_")) or kind is ScoreKind.PROBABILITIES:
        is_logit = False
    told.kind = "logits" if is_logit else "probabilities"
    if is_logit:
        return values.astype(np.float32)
    if outside.any():
        row = int(outside.argmax())
        told_of = f"{name}, column {heading}, row {row + 2}"
        raise RunError(f"{told_of}: {values[row]:g} is no probability; call the column logit__... if it is a logit.")
    ends = np.clip(values, ENDS, 1 - ENDS)
    told.clipped += int((values != ends).sum())
    return (np.log(ends) - np.log1p(-ends)).astype(np.float32)


def _about(
    table: pd.DataFrame,
    lower: Mapping[str, str],
    images: "pd.Series[str]",
    labels: bytes | None,
    labels_name: str,
    name: str,
    told: Imported,
) -> dict[str, Any]:
    """Patient, sex, age and view of each film, and where labels are joined their texts under ``findings``."""
    about: dict[str, Any] = {"sex": "", "age": np.int16(-1), "view": ""}
    joined = None
    if labels is not None:
        joined = _joined(read_table(labels, labels_name), images, labels_name, name)
        about["findings"] = joined["Finding Labels"].tolist()
        told.labels_from = labels_name
    else:
        told.labels_from = "the file itself"

    def column(words: tuple[str, ...], theirs: str) -> "pd.Series[str] | None":
        own = next((lower[word] for word in words if word in lower), None)
        if own is not None:
            return table[own]
        return joined[theirs] if joined is not None and theirs in joined else None

    patient = column(PATIENT, "Patient ID")
    if patient is not None:
        about["patient"] = patient.tolist()
        told.patients_from = "the file" if joined is None else labels_name
    elif images.map(lambda text: bool(_NIH.match(text))).all():
        about["patient"] = images.str[:8].tolist()
        told.patients_from = "NIH's image names"
    else:
        about["patient"] = images.tolist()
        told.patients_from = "nowhere: every film counts as a patient of its own"
    if (sex := column(("sex", "gender"), "Patient Gender")) is not None:
        about["sex"] = sex.str[:1].str.upper().where(lambda s: s.isin(["M", "F"]), "").tolist()
    if (view := column(("view", "view position"), "View Position")) is not None:
        about["view"] = view.str.upper().where(lambda v: v.isin(["PA", "AP"]), "").tolist()
    if (age := column(("age", "patient age"), "Patient Age")) is not None:
        years = pd.to_numeric(age.str.rstrip("Yy"), errors="coerce")
        about["age"] = years.where(years.between(0, 120), -1).fillna(-1).astype(np.int16).to_numpy()
    return about


def _joined(labels: pd.DataFrame, images: "pd.Series[str]", labels_name: str, name: str) -> pd.DataFrame:
    """The rows of NIH's table for the images, in their order."""
    if missing := sorted({"Image Index", "Finding Labels"} - set(labels.columns)):
        raise RunError(f"{labels_name} has no column {missing[0]}; it must be NIH's Data_Entry table, or one like it.")
    rows = labels.drop_duplicates("Image Index").set_index("Image Index")
    known = images.isin(rows.index)
    if not known.all():
        row = int(np.argmin(known.to_numpy()))
        raise RunError(f"{name}, row {row + 2}: {images.iloc[row]} is not in {labels_name}.")
    return rows.loc[images.tolist()].reset_index()


def _labels(
    table: pd.DataFrame, lower: Mapping[str, str], finding: str, texts: object, name: str
) -> npt.NDArray[np.int8]:
    own = next((lower[key] for key in (f"label__{finding.lower()}", f"label_{finding.lower()}") if key in lower), None)
    if own is None:
        if texts is None:
            raise RunError(f"{name} has no column label__{finding}; add one, or name NIH's labels to join.")
        assert isinstance(texts, list)
        parts = {finding} if finding in NAMES else {"Nodule", "Mass"}
        return np.array([bool(parts & set(str(text).split("|"))) for text in texts], np.int8)
    values = {"1": 1, "1.0": 1, "0": 0, "0.0": 0, "": -1, "-1": -1, "-1.0": -1}
    told = np.empty(len(table), np.int8)
    for k, text in enumerate(table[own]):
        if text.strip() not in values:
            raise RunError(
                f"{name}, column {own}, row {k + 2}: must be 1, 0 or empty (unknown); it has {text.strip()[:20]!r}."
            )
        told[k] = values[text.strip()]
    return told


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
