"""Resampling patients: AUROC and average precision of thousands of resamples, exactly, in a fraction of a second.

A resample of patients is a vector of how often each patient was drawn. Sort the films once, the highest logit first: between
two neighbouring logits of positive films only the number of negative films matters. So the sparse matrix ``gaps[k, p]``
counts the negative films of patient p in the k-th gap, and with the multiplicities of B resamples as the columns of W,

    alarms = cumulated sum of (gaps @ W), found = cumulated sum of (positives @ W)
    AUROC = sum over k of (positives @ W) * (negative films - alarms + half the ties @ W) / (positive films * negative films)
    average precision = sum over k of (positives @ W) * found / (found + alarms) / positive films

which equals the plain loop over scikit-learn's functions to float rounding: counts are whole or half numbers below 2**23,
exact in float32, and products, quotients and sums over k are made in float64.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy import sparse

from chexview.evaluation.selection import Selection

RESAMPLES = 1000
SEED = 20171
ROWS = 128
"""Distinct positive logits worked at once; measured best between 64 and 256, where what is made of them stays in the cache."""
DRAWN = 50
"""Resamples drawn before they are laid beside the others: a column at a time costs half as much again."""

Doubles = npt.NDArray[np.float64]
Weights = npt.NDArray[np.float32]


@lru_cache(maxsize=4)
def patient_weights(patients: int, resamples: int = RESAMPLES, seed: int = SEED) -> Weights:
    """How often each patient is drawn: float32 (patients, resamples), each column sums to ``patients``. Read-only.

    One matrix serves all findings, runs and subgroups of a list, so that all differences between them are paired.
    """
    generator = np.random.default_rng(seed)
    weights = np.empty((patients, resamples), np.float32)
    for start in range(0, resamples, DRAWN):
        drawn = [generator.integers(0, patients, patients) for _ in range(min(DRAWN, resamples - start))]
        weights[:, start : start + DRAWN] = np.stack([np.bincount(one, minlength=patients) for one in drawn]).T
    weights.flags.writeable = False
    return weights


@dataclass(frozen=True, slots=True, eq=False)
class Ranked:
    """A selection sorted once. The matrices have one row per distinct logit of positive films, falling.

    ``gaps`` holds the negative films at or over it and under the one before, in its last row those under all; ``ties`` half
    the negative films at it.
    """

    gaps: sparse.csr_array
    ties: sparse.csr_array
    positives: sparse.csr_array

    @classmethod
    def of(cls, selection: Selection) -> "Ranked":
        """Of a selection of P patients and G distinct positive logits: matrices (G + 1, P), (G, P) and (G, P)."""
        films = selection.descending
        truth, owners = selection.labels[films.order], selection.patients[films.order]
        sizes = np.diff(films.last, prepend=-1)
        has_positive = np.diff(np.cumsum(truth)[films.last], prepend=0) > 0
        before: npt.NDArray[np.int64] = np.cumsum(has_positive) - has_positive
        row = np.repeat(before, sizes)  # of each film: the distinct positive logits over its own
        tied = ~truth & np.repeat(has_positive, sizes)
        height, count = int(np.count_nonzero(has_positive)), selection.patient_count
        return cls(
            gaps=_counts(row[~truth], owners[~truth], height + 1, count, 1.0),
            ties=_counts(row[tied], owners[tied], height, count, 0.5),
            positives=_counts(row[truth], owners[truth], height, count, 1.0),
        )


def _counts(
    rows: npt.NDArray[np.int64], columns: npt.NDArray[np.int64], height: int, width: int, value: float
) -> sparse.csr_array:
    """The matrix that holds ``value`` as often as each (row, column) occurs; the rows rise."""
    starts = np.searchsorted(rows, np.arange(height + 1))
    return sparse.csr_array((np.full(len(rows), value, np.float32), columns, starts), shape=(height, width))


@dataclass(frozen=True, slots=True, eq=False)
class Replicates:
    """Of each of B resamples float64 (B,): the AUROC, not a number where it lost a class, and the average precision, not a
    number without a positive film; None if that was not asked for."""

    auroc: Doubles
    average_precision: Doubles | None


def replicates(ranked: Ranked, weights: Weights, with_precision: bool = True) -> Replicates:
    """Both areas of each resample, a column of ``weights`` (P, B), in one walk over the films."""
    resamples = weights.shape[1]
    found, alarms = np.zeros(resamples, np.float32), np.zeros(resamples, np.float32)
    lost, gained = np.zeros(resamples), np.zeros(resamples)
    height = ranked.positives.shape[0]
    for start in range(0, height, ROWS):
        rows = slice(start, min(start + ROWS, height))
        hits = _product(ranked.positives, rows, weights)
        above = _cumulated(_product(ranked.gaps, rows, weights), alarms)
        alarms = above[-1].copy()
        lost += _summed(hits, above)
        if ranked.ties.indptr[rows.start] < ranked.ties.indptr[rows.stop]:
            lost -= _summed(hits, _product(ranked.ties, rows, weights))
        if not with_precision:
            found += hits.sum(axis=0)
        else:
            over = _cumulated(hits.copy(), found)
            found = over[-1].copy()
            flagged = np.maximum(np.add(above, over, out=above), 1e-30, out=above)
            gained += _summed(hits, np.divide(over, flagged, dtype=np.float64))
    negatives = alarms.astype(np.float64) + _product(ranked.gaps, slice(height, height + 1), weights)[0]
    positives = found.astype(np.float64)
    pairs = positives * negatives
    areas, precisions = np.full(resamples, np.nan), np.full(resamples, np.nan)
    np.divide(pairs - lost, pairs, out=areas, where=pairs > 0)
    np.divide(gained, positives, out=precisions, where=positives > 0)
    return Replicates(areas, precisions if with_precision else None)


def _product(matrix: sparse.csr_array, rows: slice, weights: Weights) -> Weights:
    """Some rows (r, P) of a matrix times the weights: (r, B)."""
    first, end = matrix.indptr[rows.start], matrix.indptr[rows.stop]
    starts = matrix.indptr[rows.start : rows.stop + 1] - first
    shape = (rows.stop - rows.start, matrix.shape[1])
    part = sparse.csr_array((matrix.data[first:end], matrix.indices[first:end], starts), shape=shape)
    return np.asarray(part @ weights)


def _cumulated(table: Weights, before: Weights) -> Weights:
    """``table`` (r, B) cumulated down its columns in place, onto ``before`` (B,). Row by row: NumPy's own goes down each column."""
    table[0] += before
    for k in range(1, len(table)):
        np.add(table[k - 1], table[k], out=table[k])
    return table


def _summed(one: Weights, other: Weights | Doubles) -> Doubles:
    """The sums (B,) of the products of two tables (r, B), in float64."""
    return np.asarray(np.einsum("kb,kb->b", one, other, dtype=np.float64, casting="same_kind"))
