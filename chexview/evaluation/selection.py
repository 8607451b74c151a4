"""The Selection: one finding's labels and logits on some films, and which films share a patient.

Everything in this package that computes a number computes it from a Selection.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating[Any]]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Descending:
    """Films sorted by their logits, the highest first: ``order`` int64 (n,) are the films, ``last`` int64 (k,) where in that
    order the last film of each of the k distinct logits stands. Films of one logit are in no order; a logit that is not a
    number comes last.
    """

    order: Ints
    last: Ints

    @classmethod
    def of(cls, logits: Floats) -> "Descending":
        """The films of ``logits`` (n,), sorted."""
        order = np.argsort(-logits)
        ordered = logits[order]
        last = np.flatnonzero(np.r_[ordered[1:] != ordered[:-1], True]) if len(ordered) else np.zeros(0, np.int64)
        return cls(order, last)


@dataclass(frozen=True, slots=True, eq=False)
class PatientCodes:
    """The patients of n films as ``codes`` int64 (n,) from 0 to ``count - 1``."""

    codes: Ints
    count: int

    @classmethod
    def of(cls, patients: npt.ArrayLike) -> "PatientCodes":
        """Of names or numbers of patients (n,)."""
        names, codes = np.unique(np.asarray(patients), return_inverse=True)
        return cls(codes.astype(np.int64), len(names))


@dataclass(frozen=True, eq=False, repr=False)
class Selection:
    """``n`` films of known label.

    ``labels`` is bool (n,), ``logits`` float32 (n,), ``patients`` int64 (n,) holds codes from 0 to ``patient_count -
    1``, ``rows`` int64 (n,) the films' rows in the run's table. Selections of one list share their codes, so that a
    resample of patients is the same resample for every finding and subgroup; a code may have no film here.
    """

    finding: str
    list_name: str
    labels: Bools
    logits: npt.NDArray[np.float32]
    patients: Ints
    patient_count: int
    rows: Ints

    def __post_init__(self) -> None:
        sizes = {len(self.labels), len(self.logits), len(self.patients), len(self.rows)}
        if len(sizes) != 1:
            raise ValueError(f"labels, logits, patients and rows differ in length: {sorted(sizes)}")

    @classmethod
    def of(
        cls,
        labels: npt.ArrayLike,
        logits: npt.ArrayLike,
        patients: npt.ArrayLike | Sequence[str] | None = None,
        finding: str = "",
        list_name: str = "",
    ) -> "Selection":
        """A Selection from arrays of length n; without ``patients`` each film is a patient of its own."""
        truth = np.asarray(labels).astype(bool)
        rows = np.arange(len(truth))
        owners = PatientCodes(rows, len(rows)) if patients is None else PatientCodes.of(patients)
        scores = np.asarray(logits, dtype=np.float32)
        return cls(finding, list_name, truth, scores, owners.codes, owners.count, rows)

    def where(self, mask: Bools) -> "Selection":
        """The films at which ``mask``, bool (n,), is True, with the same patient codes."""
        return replace(
            self,
            labels=self.labels[mask],
            logits=self.logits[mask],
            patients=self.patients[mask],
            rows=self.rows[mask],
        )

    @cached_property
    def descending(self) -> Descending:
        """The films from the highest logit down; sorted once for all numbers that need it."""
        return Descending.of(self.logits)

    @property
    def films(self) -> int:
        """How many films there are."""
        return len(self.labels)

    @property
    def positive_films(self) -> int:
        """How many films have the finding."""
        return int(np.count_nonzero(self.labels))

    @property
    def patients_with_films(self) -> int:
        """How many patients have a film here."""
        return int(np.count_nonzero(np.bincount(self.patients, minlength=1)))

    @property
    def positive_patients(self) -> int:
        """How many patients have at least one film with the finding."""
        return int(np.count_nonzero(np.bincount(self.patients[self.labels], minlength=1)))

    @property
    def negative_patients(self) -> int:
        """How many patients have at least one film without the finding."""
        return int(np.count_nonzero(np.bincount(self.patients[~self.labels], minlength=1)))

    def __repr__(self) -> str:
        return f"Selection({self.finding}, {self.list_name}, {self.films} films, {self.positive_films} positive)"
