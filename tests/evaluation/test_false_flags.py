"""Flags a film, counted by hand on planted labels and logits."""

from dataclasses import dataclass

import numpy as np
import pytest

from chexview.evaluation.false_flags import FalseFlags, false_flags


@dataclass(frozen=True)
class Table:
    columns: dict[str, np.ndarray]

    def column(self, name: str) -> np.ndarray:
        return self.columns[name]


@dataclass(frozen=True)
class Run:
    """Six findings on four films, of which the last is a test film and one has an unknown label."""

    findings: tuple[str, ...]
    table: Table

    def labels(self, name: str) -> np.ndarray:
        return np.array([1, 0, -1 if name == "F5" else 0, 0])

    def logits(self, name: str) -> np.ndarray:
        return np.array([2.0, 2.0 if name in ("F0", "F1") else -2.0, 2.0, 2.0], np.float32)


RUN = Run(
    tuple(f"F{k}" for k in range(6)),
    Table({"split": np.array(["validation"] * 3 + ["test"]), "patient": np.array(["a", "b", "b", "c"])}),
)


def test_flags_without_the_finding_are_counted_film_by_film() -> None:
    thresholds = dict.fromkeys(RUN.findings, 1.0)
    found = false_flags(RUN, thresholds)  # type: ignore[arg-type]
    assert found == FalseFlags(films=2, patients=2, mean_false=1.0, with_many=1)
    fewer = false_flags(RUN, {"F0": 1.0, "F1": 3.0})  # type: ignore[arg-type]
    assert fewer is not None and fewer.films == 3 and fewer.mean_false == pytest.approx(2 / 3) and not fewer.with_many


def test_without_thresholds_there_is_nothing_to_count() -> None:
    assert false_flags(RUN, {}) is None  # type: ignore[arg-type]
