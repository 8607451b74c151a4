"""``python -m train index``: which films there are, what is known of each, and who stands on which side of the split.

Reads NIH's own layout: the labels CSV, the official lists, the boxes, and pictures in folders or archives in any format,
matched by stem (``00000001_000.webp`` is ``00000001_000.png`` of the CSV). Writes ``index.parquet``, one row per film,
``boxes.parquet``, and ``report.json``, which says what is missing, doubled or left out.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd

from chexview.atomic import write_atomically
from chexview.errors import DataError, SplitError
from chexview.films.sources import find_pictures
from train.labels import boxes, official_list, read_labels, table_of_labels
from train.other_labels import read_label_table
from train.regions import RegionTable

BOXES, REGIONS, LOOKED = "boxes.parquet", "regions.parquet", "looked_at.parquet"


@dataclass(slots=True)
class Report:
    """What the index found, in counts and a few names each."""

    films: int = 0
    patients: int = 0
    without_picture: int = 0
    without_label: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    excluded: list[str] = field(default_factory=list)
    excluded_but_in_test: list[str] = field(default_factory=list)
    impossible_ages: list[str] = field(default_factory=list)
    in_no_list: int = 0
    not_trained: int = 0
    looked_at: int = 0
    regions: int = 0
    other_labels: dict[str, int] = field(default_factory=dict)
    boxes: int = 0
    impossible_boxes: int = 0
    splits: dict[str, dict[str, int]] = field(default_factory=dict)

    def lines(self) -> list[str]:
        """The report as sentences for a terminal."""
        lines = [f"{self.films} films of {self.patients} patients have a picture and labels."]
        for split, counts in self.splits.items():
            lines.append(f"  {split}: {counts['films']} films of {counts['patients']} patients")
        lines.append(f"{self.without_picture} labelled films have no picture here.")
        for words, names in (
            ("pictures have no label and are left out", self.without_label),
            ("pictures were there twice; the first source named was taken", self.doubled),
            ("films are on an exclusion list and were dropped from training and validation", self.excluded),
            ("films on an exclusion list are in the test list and were kept there", self.excluded_but_in_test),
            ("films have an impossible age, kept as unknown", self.impossible_ages),
        ):
            if names:
                lines.append(f"{len(names)} {words}: {', '.join(names[:5])}{' ...' if len(names) > 5 else ''}")
        if self.not_trained:
            lines.append(f"{self.not_trained} films of the training patients are kept for judging and not trained on.")
        if self.looked_at:
            lines.append(f"{self.looked_at} films were looked at by radiologists, who drew {self.regions} regions.")
        for name, count in self.other_labels.items():
            lines.append(f"{count} films have labels of the table {name}.")
        if self.in_no_list:
            lines.append(f"{self.in_no_list} films are in neither official list and were left out.")
        if self.boxes:
            lines.append(f"{self.boxes} boxes of radiologists lie on these films.")
        if self.impossible_boxes:
            lines.append(f"{self.impossible_boxes} boxes have no area or lie outside their film, and were left out.")
        return lines


def choose_validation(table: pd.DataFrame, share: float, seed: int) -> pd.Series:
    """Which films go to validation: ``share`` of the patients, stratified by ``stratum``, by a hash of seed and patient.

    A patient's stratum is the highest of their films'. The choice for one patient does not depend on the others, but for
    the rounding of each stratum's count.
    """
    strata = table.groupby("patient")["stratum"].max()
    keys = {p: hashlib.sha256(f"{seed}:{p}".encode()).hexdigest() for p in strata.index}
    chosen: set[str] = set()
    for _, members in strata.groupby(strata):
        ordered = sorted(members.index, key=keys.__getitem__)
        chosen.update(ordered[: round(share * len(ordered))])
    return table["patient"].isin(chosen)


def _marks(path: Path) -> pd.DataFrame:
    """A CSV about images, or a text file with one image a line. Raises DataError if it is neither."""
    try:
        if path.suffix == ".txt":
            return pd.DataFrame({"image": path.read_text(encoding="utf-8").split()})
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise DataError(f"{path.name} cannot be read as a CSV ({error}).") from error
    if "image" not in table:
        raise DataError(f"{path.name} has no column image; it must name the films it speaks of.")
    return table


def check_split(table: pd.DataFrame) -> None:
    """Raises SplitError, with the count, where a patient stands on more than one side."""
    sides = table.groupby("patient")["split"].nunique()
    shared = sides.index[sides > 1]
    if len(shared):
        raise SplitError(
            f"{len(shared)} patients stand on more than one side of the split, the first of them with number {shared[0]}; "
            "split by patient, not by film."
        )


def build(
    sources: Sequence[Path],
    labels: Path,
    exclude: Path | None = None,
    flags: Path | None = None,
    share: float = 0.1,
    seed: int = 2017,
    not_trained: Sequence[Path] = (),
    validation_of: Path | None = None,
    also_labels: Mapping[str, Path] | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame, Report]:
    """The index of all films that have picture and labels, with ``split`` train, validation or test; and their boxes.

    ``exclude`` is a CSV with a column ``image``, or a text file, of films unfit for training; ``flags`` is a CSV with ``image``
    and columns of 0 and 1 that become ``list__<name>``; a flag ``sharp`` also stratifies the validation choice.
    ``not_trained`` are lists of films that judge and choose: they leave the training films and stay where they are validation
    or test films. ``validation_of`` is an earlier run's folder, whose validation patients are taken in place of a new
    choice. ``also_labels`` are other tables of labels by name, which become columns ``also__<name>__<finding>``. Raises
    DataError.
    """
    if not 0 < share < 1:
        raise DataError("The share of validation patients must lie between 0 and 1.")
    files = read_labels(labels)
    table, impossible = table_of_labels(files)
    pictures, doubled = find_pictures(sources)
    table["stem"] = table["image"].map(lambda image: PurePosixPath(image).stem)
    drawn, impossible_boxes = boxes(files)
    report = Report(doubled=sorted(doubled))
    report.without_label = sorted(set(pictures["stem"]) - set(table["stem"]))
    merged = table.merge(pictures, on="stem", how="inner").sort_values("image", ignore_index=True)
    report.without_picture = len(table) - len(merged)
    report.impossible_ages = sorted(set(impossible) & set(merged["image"]))
    trainable, test = official_list(files, "train_val_list.txt"), official_list(files, "test_list.txt")
    if trainable & test:
        raise SplitError(f"{len(trainable & test)} films stand in both official lists.")
    in_train, in_test = merged["image"].isin(trainable), merged["image"].isin(test)
    report.in_no_list = int((~in_train & ~in_test).sum())
    merged["split"] = np.where(in_test, "test", np.where(in_train, "train", ""))
    merged = merged[merged["split"] != ""].reset_index(drop=True)
    merged["stratum"] = 0
    if flags is not None:
        marks = _marks(flags).set_index("image")
        for column in marks.columns[marks.isin(["0", "1"]).all()]:
            merged[f"list__{column}"] = merged["image"].map(marks[column]).fillna("0").eq("1")
        if "list__sharp" in merged:
            merged["stratum"] = merged["list__sharp"].astype(int)
    if exclude is not None:
        hit = merged["image"].isin(set(_marks(exclude)["image"]))
        merged["unfit"] = hit
        report.excluded = merged["image"][hit & (merged["split"] != "test")].tolist()
        report.excluded_but_in_test = merged["image"][hit & (merged["split"] == "test")].tolist()
        merged = merged[~(hit & (merged["split"] != "test"))].reset_index(drop=True)
    training = merged["split"] == "train"
    if validation_of is None:
        chosen = choose_validation(merged[training], share, seed).reindex(merged.index, fill_value=False)
    else:
        chosen = merged["patient"].isin(_validation_patients(validation_of))
    merged.loc[training & chosen, "split"] = "validation"
    for path in not_trained:
        judging = merged["image"].isin(set(_marks(path)["image"])) & (merged["split"] == "train")
        report.not_trained += int(judging.sum())
        merged = merged[~judging].reset_index(drop=True)
    for name, path in (also_labels or {}).items():
        others = read_label_table(path, merged["image"])
        report.other_labels[name] = int((others >= 0).any(axis=1).sum())
        merged = pd.concat([merged, others.add_prefix(f"also__{name}__")], axis=1)
    merged = merged.drop(columns=["stem", "stratum"])
    check_split(merged)
    for side in ("train", "validation", "test"):
        if not (merged["split"] == side).any():
            raise DataError(f"No film is left for {side}; are the pictures and the labels of the same data set?")
    drawn = drawn[drawn["image"].isin(merged["image"])].reset_index(drop=True)
    report.boxes, report.impossible_boxes = len(drawn), impossible_boxes
    report.films, report.patients = len(merged), merged["patient"].nunique()
    for split, part in merged.groupby("split"):
        report.splits[str(split)] = {"films": len(part), "patients": part["patient"].nunique()}
    return merged, drawn, report


def _validation_patients(run: Path) -> set[str]:
    """The patients of a run's validation films. Raises DataError if it holds none."""
    try:
        films = pd.read_parquet(run / "predictions.parquet", columns=["patient", "split"])
    except (OSError, ValueError, KeyError) as error:
        raise DataError(f"{run.name} is not the folder of a validation run ({error}).") from error
    return set(films.loc[films["split"] == "validation", "patient"].astype(str))


