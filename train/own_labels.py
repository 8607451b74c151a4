"""A researcher's own labels: a table under whatever names, and a mapping that says which of them mean what is known here.

CheXpert's, MIMIC-CXR-JPG's and PadChest's own CSVs are read as they are published, and so are NIH's. What is not understood is
never a negative: an unknown word leaves unknown what its film does not name, and is counted in the report.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from chexview.errors import DataError, RecipeError, TableError
from chexview.findings import COMPOSITES, NAMES
from chexview.labels import cells
from chexview.labels.aliases import COLUMNS, column_for, finding_column, names_of, plain
from chexview.labels.image_names import depth, shortened
from chexview.labels.tables import TextTable
from chexview.labels.tables import read_table as read_text
from chexview.schema import build

ROLES = ("image", "patient", "sex", "age", "view")
"""What a mapping may name a column for."""
NO_FRONTAL_FILM = ("costal", "exclude")
"""PadChest's projections of which no frontal film of the chest comes."""

_MEANINGS = {"positive": 1, "negative": 0, "unknown": -1}
_CHEXPERTS_OWN = ("no finding", "support devices", "pleural other", "enlarged cardiomediastinum")


@dataclass(frozen=True, slots=True)
class LabelMapping:
    """How a table is read. ``columns``: which of its columns are image, patient, sex, age, view; ``findings``: which of its columns
    or words stand for a finding, any of them; ``others``: words that are about none of the findings; ``uncertain`` and ``blank``:
    what -1 and an empty cell mean ("": unknown, but negative where a table leaves empty what a report does not mention)."""

    columns: Mapping[str, str] = field(default_factory=dict)
    findings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    labels: str = ""
    others: tuple[str, ...] = ()
    uncertain: str = "unknown"
    blank: str = ""


def read_mapping(path: Path | None) -> LabelMapping:
    """A mapping from TOML: tables ``columns`` and ``findings``, and keys ``labels`` (the one column that holds all names),
    ``others``, ``uncertain`` and ``blank`` (positive, negative or unknown). Raises RecipeError naming the key."""
    if path is None:
        return LabelMapping()
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise RecipeError(f"{path.name} is not a mapping in TOML ({error}).") from error
    findings = data.get("findings")
    if isinstance(findings, Mapping):
        data["findings"] = {name: [word] if isinstance(word, str) else word for name, word in findings.items()}
    mapping = build(LabelMapping, data, path.name, RecipeError)
    if strange := sorted(set(mapping.columns) - set(ROLES)):
        raise RecipeError(f"columns.{strange[0]} is not a key of a mapping; known are {', '.join(ROLES)}.")
    if strange := sorted(set(mapping.findings) - {*NAMES, *COMPOSITES}):
        raise RecipeError(f"findings.{strange[0]} is no finding of CheXView.")
    for key, word in (("uncertain", mapping.uncertain), ("blank", mapping.blank or "unknown")):
        if word not in _MEANINGS:
            raise RecipeError(f"{key} must be positive, negative or unknown, not {word!r}.")
    return mapping


@dataclass(slots=True)
class LabelReport:
    """What was found, in counts and a few names each."""

    films: int = 0
    patients: int = 0
    without_picture: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    mapped: dict[str, str] = field(default_factory=dict)
    absent: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    lateral: list[str] = field(default_factory=list)
    unknown_words: dict[str, int] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    lonely: bool = False
    errors: dict[str, tuple[float, float]] = field(default_factory=dict)

    def lines(self) -> list[str]:
        """The find as sentences for a terminal."""
        lines = [f"{self.films} films of {self.patients} patients have a picture and labels."]
        if self.lonely:
            lines.append(
                "The table names no patients: every film counts as a patient of its own; intervals are too narrow if that is wrong."
            )
        lines.append("Labels: " + ", ".join(f"{name} from {source}" for name, source in self.mapped.items()) + ".")
        lines += self.remarks
        if self.unknown_words:
            most = sorted(self.unknown_words.items(), key=lambda item: -item[1])[:8]
            named = ", ".join(f"{word!r} in {count}" for word, count in most)
            lines.append(
                f"{len(self.unknown_words)} words are not understood ({named}): what such a film does not name is unknown there, "
                "not absent. List words about other things under others in a mapping."
            )
        if self.absent:
            lines.append(f"Not in the table, and therefore absent from the run: {', '.join(self.absent)}.")
        for what, names in (
            ("columns were not used", self.ignored),
            ("films are lateral, or no frontal film of the chest, and are left out", self.lateral),
            ("labelled films have no picture here", self.without_picture),
            ("films cannot be read and are left out", self.unreadable),
        ):
            if names:
                lines.append(f"{len(names)} {what}: {', '.join(names[:5])}{' ...' if len(names) > 5 else ''}")
        if self.kept:
            lines.append(
                f"Too few films to calibrate anew, the checkpoint's own calibration is kept: {', '.join(self.kept)}."
            )
        for name, (before, after) in self.errors.items():
            lines.append(
                f"  {name}: calibration error on the test films {before:.3f} as shipped, {after:.3f} calibrated anew"
            )
        return lines


