"""``python -m train audit``: what any set of lists of films does to the numbers that are measured with it.

Tells of patients on both sides, whether the split is NIH's own or drawn film by film, boxed films in training, doubled pictures,
and what optimism to expect. Reads names only; pictures where they are named too.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd

from chexview.errors import DataError
from chexview.films.sources import find_pictures
from train import cache
from train.labels import BOXES, boxes, official_list
from train.near_duplicates import doubles

OFFICIAL = {"train_val": "train_val_list.txt", "test": "test_list.txt"}
TRAINING = ("train", "train_val", "train_val_list", "training")
SIZE = 64
"""Pixels across at which pictures are compared."""

OPTIMISM = {
    "random": (
        "Split film by film: expect AUROCs above what new patients give. With patients on both sides a network recognises "
        "people, their devices and their machines, on top of the 0.03 by which any random split flatters."
    ),
    "patients": (
        "Split by patient, but not NIH's own way: with the same model, published numbers on such splits stand about 0.03 mean "
        "AUROC above those on the official test list (0.841 against 0.807); do not set them side by side."
    ),
    "official": "NIH's official split: no optimism from the split; numbers may stand beside others on the official test list.",
    "part": "A part of NIH's official split: no optimism from the split; a smaller list has wider intervals.",
}
"""Literature values, not measured here: Guendel et al., arXiv:1803.04565 (0.841 and 0.807, random patients and official list);
Baltruschat et al., Scientific Reports 2019, 9:6381 (0.822 and 0.806)."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two lists: the films and patients that stand in both, and how many patients chance would put there."""

    first: str
    second: str
    films: int
    patients: int
    expected_patients: float
    examples: tuple[str, ...]


@dataclass(slots=True)
class Audit:
    """What was found, in counts and a few names each."""

    lists: dict[str, tuple[int, int]] = field(default_factory=dict)
    overlaps: list[Overlap] = field(default_factory=list)
    kind: str = ""
    boxed: dict[str, int] = field(default_factory=dict)
    doubled: list[tuple[str, str]] = field(default_factory=list)
    compared: int = 0

    @property
    def clean(self) -> bool:
        """Whether no patient, film or picture stands on two sides."""
        return not any(item.films or item.patients for item in self.overlaps) and not self.doubled

    def lines(self) -> list[str]:
        """The audit as sentences for a terminal."""
        lines = [f"{name}: {films:,} films of {patients:,} patients" for name, (films, patients) in self.lists.items()]
        for item in self.overlaps:
            if item.films:
                lines.append(f"{item.films:,} films stand in both {item.first} and {item.second}.")
            if item.patients:
                lines.append(
                    f"{item.patients:,} patients stand in both {item.first} and {item.second}, among them number "
                    f"{', '.join(item.examples)}; a split film by film would give about {item.expected_patients:,.0f}."
                )
            else:
                lines.append(f"No patient stands in both {item.first} and {item.second}.")
        for name, count in self.boxed.items():
            if count:
                lines.append(
                    f"{count:,} films with radiologists' boxes stand in {name}: map scores measured on them would flatter."
                )
        if self.compared:
            lines.append(
                f"{self.compared:,} pictures were compared; {len(self.doubled)} pairs across lists show the same film."
            )
            lines += [f"  {one} and {other}" for one, other in self.doubled[:10]]
        if self.kind:
            lines.append(OPTIMISM[self.kind])
        return lines


