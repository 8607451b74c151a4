"""A researcher's own labels: a CSV under whatever names, and a mapping that says which of them mean what is known here."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import numpy as np
import numpy.typing as npt
import pandas as pd

from chexview.errors import DataError, RecipeError
from chexview.findings import COMPOSITES, NAMES
from train.labels import OLDEST

COLUMNS = {
    "image": ("image", "image index", "filename", "file", "path", "imageid", "image_id", "dicom_id"),
    "patient": ("patient", "patient id", "patientid", "patient_id", "subject_id"),
    "sex": ("sex", "gender", "patient gender", "patientsex", "patient_sex"),
    "age": ("age", "patient age", "patientage", "patient_age"),
    "view": ("view", "view position", "viewposition", "ap/pa", "projection"),
}
"""The column names under which public data sets have them, in small letters."""

WORDS = {
    "Effusion": ("pleural effusion", "effusion"),
    "Pleural_Thickening": ("pleural thickening", "pleural_thickening"),
    "Infiltration": ("infiltration", "infiltrate", "infiltrates"),
    "Hernia": ("hernia", "hiatal hernia"),
    "Cardiomegaly": ("cardiomegaly",),
}
"""Other names of the same finding in CheXpert, MIMIC-CXR, PadChest and VinDr-CXR. Not the same, and therefore not here: a lung
lesion (nodules, masses and more), lung opacity, pleural other, enlarged cardiomediastinum."""

_VALUES = {"1": 1, "1.0": 1, "0": 0, "0.0": 0}
_UNSURE = {"-1", "-1.0"}
_MEANINGS = {"positive": 1, "negative": 0, "unknown": -1}
NOTHING = ("no finding", "")


@dataclass(frozen=True, slots=True)
class LabelMapping:
    """How a CSV is read. ``columns``: which of its columns are image, patient, sex, age, view; ``findings``: which of its columns
    or words stand for a finding, any of them; ``uncertain`` and ``blank``: what -1 and an empty cell mean."""

    columns: Mapping[str, str] = field(default_factory=dict)
    findings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    labels: str = ""
    uncertain: str = "unknown"
    blank: str = "negative"


def read_mapping(path: Path | None) -> LabelMapping:
    """A mapping from TOML: tables ``columns`` and ``findings``, and keys ``labels`` (the one column that holds all names),
    ``uncertain`` and ``blank`` (positive, negative or unknown). Raises RecipeError naming the key."""
    if path is None:
        return LabelMapping()
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RecipeError(f"{path.name} is not a mapping in TOML ({error}).") from error
    known = {"columns", "findings", "labels", "uncertain", "blank"}
    if unknown := sorted(set(data) - known):
        raise RecipeError(f"{unknown[0]} is not a key of a mapping; known are {', '.join(sorted(known))}.")
    columns, findings = data.get("columns", {}), data.get("findings", {})
    if strange := sorted(set(columns) - set(COLUMNS)):
        raise RecipeError(f"columns.{strange[0]} is not a key of a mapping; known are {', '.join(COLUMNS)}.")
    if strange := sorted(set(findings) - {*NAMES, *COMPOSITES}):
        raise RecipeError(f"findings.{strange[0]} is no finding of CheXView.")
    for key in ("uncertain", "blank"):
        if data.get(key, "unknown") not in _MEANINGS:
            raise RecipeError(f"{key} must be positive, negative or unknown, not {data[key]!r}.")
    told = {name: (words,) if isinstance(words, str) else tuple(words) for name, words in findings.items()}
    return LabelMapping(
        columns, told, data.get("labels", ""), data.get("uncertain", "unknown"), data.get("blank", "negative")
    )


@dataclass(slots=True)
class Told:
    """What was found, in counts and a few names each."""

    films: int = 0
    patients: int = 0
    without_picture: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    mapped: dict[str, str] = field(default_factory=dict)
    absent: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    lonely: bool = False
    errors: dict[str, tuple[float, float]] = field(default_factory=dict)

    def lines(self) -> list[str]:
        """The find as sentences for a terminal."""
        told = [f"{self.films} films of {self.patients} patients have a picture and labels."]
        if self.lonely:
            told.append(
                "The CSV names no patients: every film counts as a patient of its own; intervals are too narrow if that is wrong."
            )
        told.append("Labels: " + ", ".join(f"{name} from {source}" for name, source in self.mapped.items()) + ".")
        if self.absent:
            told.append(f"Not in the CSV, and therefore absent from the run: {', '.join(self.absent)}.")
        for words, names in (
            ("columns were not used", self.ignored),
            ("labelled films have no picture here", self.without_picture),
            ("films cannot be read and are left out", self.unreadable),
        ):
            if names:
                told.append(f"{len(names)} {words}: {', '.join(names[:5])}{' ...' if len(names) > 5 else ''}")
        if self.kept:
            told.append(
                f"Too few films to calibrate anew, the checkpoint's own calibration is kept: {', '.join(self.kept)}."
            )
        for name, (before, after) in self.errors.items():
            told.append(
                f"  {name}: calibration error on the test films {before:.3f} as shipped, {after:.3f} calibrated anew"
            )
        return told


def read_table(path: Path, how: LabelMapping, wanted: Sequence[str]) -> tuple[pd.DataFrame, Told]:
    """The CSV as image, patient, sex, age, view and label__<finding> (int8: 1, 0, -1 unknown) of the ``wanted`` findings it has.

    Raises DataError naming the column, and the row as a spreadsheet counts it.
    """
    try:
        raw = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise DataError(f"{path.name} cannot be read as a CSV ({error}).") from error
    lower = {name.strip().lower(): name for name in raw.columns}
    chosen: dict[str, str] = {}
    for key, names in COLUMNS.items():
        name = how.columns.get(key) or next((lower[item] for item in names if item in lower), None)
        if name is None:
            continue
        if name not in raw:
            raise DataError(f"{path.name} has no column {name}, which the mapping names for {key}.")
        chosen[key] = name
    if "image" not in chosen:
        raise DataError(f"{path.name} has no column of pictures (image, filename, path ...); name it in a mapping.")
    told = Told()
    table = pd.DataFrame({"image": raw[chosen["image"]].map(lambda text: PurePosixPath(text.replace("\\", "/")).name)})
    doubled = table["image"].duplicated()
    if doubled.any():
        raise DataError(
            f"{path.name} names the same picture twice; the second time in row {int(doubled.to_numpy().argmax()) + 2}."
        )
    told.lonely = "patient" not in chosen
    table["patient"] = raw[chosen["patient"]] if "patient" in chosen else table["image"]
    table["sex"] = (
        raw[chosen["sex"]].str[:1].str.upper().where(lambda s: s.isin(["M", "F"]), "") if "sex" in chosen else ""
    )
    age = (
        pd.to_numeric(raw[chosen["age"]].str.rstrip("Yy"), errors="coerce")
        if "age" in chosen
        else pd.Series(-1.0, raw.index)
    )
    table["age"] = age.where(age.between(0, OLDEST), -1).fillna(-1).astype(np.int16)
    table["view"] = (
        raw[chosen["view"]].str.upper().where(lambda v: v.isin(["PA", "AP"]), "") if "view" in chosen else ""
    )
    used = set(chosen.values())
    _labels(path.name, raw, lower, how, wanted, table, told, used)
    told.ignored = [name for name in raw.columns if name not in used]
    return table, told


def _labels(
    name: str,
    raw: pd.DataFrame,
    lower: Mapping[str, str],
    how: LabelMapping,
    wanted: Sequence[str],
    table: pd.DataFrame,
    told: Told,
    used: set[str],
) -> None:
    """Fills in label__<finding>, from one column of names or from a column for each finding. Raises DataError."""
    one = how.labels or next((lower[key] for key in ("finding labels", "labels", "findings") if key in lower), "")
    if one and one not in raw:
        raise DataError(f"{name} has no column {one}, which the mapping names for labels.")
    parts = {part for finding in wanted for part in COMPOSITES.get(finding, (finding,))}
    for finding in [name for name in (*NAMES, *COMPOSITES) if name in parts or name in how.findings]:
        words = how.findings.get(finding, WORDS.get(finding, (finding.lower().replace("_", " "), finding.lower())))
        if one:
            sets = raw[one].str.lower().str.split(r"[|;]").map(lambda texts: {text.strip() for text in texts})
            low = {word.lower() for word in words}
            table[f"label__{finding}"] = sets.map(lambda found, low=low: int(bool(found & low))).astype(np.int8)
            told.mapped[finding] = one
            used.add(one)
            continue
        columns = [lower[word.lower()] for word in words if word.lower() in lower]
        if columns:
            values = np.stack([_column(name, raw, column, how) for column in columns])
            present, absent = (values == 1).any(axis=0), (values == 0).all(axis=0)
            table[f"label__{finding}"] = np.where(present, 1, np.where(absent, 0, -1)).astype(np.int8)
            told.mapped[finding] = " or ".join(columns)
            used.update(columns)
    if not told.mapped:
        raise DataError(f"{name} has no column for any finding of this checkpoint; name them in a mapping.")


def _column(name: str, raw: pd.DataFrame, column: str, how: LabelMapping) -> npt.NDArray[np.int8]:
    def value(text: str) -> int:
        text = text.strip()
        if not text:
            return _MEANINGS[how.blank]
        return _MEANINGS[how.uncertain] if text in _UNSURE else _VALUES.get(text, 9)

    values = raw[column].map(value).to_numpy(np.int8)
    if (values == 9).any():
        row = int((values == 9).argmax())
        raise DataError(f"{name}, column {column}, row {row + 2}: {raw[column].iloc[row]!r} is not 1, 0, -1 or empty.")
    return values