def read_table(path: Path, how: LabelMapping, wanted: Sequence[str]) -> tuple[pd.DataFrame, LabelReport]:
    """The table as image, path, patient, sex, age, view and label__<finding> (int8: 1, 0, -1 unknown) of the ``wanted`` findings.

    ``path`` is the picture's path as it stands there, ``image`` as much of it as tells films apart; a table of studies instead
    of films (MIMIC-CXR-JPG's) has ``study`` in place of both. Raises DataError naming the column, and the row as a
    spreadsheet counts it.
    """
    try:
        text = read_text(path.read_bytes(), path.name)
        return _understood(text, path.name, how, wanted)
    except OSError as error:
        raise DataError(f"{path.name} cannot be read ({error.strerror}).") from error
    except TableError as error:
        raise DataError(str(error)) from error


def _understood(
    text: TextTable, name: str, how: LabelMapping, wanted: Sequence[str]
) -> tuple[pd.DataFrame, LabelReport]:
    raw, headings = text.frame, list(text.frame.columns)
    chosen: dict[str, str] = {}
    for role in COLUMNS:
        column = how.columns.get(role) or column_for(role, headings)
        if column is not None and column not in raw:
            raise TableError(f"{name} has no column {column}, which the mapping names for {role}.")
        if column is not None and role != "words":
            chosen[role] = column
    report = LabelReport(lonely="patient" not in chosen)
    if text.encoding:
        report.remarks.append(f"{name} was read as {text.encoding}.")
    table = _places(text, name, chosen)
    _describe(text, chosen, table, report)
    used = set(chosen.values())
    _labels(text, name, how, wanted, table, report, used)
    report.ignored = [column for column in headings if column not in used]
    return table, report


def _places(text: TextTable, name: str, chosen: Mapping[str, str]) -> pd.DataFrame:
    """Which picture, or pictures, each row is about. Raises TableError."""
    raw = text.frame
    if "image" not in chosen:
        if {"study", "patient"} <= set(chosen):
            return pd.DataFrame({"study": raw[chosen["study"]].str.strip().str.removeprefix("s")})
        raise TableError(f"{name} has no column of pictures (image, filename, path ...); name it in a mapping.")
    paths = raw[chosen["image"]].tolist()
    count = depth(paths)
    table = pd.DataFrame({"image": [shortened(item, count) for item in paths], "path": paths})
    doubled = table["image"].duplicated().to_numpy()
    if doubled.any():
        row = int(doubled.argmax()) + text.first_row
        raise TableError(f"{name} names the same picture twice; the second time in row {row}.")
    if (empty := (table["image"] == "").to_numpy()).any():
        raise TableError(f"{name} names no picture in row {int(empty.argmax()) + text.first_row}.")
    return table


def _describe(text: TextTable, chosen: Mapping[str, str], table: pd.DataFrame, report: LabelReport) -> None:
    """Fills in patient, sex, age, view, and whether a film is a frontal one."""
    raw = text.frame
    silent = pd.Series("", raw.index, dtype=object)

    def column(role: str) -> "pd.Series[str]":
        return raw[chosen[role]] if role in chosen else silent

    if "patient" in chosen:
        table["patient"] = raw[chosen["patient"]].str.strip()
    else:
        folders = table["path"].str.extract(r"(?:^|[/\\])(patient\d+)[/\\]", expand=False)
        report.lonely = bool(folders.isna().any())
        table["patient"] = table["image"] if report.lonely else folders
    table["sex"] = column("sex").map(cells.sex)
    ages = column("age").map(cells.age)
    if "age" not in chosen and {"birth", "taken"} <= set(chosen):
        years = [pd.to_numeric(column(role).str[:4], errors="coerce") for role in ("taken", "birth")]
        ages = (years[0] - years[1]).where(lambda years: years.between(0, cells.OLDEST), -1).fillna(-1)
    table["age"] = ages.astype(np.int16)
    sides, views = column("side").map(cells.view), column("view")
    table["view"] = views.map(cells.view).where(sides != "lateral", "lateral")
    table["frontal"] = (table["view"] != "lateral") & ~views.map(plain).isin(NO_FRONTAL_FILM)


