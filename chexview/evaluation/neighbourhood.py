"""A film's neighbourhood: the validation films that the network finds most like it, what each truth says of them, and how
often such a neighbourhood is right."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePath

import numpy as np
import numpy.typing as npt

from chexview.errors import RunError
from chexview.evaluation.estimate import Estimate
from chexview.evaluation.examination import Truth
from chexview.evaluation.intervals import auroc_estimate
from chexview.evaluation.run import ValidationRun
from chexview.evaluation.selection import Selection
from chexview.evaluation.similarity import Embedding, Neighbours, nearest, neighbour_shares

NEIGHBOURS = 20
"""Films in a neighbourhood."""


@dataclass(frozen=True, slots=True)
class TruthCount:
    """Of a neighbourhood, the films that have a finding by one truth, among those ``known`` to it."""

    title: str
    with_it: int
    known: int


@dataclass(frozen=True, slots=True)
class NeighbourhoodWorth:
    """How often neighbourhoods are right, on the validation films themselves and by the run's own labels.

    ``neighbours`` is the AUROC of the share of a film's neighbours, of other patients, that have the finding; ``score`` that of
    the network's own output on the same films. Each film is left out of its own neighbourhood; the components that place it
    were found on all of these films together.
    """

    neighbours: Estimate
    score: Estimate


@lru_cache(maxsize=8)
def embedding_of(run: ValidationRun) -> Embedding | None:
    """The run's embedding, read once; None if it has none, or none that can be read."""
    try:
        return run.embedding()
    except RunError:
        return None


def row_of(run: ValidationRun, image: str) -> int | None:
    """The row of the run's table that is an image's, by its name without ending; None if there is none."""
    wanted = PurePath(image).stem
    return next((k for k, name in enumerate(run.table.column("image")) if PurePath(name).stem == wanted), None)


def neighbourhood(
    run: ValidationRun, features: npt.NDArray[np.float32] | None, row: int | None = None, count: int = NEIGHBOURS
) -> Neighbours | None:
    """The validation films nearest to a film, nearest first, without those of its own patient where that is known.

    ``features`` (C,) are what the run's own checkpoint made of it. ``row`` is the film's own in the run's table, None if it
    has none: its patient is left out, and a validation film's place is taken from the embedding. None if the run has no
    embedding, or nothing says where the film lies. Raises RunError if the features are not those of the run's checkpoint.
    """
    embedding = embedding_of(run)
    if embedding is None:
        return None
    stored = np.flatnonzero(embedding.rows == (-1 if row is None else row))
    if len(stored):
        vector = embedding.vectors[stored[0]]
    elif features is None:
        return None
    elif features.shape != embedding.mean.shape:
        raise RunError(f"The run {run.name} describes films otherwise than this checkpoint; validate it again.")
    else:
        vector = embedding.place(features[None])[0]
    codes = run.table.patient_codes
    left_out = np.zeros(len(embedding.rows), bool) if row is None else codes[embedding.rows] == codes[row]
    return nearest(embedding, vector, count, left_out)


def truth_counts(
    run: ValidationRun, rows: npt.NDArray[np.int64], finding: str, truths: Iterable[Truth]
) -> tuple[TruthCount, ...]:
    """What the run's labels and every truth that judges the finding say of the films in ``rows``; the run's own come first.

    A truth that knows none of these films is left out. Raises RunError if the run lacks the finding.
    """
    images = run.table.column("image")[rows]
    labels = {"": run.labels(finding)[rows]}
    labels |= {truth.title: truth.labels(finding, images) for truth in truths if truth.judges(finding)}
    counts = [
        TruthCount(title, int(np.count_nonzero(values == 1)), int(np.count_nonzero(values >= 0)))
        for title, values in labels.items()
    ]
    return tuple(item for item in counts if item.known or not item.title)


@lru_cache(maxsize=64)
def neighbourhood_worth(run: ValidationRun, finding: str, count: int = NEIGHBOURS) -> NeighbourhoodWorth | None:
    """How often neighbourhoods are right for a finding; None if the run has no embedding.

    Raises RunError if the run lacks the finding.
    """
    embedding = embedding_of(run)
    if embedding is None:
        return None
    rows = embedding.rows
    labels, codes = run.labels(finding)[rows], run.table.patient_codes[rows]
    shares = neighbour_shares(embedding, labels, codes, count)
    known = (labels >= 0) & np.isfinite(shares)
    names, patients = np.unique(codes[known], return_inverse=True)
    films = Selection(
        finding,
        "validation",
        labels[known] == 1,
        shares[known].astype(np.float32),
        patients.astype(np.int64),
        len(names),
        rows[known],
    )
    scored = Selection(
        finding, "validation", films.labels, run.logits(finding)[films.rows], films.patients, len(names), films.rows
    )
    return NeighbourhoodWorth(auroc_estimate(films), auroc_estimate(scored))