def read_list(path: Path) -> list[str]:
    """The images of a list: a text file of names, or a CSV with a column ``image`` or ``Image Index``. Raises DataError."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise DataError(f"{path.name} cannot be read as a list of films.") from error
    if path.suffix.lower() == ".csv":
        table = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)
        column = next((name for name in ("image", "Image Index", "filename") if name in table), None)
        if column is None:
            raise DataError(f"{path.name} has no column image; it must name the films it speaks of.")
        names = table[column].tolist()
    else:
        names = [line.split()[0] for line in text.splitlines() if line.split()]
    if not names:
        raise DataError(f"{path.name} names no film.")
    if len(set(names)) < len(names):
        raise DataError(f"{path.name} names {len(names) - len(set(names))} films twice.")
    return names


def patient_of(image: str) -> str:
    """NIH's patient number from a film's name: what stands before the first underscore."""
    return PurePosixPath(image).stem.split("_")[0].lstrip("0") or "0"


def expected_shared(one: Sequence[str], other: Sequence[str]) -> float:
    """How many patients a split film by film would put on both sides of two lists of these sizes and these patients' films."""
    counts = pd.Series([patient_of(image) for image in (*one, *other)]).value_counts().to_numpy(np.float64)
    share = len(one) / (len(one) + len(other))
    return float(np.sum(1 - share**counts - (1 - share) ** counts))


def audit(lists: dict[str, list[str]], labels: dict[str, bytes] | None = None, images: Sequence[Path] = ()) -> Audit:
    """Audits two lists or more. ``labels`` are NIH's files by name, where at hand; ``images`` sources of pictures.

    Raises DataError for fewer than two lists, or a source that cannot be read.
    """
    if len(lists) < 2:
        raise DataError("An audit needs at least two lists: what is trained on, and what is tested on.")
    found = Audit()
    patients = {name: {patient_of(image) for image in films} for name, films in lists.items()}
    found.lists = {name: (len(films), len(patients[name])) for name, films in lists.items()}
    for one, other in combinations(lists, 2):
        both = patients[one] & patients[other]
        examples = tuple(sorted(both, key=lambda number: (len(number), number))[:3])
        films = len(set(lists[one]) & set(lists[other]))
        found.overlaps.append(
            Overlap(one, other, films, len(both), expected_shared(lists[one], lists[other]), examples)
        )
    if labels is not None:
        boxed = set(boxes(labels)[0]["image"]) if BOXES in labels else set()
        found.boxed = {name: len(boxed & set(films)) for name, films in lists.items() if name in TRAINING}
    found.kind = _kind(lists, labels, found)
    if images:
        found.doubled, found.compared = _doubled(lists, images)
    return found


def _kind(lists: dict[str, list[str]], labels: dict[str, bytes] | None, found: Audit) -> str:
    """Official, a part of it, by patient, or film by film; "" if nothing can be said."""
    if any(item.patients > 0.5 * item.expected_patients and item.patients > 0 for item in found.overlaps):
        return "random"
    if any(item.patients for item in found.overlaps):
        return ""
    if labels is None or any(name not in labels for name in OFFICIAL.values()):
        return "patients"
    official = {side: official_list(labels, name) for side, name in OFFICIAL.items()}
    sides = []
    for films in lists.values():
        side = next((side for side, whole in official.items() if set(films) <= whole), None)
        if side is None:
            return "patients"
        sides.append((side, set(films) == official[side]))
    if len({side for side, _ in sides}) < 2:
        return "patients"
    return "official" if all(whole for _, whole in sides) and len(sides) == 2 else "part"


def _doubled(lists: dict[str, list[str]], images: Sequence[Path]) -> tuple[list[tuple[str, str]], int]:
    """Pairs of films of different lists that show the same picture, and how many pictures could be compared."""
    pictures, _ = find_pictures(images)
    where = {PurePosixPath(image).stem: (name, image) for name, films in lists.items() for image in films}
    table = pictures[pictures["stem"].isin(where.keys())].reset_index(drop=True)
    if table.empty:
        raise DataError("No picture of these lists is in the sources named; are they of the same data set?")
    table["image"] = [where[key][1] for key in table["stem"]]
    films, readable = cache.read_all(table, SIZE)
    rows = np.flatnonzero(readable)
    pairs = []
    for pair in doubles(films[rows]):
        one, other = (where[table["stem"][rows[row]]] for row in (pair.first, pair.second))
        if one[0] != other[0]:
            pairs.append((f"{one[1]} ({one[0]})", f"{other[1]} ({other[0]})"))
    return pairs, len(rows)
