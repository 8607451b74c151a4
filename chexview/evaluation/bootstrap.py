"""Resampling patients: AUROC and average precision of thousands of resamples, exactly, in a fraction of a second.

A resample of patients is a vector of how often each patient was drawn. Sort the films once: between two neighbouring
logits of positive films only the number of negative films matters. So the sparse matrix ``gaps[k, p]`` counts the
negative films of patient p in the k-th gap, and with the multiplicities of B resamples as the columns of W,

    below = cumulated sum of (gaps @ W) + half the ties @ W
    AUROC = sum over k of (positives @ W) * below / (positive films * negative films)

which equals the plain loop over ``roc_auc_score`` to float rounding: partial counts are whole or half numbers below
2**23, exact in float32, and only the last sum is done in float64.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy import sparse

from chexview.evaluation.selection import Selection

RESAMPLES = 1000
SEED = 20171
BLOCK = 125
"""Resamples worked at once; measured best between 64 and 125, where a block stays in the cache."""

Doubles = npt.NDArray[np.float64]
Weights = npt.NDArray[np.float32]


@lru_cache(maxsize=4)
def patient_weights(patients: int, resamples: int = RESAMPLES, seed: int = SEED) -> Weights:
    """How often each patient is drawn: float32 (patients, resamples), each column sums to ``patients``. Read-only.

    One matrix serves all findings, runs and subgroups of a list, so that all differences between them are paired.
    """
    generator = np.random.default_rng(seed)
    weights = np.empty((patients, resamples), np.float32)
    for b in range(resamples):
        weights[:, b] = np.bincount(generator.integers(0, patients, patients), minlength=patients)
    weights.flags.writeable = False
    return weights


@dataclass(frozen=True, slots=True, eq=False)
class Ranked:
    """A selection sorted once. The matrices have one row per distinct logit of positive films, rising."""

    gaps: sparse.csr_array
    ties: sparse.csr_array | None
    positives: sparse.csr_array

    @classmethod
    def of(cls, selection: Selection) -> "Ranked":
        """Sorts a selection of P patients and G distinct positive logits: matrices (G + 1, P), (G, P) and (G, P)."""
        truth, count = selection.labels, selection.patient_count
        distinct, place = np.unique(selection.logits[truth], return_inverse=True)
        scores, owners = selection.logits[~truth], selection.patients[~truth]
        low = np.searchsorted(distinct, scores, "left")
        high = np.searchsorted(distinct, scores, "right")
        tied = low < high
        height = len(distinct)
        return cls(
            gaps=_counts(high, owners, height + 1, count, 1.0),
            ties=_counts(low[tied], owners[tied], height, count, 0.5) if tied.any() else None,
            positives=_counts(place, selection.patients[truth], height, count, 1.0),
        )


def _counts(
    rows: npt.NDArray[np.int64], columns: npt.NDArray[np.int64], height: int, width: int, value: float
) -> sparse.csr_array:
    """The matrix that holds ``value`` times how often each (row, column) occurs."""
    values = np.full(len(rows), value, np.float32)
    return sparse.coo_array((values, (rows, columns)), shape=(height, width)).tocsr()


def auroc_replicates(ranked: Ranked, weights: Weights) -> Doubles:
    """The AUROC (B,) of each resample, a column of ``weights`` (P, B); not a number where it lost a class."""
    result = np.full(weights.shape[1], np.nan)
    for start in range(0, weights.shape[1], BLOCK):
        part = np.ascontiguousarray(weights[:, start : start + BLOCK])
        below, hits, negatives = _block(ranked, part)
        if ranked.ties is not None:
            below = below + ranked.ties @ part
        won = np.einsum("kb,kb->b", hits, below, dtype=np.float64, casting="same_kind")
        pairs = hits.sum(axis=0, dtype=np.float64) * negatives
        np.divide(won, pairs, out=result[start : start + BLOCK], where=pairs > 0)
    return result


def average_precision_replicates(ranked: Ranked, weights: Weights) -> Doubles:
    """The average precision (B,) of each resample, as scikit-learn defines it; not a number without a positive film."""
    result = np.full(weights.shape[1], np.nan)
    for start in range(0, weights.shape[1], BLOCK):
        part = np.ascontiguousarray(weights[:, start : start + BLOCK])
        below, hits, negatives = _block(ranked, part)
        found = np.cumsum(hits[::-1], axis=0, dtype=np.float64)[::-1]
        alarms = negatives - below
        precision = found / np.maximum(found + alarms, 1e-30)
        total = hits.sum(axis=0, dtype=np.float64)
        gained = np.einsum("kb,kb->b", hits.astype(np.float64), precision)
        np.divide(gained, total, out=result[start : start + BLOCK], where=total > 0)
    return result


def _block(ranked: Ranked, weights: Weights) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32], Doubles]:
    """Negative films strictly below each positive logit (G, b), positive films at it (G, b), negative films (b,)."""
    cumulated = np.cumsum(ranked.gaps @ weights, axis=0)
    return cumulated[:-1], np.asarray(ranked.positives @ weights), cumulated[-1].astype(np.float64)