def _labels(
    text: TextTable,
    name: str,
    how: LabelMapping,
    wanted: Sequence[str],
    table: pd.DataFrame,
    report: LabelReport,
    used: set[str],
) -> None:
    """Fills in label__<finding>, from one column of names or from a column for each finding. Raises TableError."""
    raw, headings = text.frame, list(text.frame.columns)
    if how.labels and how.labels not in raw:
        raise TableError(f"{name} has no column {how.labels}, which the mapping names for labels.")
    one = how.labels or column_for("words", headings)
    parts = {part for finding in wanted for part in (finding, *COMPOSITES.get(finding, ()))}
    findings = [finding for finding in (*NAMES, *COMPOSITES) if finding in parts or finding in how.findings]
    if one is not None:
        _named(text, one, how, findings, table, report)
        used.add(one)
        return
    columns = {finding: _columns(headings, finding, how) for finding in findings}
    empty = _empty_means(text, [column for found in columns.values() for column in found], how, report)
    for finding, found in columns.items():
        if not found:
            continue
        values = np.stack([_column(text, name, column, _MEANINGS[how.uncertain], empty) for column in found])
        table[f"label__{finding}"] = _any(values)
        report.mapped[finding] = " or ".join(found)
        used.update(found)
    if not report.mapped:
        raise TableError(f"{name} has no column for any finding of this checkpoint; name them in a mapping.")


def _named(
    text: TextTable, column: str, how: LabelMapping, findings: Sequence[str], table: pd.DataFrame, report: LabelReport
) -> None:
    """Labels from the one column that names each film's findings."""
    own = {plain(word): finding for finding, words in how.findings.items() for word in words}
    others = {plain(word) for word in how.others}
    said = []
    for cell in text.frame[column]:
        names = cells.names_in(cell)
        mine = [own[plain(item)] for item in names if plain(item) in own]
        rest = [item for item in names if plain(item) not in own and plain(item) not in others]
        words = cells.words_in("|".join(rest))
        for item in words.unknown:
            report.unknown_words[item] = report.unknown_words.get(item, 0) + 1
        said.append(cells.Words(words.given | set(mine), words.open, words.unknown, bool(names)))
    for finding in findings:
        if finding in COMPOSITES and not any(finding in words.given for words in said):
            continue
        composites = tuple(name for name, parts in COMPOSITES.items() if finding in parts)
        table[f"label__{finding}"] = np.array([_of(words, finding, composites) for words in said], np.int8)
        report.mapped[finding] = column
    silent = sum(not words.said for words in said)
    if silent:
        report.remarks.append(f"{silent} cells of {column} are empty and say nothing: unknown, not absent.")
    if not any(words.given or (words.said and not words.unknown) for words in said):
        raise TableError(f"No word of the column {column} is understood; name the findings' words in a mapping.")


def _of(words: cells.Words, finding: str, composites: tuple[str, ...]) -> int:
    """A finding's label; "nodule or mass" leaves open which of them it is."""
    label = words.label(finding, COMPOSITES.get(finding, ()))
    return -1 if label == 0 and words.given & set(composites) else label


def _columns(headings: Sequence[str], finding: str, how: LabelMapping) -> list[str]:
    """The columns that stand for a finding: those that the mapping names, else any under a name of it."""
    if finding in how.findings:
        words = {plain(word) for word in how.findings[finding]}
        return [column for column in headings if plain(column) in words]
    names = set(names_of(finding))
    return [
        column
        for column in headings
        if plain(column) in names or ((found := finding_column(column)) is not None and found.finding == finding)
    ]


def _empty_means(text: TextTable, columns: Sequence[str], how: LabelMapping, report: LabelReport) -> int:
    """What an empty cell of a finding's column means; the report says so if there is one."""
    values = {cells.label(cell) for column in columns for cell in text.frame[column].unique()}
    if -2 not in values:
        return -1
    if how.blank:
        return _MEANINGS[how.blank]
    own = {plain(column) for column in text.frame.columns}
    reports = -1 in values or 0 not in values or any(column in own for column in _CHEXPERTS_OWN)
    report.remarks.append(
        "Empty cells count as negative, as CheXpert and MIMIC leave empty what a report does not mention; blank in a mapping "
        "says otherwise."
        if reports
        else "Empty cells count as unknown; blank in a mapping says otherwise."
    )
    return 0 if reports else -1


def _column(text: TextTable, name: str, column: str, unsure: int, empty: int) -> npt.NDArray[np.int8]:
    values = text.frame[column].map(cells.label)
    if (strange := values.isna().to_numpy()).any():
        row = int(strange.argmax())
        cell = text.frame[column].iloc[row]
        raise TableError(f"{name}, column {column}, row {row + text.first_row}: {cell!r} is not 1, 0, -1 or empty.")
    found = values.to_numpy(np.int8)
    return np.select([found == -1, found == -2], [unsure, empty], found).astype(np.int8)


def _any(values: npt.NDArray[np.int8]) -> npt.NDArray[np.int8]:
    """1 where any column (columns, n) says so, 0 if all deny, else -1."""
    present, absent = (values == 1).any(axis=0), (values == 0).all(axis=0)
    return np.where(present, 1, np.where(absent, 0, -1)).astype(np.int8)