def write(
    table: pd.DataFrame, drawn: pd.DataFrame, report: Report, out: Path, regions: RegionTable | None = None
) -> None:
    """Writes ``index.parquet``, ``boxes.parquet``, ``report.json`` and, where there are ``regions``, ``regions.parquet`` and
    ``looked_at.parquet`` into ``out``, each under a temporary name first."""
    out.mkdir(parents=True, exist_ok=True)
    if regions is not None:
        here = set(table["image"])
        kept = regions.regions[regions.regions["image"].isin(here)]
        looked = pd.DataFrame({"image": sorted(here & regions.films)})
        report.looked_at, report.regions = len(looked), len(kept)
        write_atomically(out / REGIONS, kept.to_parquet(index=False))
        write_atomically(out / LOOKED, looked.to_parquet(index=False))
    write_atomically(out / BOXES, drawn.to_parquet(index=False))
    write_atomically(out / "index.parquet", table.to_parquet(index=False))
    write_atomically(out / "report.json", json.dumps(asdict(report), indent=1).encode())


def load(folder: Path) -> pd.DataFrame:
    """Reads an index written by ``write`` and checks its split again. Raises DataError if there is none."""
    path = folder / "index.parquet"
    if not path.is_file():
        raise DataError(f"There is no index in {folder.name}; run python -m train index first.")
    table = pd.read_parquet(path)
    check_split(table)
    return table


def load_boxes(folder: Path) -> pd.DataFrame:
    """The boxes of an index: image, finding, left, top, right, bottom as shares of the film; no rows if it has none."""
    path = folder / BOXES
    return pd.read_parquet(path) if path.is_file() else boxes({})[0]


def load_regions(folder: Path) -> RegionTable | None:
    """The radiologists' regions of an index; None if it was made without."""
    if not (folder / REGIONS).is_file():
        return None
    return RegionTable(pd.read_parquet(folder / REGIONS), frozenset(pd.read_parquet(folder / LOOKED)["image"]))
