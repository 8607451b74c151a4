"""Similar films: the network's own description of a film, made small, and the validation films that lie nearest to it.

A film's features are the means of the network's last feature maps. Their principal components on the validation films
(Jolliffe, "Principal Component Analysis", 2002) keep what tells those films apart in a few numbers, and the cosine between two
films' numbers says how alike the network finds them.
"""

import io
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chexview.errors import RunError

COMPONENTS = 48
"""Numbers a film is described by; more changed no neighbourhood to speak of."""

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Embedding:
    """``mean`` (C,) and ``components`` (D, C) take a film's features to D numbers; ``vectors`` (n, D), of length 1, are those of
    the films in ``rows`` (n,) of the run's table."""

    mean: Floats
    components: Floats
    vectors: Floats
    rows: Ints

    def place(self, features: npt.NDArray[np.floating]) -> Floats:
        """Features (N, C) as vectors (N, D) of length 1."""
        centred = np.asarray(features, np.float32) - self.mean
        return _unit(np.asarray(centred @ self.components.T, np.float32))

    def to_bytes(self) -> bytes:
        """As a compressed npz of half-precision numbers."""
        file = io.BytesIO()
        halves = {name: getattr(self, name).astype(np.float16) for name in ("mean", "components", "vectors")}
        np.savez_compressed(file, allow_pickle=False, rows=self.rows.astype(np.int32), **halves)
        return file.getvalue()


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """The rows of the run's table that lie nearest, nearest first, and the cosine of each, from -1 to 1."""

    rows: Ints
    similarity: Floats


def embed(features: npt.NDArray[np.floating], rows: npt.NDArray[np.integer], components: int = COMPONENTS) -> Embedding:
    """The embedding of films by their features (n, C), at ``rows`` (n,) of a run's table."""
    values = np.asarray(features, np.float64)
    mean = values.mean(0)
    axes = np.linalg.svd(values - mean, full_matrices=False)[2][:components]
    # a sign is free: the largest weight of each axis points up, so that a run comes out the same again
    axes *= np.sign(axes[np.arange(len(axes)), np.abs(axes).argmax(1)])[:, None]
    vectors = _unit(np.asarray((values - mean) @ axes.T, np.float32))
    return Embedding(mean.astype(np.float32), axes.astype(np.float32), vectors, np.asarray(rows, np.int64))


def from_bytes(data: bytes, films: int) -> Embedding:
    """What ``to_bytes`` wrote, of a run with ``films`` rows. Raises RunError if it is none."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as held:
            parts = {name: held[name].astype(np.float32) for name in ("mean", "components", "vectors")}
            rows = held["rows"].astype(np.int64)
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise RunError("embedding.npz of the run cannot be read; copy the run's folder again.") from error
    made = Embedding(**parts, rows=rows)
    sound = made.vectors.shape == (len(rows), len(made.components)) and made.components.shape[1:] == made.mean.shape
    if not sound or (len(rows) and not (rows.min() >= 0 and rows.max() < films)):
        raise RunError("embedding.npz of the run does not fit its films; copy the run's folder again.")
    return made


def nearest(embedding: Embedding, vector: Floats, count: int, left_out: npt.NDArray[np.bool_]) -> Neighbours:
    """The ``count`` films nearest to ``vector`` (D,), without those where ``left_out``, bool (n,), is True: a film's own
    patient."""
    similarity = np.where(left_out, -np.inf, embedding.vectors @ vector)
    order = np.argsort(-similarity, kind="stable")[: min(count, int((~left_out).sum()))]
    return Neighbours(embedding.rows[order], similarity[order].astype(np.float32))


def neighbour_shares(
    embedding: Embedding, labels: npt.NDArray[np.int8], patients: npt.NDArray[np.integer], count: int
) -> npt.NDArray[np.float64]:
    """For each film of the embedding the share of its ``count`` nearest films of other patients that have a finding, NaN where no
    neighbour's label is known: what a neighbourhood is worth, when set beside the film's own label.

    ``labels`` (n,), 1, 0 or -1 unknown, and ``patients`` (n,) are those of the embedding's films.
    """
    similarity = embedding.vectors @ embedding.vectors.T
    similarity[patients[:, None] == patients[None, :]] = -np.inf
    near = np.argsort(-similarity, axis=1, kind="stable")[:, :count]
    known = (labels[near] >= 0) & np.isfinite(np.take_along_axis(similarity, near, axis=1))
    total = known.sum(1)
    return np.where(total > 0, ((labels[near] == 1) & known).sum(1) / np.maximum(total, 1), np.nan)


def _unit(values: Floats) -> Floats:
    length = np.linalg.norm(values, axis=1, keepdims=True)
    return np.asarray(values / np.maximum(length, np.float32(1e-12)), np.float32)
