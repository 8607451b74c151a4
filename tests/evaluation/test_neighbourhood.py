"""Neighbourhoods: planted groups of films vote as their labels say, each truth for itself, and their worth is scikit-learn's."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score
from sklearn.metrics.pairwise import cosine_similarity

from chexview.errors import RunError
from chexview.evaluation.neighbourhood import neighbourhood, neighbourhood_worth, row_of, truth_counts
from chexview.evaluation.run import ValidationRun
from chexview.evaluation.run_schema import RunMetadata
from chexview.evaluation.run_writing import write_run
from chexview.evaluation.similarity import embed

FILMS, CHANNELS = 120, 32
VALIDATION = np.arange(FILMS) % 3 != 0


class Reader:
    """A truth that saw the first 60 films and contradicts every label."""

    name, title, digest = "reader", "One reader", "0" * 64

    def __init__(self, run: ValidationRun) -> None:
        self.run = run

    def judges(self, finding: str) -> bool:
        """Of nodules alone."""
        return finding == "Nodule"

    def labels(self, finding: str, images: npt.NDArray[np.object_]) -> npt.NDArray[np.int8]:
        """The other way round, on the films it saw."""
        rows = np.array([row_of(self.run, image) for image in images])
        return np.where(rows < 60, 1 - self.run.labels(finding)[rows], -1).astype(np.int8)


@pytest.fixture
def features() -> npt.NDArray[np.float32]:
    """Films of four groups, so far apart that neighbours are of one group."""
    generator = np.random.default_rng(3)
    centres = 6 * generator.normal(size=(4, CHANNELS))
    return (centres[np.arange(FILMS) % 4] + generator.normal(size=(FILMS, CHANNELS))).astype(np.float32)


@pytest.fixture
def grouped(features: npt.NDArray[np.float32], meta: RunMetadata, frame: pd.DataFrame, tmp_path: Path) -> ValidationRun:
    """A run whose films of group 1 have nodules, but for one in ten; two films a patient on the validation side."""
    generator = np.random.default_rng(4)
    group = np.arange(FILMS) % 4
    order = np.cumsum(VALIDATION) - 1
    nodule = (group == 1) ^ (generator.random(FILMS) < 0.1)
    table = pd.DataFrame(
        {
            "image": [f"{k:08d}_000.png" for k in range(FILMS)],
            "patient": [f"v{order[k] // 2}" if VALIDATION[k] else f"t{k}" for k in range(FILMS)],
            "sex": "",
            "age": np.int16(-1),
            "view": "PA",
            "split": np.where(VALIDATION, "validation", "test"),
            "list__test": ~VALIDATION,
            "label__Nodule": nodule.astype(np.int8),
            "logit__Nodule": generator.normal(size=FILMS).astype(np.float32),
        }
    )
    plain = RunMetadata(
        title="Grouped",
        checkpoint=meta.checkpoint,
        data_set="Planted",
        attribution="nobody",
        split_hash="ab" * 32,
        lists=tuple(item.__class__("test", "Test", "All.") for item in meta.lists[:1]),
        made=meta.made,
    )
    rows = np.flatnonzero(VALIDATION)
    return write_run(tmp_path / "grouped", plain, table, embedding=embed(features[rows], rows, 8))


def test_neighbours_are_validation_films_of_the_same_group_and_other_patients(
    grouped: ValidationRun, features: npt.NDArray[np.float32]
) -> None:
    for row in (0, 9, 30):  # test films: where they lie, their features say
        found = neighbourhood(grouped, features[row], row, 10)
        assert found is not None
        assert (found.rows % 4 == row % 4).all() and VALIDATION[found.rows].all()
    codes = grouped.table.patient_codes
    for row in (1, 2, 40):  # validation films: their place is stored
        found = neighbourhood(grouped, None, row, 10)
        assert found is not None and row not in found.rows
        assert (codes[found.rows] != codes[row]).all()
    alone = neighbourhood(grouped, features[1], None, 10)
    assert alone is not None and alone.rows[0] == 1  # nobody knows that it is the same film


def test_nothing_is_found_by_the_wrong_features_or_without_any(
    grouped: ValidationRun, run: ValidationRun, features: npt.NDArray[np.float32]
) -> None:
    assert neighbourhood(run, features[0]) is None and neighbourhood_worth(run, run.findings[0]) is None
    assert neighbourhood(grouped, None, 0) is None
    with pytest.raises(RunError, match="otherwise than this checkpoint"):
        neighbourhood(grouped, features[0, :5])


def test_every_truth_counts_the_films_it_knows(grouped: ValidationRun) -> None:
    rows = np.array([1, 5, 13, 61, 65, 70])
    own, reader = truth_counts(grouped, rows, "Nodule", [Reader(grouped)])
    labels = grouped.labels("Nodule")[rows]
    assert (own.title, own.known, own.with_it) == ("", 6, labels.sum())
    assert (reader.title, reader.known, reader.with_it) == ("One reader", 3, 3 - labels[:3].sum())
    assert len(truth_counts(grouped, rows[3:], "Nodule", [Reader(grouped)])) == 1


def test_the_worth_is_scikit_learns(grouped: ValidationRun) -> None:
    embedding = grouped.embedding()
    assert embedding is not None
    codes, labels = grouped.table.patient_codes[embedding.rows], grouped.labels("Nodule")[embedding.rows]
    alike = cosine_similarity(embedding.vectors)
    alike[codes[:, None] == codes[None]] = -2
    shares = [labels[np.argsort(-row, kind="stable")[:10]].mean() for row in alike]
    worth = neighbourhood_worth(grouped, "Nodule", 10)
    assert worth is not None and worth.neighbours.value == pytest.approx(roc_auc_score(labels, shares), abs=1e-9)
    assert worth.neighbours.low is not None and worth.neighbours.low < worth.neighbours.value
    scores = grouped.logits("Nodule")[embedding.rows]
    assert worth.score.value == pytest.approx(roc_auc_score(labels, scores), abs=1e-9)
    assert worth.neighbours.films == VALIDATION.sum()


def test_a_film_is_known_by_its_name_without_ending(grouped: ValidationRun) -> None:
    assert row_of(grouped, "folder/00000007_000.dcm") == 7
    assert row_of(grouped, "00000007_001.png") is None
