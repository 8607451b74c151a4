"""Several readers, two or more ways of reading, the same cases: is the reader-averaged accuracy different?

Obuchowski and Rockette's analysis (Communications in Statistics 1995, 24:285) with the degrees of freedom of Hillis (Statistics in
Medicine 2007, 26:596). With jackknifed covariances it equals Dorfman, Berbaum and Metz's of pseudo-values (Investigative Radiology
1992, 27:723), as Hillis et al. showed (Statistics in Medicine 2005, 24:1579). Covariances are by patient: the jackknife leaves out
one patient with all films; Obuchowski's clustered covariances of AUROCs (Biometrics 1997, 53:567) are unbiased.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
from scipy import stats

from chexview.evaluation.curves import auroc
from chexview.evaluation.delong import cluster_covariance
from chexview.evaluation.selection import Selection

Doubles = npt.NDArray[np.float64]


class Generalises(StrEnum):
    """To whom a result carries over; the values are words for the user."""

    READERS_AND_CASES = "other readers and other cases"
    CASES = "the same readers, other cases"
    READERS = "other readers, the same cases"


class Covariances(StrEnum):
    """How the covariances of the areas are estimated."""

    JACKKNIFE = "jackknife"
    UNBIASED = "unbiased"


@dataclass(frozen=True, slots=True, eq=False)
class Ratings:
    """``ratings`` (treatments, readers, cases), ``labels`` bool (cases,), ``patients`` int64 (cases,) codes from 0."""

    ratings: Doubles
    labels: npt.NDArray[np.bool_]
    patients: npt.NDArray[np.int64]

    @classmethod
    def of(cls, ratings: npt.ArrayLike, labels: npt.ArrayLike, patients: npt.ArrayLike | None = None) -> "Ratings":
        """From arrays; without ``patients`` each case is a patient of its own. Raises ValueError if shapes differ."""
        table, truth = np.asarray(ratings, np.float64), np.asarray(labels, bool)
        if table.ndim != 3 or table.shape[2] != len(truth) or not np.isfinite(table).all():
            raise ValueError("ratings must be finite numbers of treatments, readers and cases, all read by all")
        codes = np.arange(len(truth)) if patients is None else np.unique(np.asarray(patients), return_inverse=True)[1]
        return cls(table, truth, codes.astype(np.int64))


@dataclass(frozen=True, slots=True)
class DifferenceTest:
    """A test of no difference between treatments: the statistic, its degrees of freedom (``df2`` None: chi-square) and p."""

    generalises: Generalises
    statistic: float
    df1: float
    df2: float | None
    p: float


@dataclass(frozen=True, slots=True)
class Difference:
    """The reader-averaged difference of the first two treatments (first less second) with its 95 % interval."""

    generalises: Generalises
    value: float
    standard_error: float
    degrees: float
    low: float
    high: float

    def lower_bound(self, confidence: float = 0.95) -> float:
        """The one-sided lower bound: the difference is at least this with the confidence given."""
        return self.value - float(stats.t.ppf(confidence, self.degrees)) * self.standard_error

    def non_inferior(self, margin: float, confidence: float = 0.95) -> bool:
        """Whether the first treatment is not worse than the second by ``margin`` (above 0) or more."""
        if not margin > 0:
            raise ValueError("a margin of non-inferiority is above 0")
        return self.lower_bound(confidence) > -margin


@dataclass(frozen=True, slots=True, eq=False)
class MultiReader:
    """Everything of the analysis; ``areas`` is float64 (treatments, readers)."""

    areas: Doubles
    error_variance: float
    covariance_1: float
    covariance_2: float
    covariance_3: float
    ms_treatment: float
    ms_reader: float
    ms_interaction: float
    tests: dict[Generalises, DifferenceTest]
    differences: dict[Generalises, Difference]


def analyse(data: Ratings, covariances: Covariances = Covariances.JACKKNIFE) -> MultiReader:
    """The analysis of fully crossed ratings. Raises ValueError for fewer than two treatments or readers, or one class only."""
    treatments, readers, _ = data.ratings.shape
    if treatments < 2 or readers < 2 or not 0 < data.labels.sum() < len(data.labels):
        raise ValueError("at least two treatments, two readers and cases of both classes are needed")
    areas = _areas(data)
    matrix = _jackknifed(data) if covariances is Covariances.JACKKNIFE else _unbiased(data)
    variance, c1, c2, c3 = _averaged(matrix, treatments, readers)
    ms_t = readers * float(np.var(areas.mean(axis=1), ddof=1))
    ms_r = treatments * float(np.var(areas.mean(axis=0), ddof=1))
    rest = areas - areas.mean(axis=1, keepdims=True) - areas.mean(axis=0, keepdims=True) + areas.mean()
    ms_tr = float(np.sum(rest**2)) / ((treatments - 1) * (readers - 1))
    shared = max(c2 - c3, 0.0)
    t1, inner = treatments - 1, (treatments - 1) * (readers - 1)
    random = ms_tr + readers * shared
    df2 = random**2 / (ms_tr**2 / inner) if ms_tr > 0 else float("inf")
    fixed = variance - c1 + (readers - 1) * shared
    both, cases, who = Generalises
    tests = {
        both: DifferenceTest(both, ms_t / random, t1, df2, float(stats.f.sf(ms_t / random, t1, df2))),
        cases: DifferenceTest(cases, t1 * ms_t / fixed, t1, None, float(stats.chi2.sf(t1 * ms_t / fixed, t1))),
        who: DifferenceTest(who, ms_t / ms_tr, t1, inner, float(stats.f.sf(ms_t / ms_tr, t1, inner))),
    }
    gap = float(areas[0].mean() - areas[1].mean())
    differences = {
        both: _difference(both, gap, 2 * random / readers, df2),
        cases: _difference(cases, gap, 2 * fixed / readers, float("inf")),
        who: _difference(who, gap, 2 * ms_tr / readers, inner),
    }
    return MultiReader(areas, variance, c1, c2, c3, ms_t, ms_r, ms_tr, tests, differences)


def model_against_readers(
    data: Ratings, model: npt.ArrayLike, covariances: Covariances = Covariances.JACKKNIFE
) -> Difference:
    """A model's area less the mean of the readers', for other readers and other cases.

    ``data`` has one treatment: the readers' ratings (yes and no as 1 and 0 give each reader's mean of sensitivity and
    specificity). Readers are random, the model is one (Hillis et al. 2005, for a single treatment of differences).
    """
    readers = data.ratings.shape[1]
    if data.ratings.shape[0] != 1 or readers < 2:
        raise ValueError("one treatment and at least two readers are needed")
    scores = np.asarray(model, np.float64)[None, :]
    together = Ratings(np.concatenate([data.ratings, scores[None]], axis=1), data.labels, data.patients)
    areas = _areas(together)[0]
    matrix = _jackknifed(together) if covariances is Covariances.JACKKNIFE else _unbiased(together)
    gaps = areas[-1] - areas[:-1]
    contrast = np.hstack([-np.eye(readers), np.ones((readers, 1))])
    of_gaps = contrast @ matrix @ contrast.T
    shared = max(float((of_gaps.sum() - np.trace(of_gaps)) / (readers * (readers - 1))), 0.0)
    spread = float(np.var(gaps, ddof=1))
    total = spread + readers * shared
    degrees = total**2 / (spread**2 / (readers - 1)) if spread > 0 else float("inf")
    return _difference(Generalises.READERS_AND_CASES, float(gaps.mean()), total / readers, degrees)


def _areas(data: Ratings) -> Doubles:
    return np.array([[auroc(data.labels, ratings) for ratings in reader] for reader in data.ratings])


def _jackknifed(data: Ratings) -> Doubles:
    """Covariances of all areas, treatments outside readers: (n - 1) / n times the sum of squares over patients left out."""
    count = int(data.patients.max()) + 1
    left_out = []
    for patient in range(count):
        kept = data.patients != patient
        part = Ratings(data.ratings[:, :, kept], data.labels[kept], data.patients[kept])
        left_out.append(_areas(part).ravel())
    gaps = np.array(left_out) - np.mean(left_out, axis=0)
    return np.asarray((count - 1) / count * gaps.T @ gaps)


def _unbiased(data: Ratings) -> Doubles:
    flat = data.ratings.reshape(-1, data.ratings.shape[2])
    count = int(data.patients.max()) + 1
    rows = np.arange(len(data.labels))
    chosen = [
        Selection("", "", data.labels, np.asarray(ratings, np.float32), data.patients, count, rows) for ratings in flat
    ]
    matrix = np.empty((len(flat), len(flat)))
    for a, one in enumerate(chosen):
        for b, other in enumerate(chosen[: a + 1]):
            matrix[a, b] = matrix[b, a] = cluster_covariance(one, other)
    return matrix


def _averaged(matrix: Doubles, treatments: int, readers: int) -> tuple[float, float, float, float]:
    """The mean variance, and the mean covariances: same reader, same treatment, neither."""
    treatment, reader = np.divmod(np.arange(treatments * readers), readers)
    same_t, same_r = treatment[:, None] == treatment, reader[:, None] == reader
    return (
        float(matrix[same_t & same_r].mean()),
        float(matrix[~same_t & same_r].mean()),
        float(matrix[same_t & ~same_r].mean()),
        float(matrix[~same_t & ~same_r].mean()),
    )


def _difference(generalises: Generalises, value: float, variance: float, degrees: float) -> Difference:
    error = float(np.sqrt(variance))
    half = float(stats.t.ppf(0.975, degrees) if np.isfinite(degrees) else stats.norm.ppf(0.975)) * error
    return Difference(generalises, value, error, degrees, value - half, value + half)
