"""``run.json``: everything about a validation run that is not a row of its tables.

Older schema versions are migrated, never refused.
"""

import math
import platform
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata

from chexview.calibration import Calibration
from chexview.errors import RunError
from chexview.evaluation.operating import Policy
from chexview.schema import Migrations, build, decode, encode, migrated

FILE = "run.json"
SCHEMA = 1
LONGEST = 200
"""Letters of a title at most."""
MIGRATIONS: Migrations = {}


@dataclass(frozen=True, slots=True)
class RunCheckpoint:
    """The checkpoint that gave the logits; ``weights`` is the SHA-256 of its weights, "" if it is not known."""

    name: str
    weights: str = ""


@dataclass(frozen=True, slots=True)
class FilmList:
    """A named list of films (column ``list__<name>``): its title and one sentence on how its films were chosen."""

    name: str
    title: str
    chosen: str


@dataclass(frozen=True, slots=True)
class Counts:
    """How many films of how many patients."""

    films: int
    patients: int


@dataclass(frozen=True, slots=True)
class PatientOverlap:
    """The proof that no patient stands on two sides: patients of each split, and patients that two splits share."""

    training_patients: int
    validation_patients: int
    test_patients: int
    training_and_validation: int = 0
    training_and_test: int = 0
    validation_and_test: int = 0

    @classmethod
    def of(cls, training: Iterable[str], validation: Iterable[str], test: Iterable[str]) -> "PatientOverlap":
        """Counted from the patient ids of the three splits, doubled or not."""
        a, b, c = set(training), set(validation), set(test)
        return cls(len(a), len(b), len(c), len(a & b), len(a & c), len(b & c))

    @property
    def shared(self) -> int:
        """Patients that stand on two sides; 0 in every sound run."""
        return self.training_and_validation + self.training_and_test + self.validation_and_test


@dataclass(frozen=True, slots=True)
class ChosenOn:
    """The run and the list of it on which calibration and operating points were chosen."""

    run: str
    list_name: str


@dataclass(frozen=True, slots=True)
class Made:
    """When (ISO 8601, UTC) and with which versions of which software the run was made."""

    when: str
    software: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunMetadata:
    """A run's ``run.json``.

    ``calibration`` and ``operating_points`` (float32 logits by policy and finding) may lack findings: what was not
    usable is not stored. ``probabilities`` are the findings whose scores came as probabilities: their stored logits are the
    log-odds of these, and thresholds are written in the unit in which they came. ``patient_overlap`` is None if the
    training patients are not known (an imported run).
    ``counts`` by list, ``tables`` (SHA-256 by file name) and ``schema_version`` are filled in by ``run.write_run``.
    """

    title: str
    checkpoint: RunCheckpoint
    data_set: str
    attribution: str
    split_hash: str
    lists: tuple[FilmList, ...]
    made: Made
    patient_overlap: PatientOverlap | None = None
    calibration: dict[str, Calibration] = field(default_factory=dict)
    operating_points: dict[Policy, dict[str, float]] = field(default_factory=dict)
    chosen_on: ChosenOn | None = None
    probabilities: tuple[str, ...] = ()
    counts: dict[str, Counts] = field(default_factory=dict)
    tables: dict[str, str] = field(default_factory=dict)
    schema_version: int = SCHEMA

    def to_json(self) -> str:
        """The text of ``run.json``. Raises RunError for a number that JSON cannot hold."""
        try:
            return encode(self)
        except ValueError as error:
            raise RunError(
                "A calibration or operating point is not a finite number; leave out those that are not usable."
            ) from error


def made_now(packages: Iterable[str] = ("numpy", "scipy", "pandas", "pyarrow")) -> Made:
    """``Made`` of this moment, this Python and the installed ones of ``packages``."""
    software = {"python": platform.python_version()}
    for package in packages:
        try:
            software[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return Made(datetime.now(UTC).isoformat(timespec="seconds"), software)


def parse(text: str | bytes) -> RunMetadata:
    """A RunMetadata from the text of ``run.json``, migrated and checked. Raises RunError in a sentence naming the key."""
    data = migrated(decode(text, FILE, RunError), SCHEMA, MIGRATIONS, FILE, RunError)
    meta = build(RunMetadata, data, FILE, RunError)
    check(meta)
    return meta


def check(meta: RunMetadata) -> None:
    """What must hold of a run's own words, whatever its tables. Raises RunError in one sentence."""
    names = [item.name for item in meta.lists]
    if not names:
        raise RunError("run.json names no list of films; a run needs at least one.")
    if doubled := [name for name in names if names.count(name) > 1]:
        raise RunError(f"run.json names the list {doubled[0]} twice; list names must differ.")
    if meta.patient_overlap and meta.patient_overlap.shared:
        raise RunError(
            f"{meta.patient_overlap.shared} patients stand on two sides of this run's split; such a run is not shown. "
            "Split by patient and validate again."
        )
    for item in meta.lists:
        if not item.name.strip() or not item.title.strip() or len(item.title) > LONGEST:
            raise RunError(f"run.json: the list {item.name!r:.40} needs a name and a title of 1 to {LONGEST} letters.")
    if not meta.title.strip() or len(meta.title) > LONGEST:
        raise RunError(f"The run needs a title of 1 to {LONGEST} letters; this one has {len(meta.title)}.")
    for finding, line in meta.calibration.items():
        if not (math.isfinite(line.slope) and math.isfinite(line.intercept) and line.slope > 0):
            raise RunError(f"run.json: the calibration of {finding} is not a rising line; leave it out.")
    for policy, points in meta.operating_points.items():
        for finding, threshold in points.items():
            if not math.isfinite(threshold):
                raise RunError(f"run.json: the operating point {policy} of {finding} is not finite; leave it out.")
