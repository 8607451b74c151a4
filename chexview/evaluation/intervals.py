"""95 % intervals that know that films come from patients.

For areas under curves: the logit scale, the standard error of the patient bootstrap, and Student's t with Kish's
effective number of patients less one for degrees of freedom. That last rule is this project's own heuristic, chosen
because percentile and film-level intervals were measured to cover 60 to 90 % where this covers 91 to 97 %.
For shares of films (sensitivity and the like): Wilson's interval (Wilson 1927, JASA 22:209) for the films divided by
the design effect of their patients (Rao & Scott 1992, Biometrics 48:577), with the same t.
"""

from functools import lru_cache
from math import sqrt
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit, ndtri, stdtrit

from chexview.evaluation.bootstrap import (
    RESAMPLES,
    SEED,
    Ranked,
    Replicates,
    patient_weights,
    replicates,
)
from chexview.evaluation.curves import area_under, average_precision_under, roc_of
from chexview.evaluation.estimate import Estimate, Remark, about, class_remark, patients_remark
from chexview.evaluation.selection import Bools, Ints, Selection

LOST = 0.05
"""Above this share of resamples without a value the interval is refused."""

Doubles = npt.NDArray[np.float64]


def kish(sizes: npt.NDArray[np.integer] | Doubles) -> float:
    """Kish's effective number of clusters of the given sizes, (sum m)^2 / sum m^2 (Kish 1965); 0 for no films."""
    squares = float(np.sum(np.asarray(sizes, dtype=np.float64) ** 2))
    return float(np.sum(sizes)) ** 2 / squares if squares else 0.0


def effective_patients(selection: Selection) -> float:
    """Kish's number of patients of the scarcer class."""
    positives = np.bincount(selection.patients[selection.labels], minlength=1)
    negatives = np.bincount(selection.patients[~selection.labels], minlength=1)
    return min(kish(positives), kish(negatives))


@lru_cache(maxsize=4096)
def t_quantile(degrees: float) -> float:
    """The two-sided 95 % quantile of Student's t; of the normal distribution for infinite degrees of freedom."""
    return float(stdtrit(degrees, 0.975)) if np.isfinite(degrees) else float(ndtri(0.975))


def logit_interval(value: float, standard_error: float, degrees: float) -> tuple[float, float] | None:
    """The interval of a value strictly between 0 and 1, symmetric on the logit scale; None if there is none."""
    if not 0 < value < 1 or not standard_error > 0 or not degrees > 0:
        return None
    half = t_quantile(degrees) * standard_error / (value * (1 - value))
    return float(expit(logit(value) - half)), float(expit(logit(value) + half))


def auroc_estimate(selection: Selection, resamples: int = RESAMPLES, seed: int = SEED) -> Estimate:
    """The AUROC of a selection with its interval. The class that is missing, or separation, is said by the remark."""
    return auroc_from(selection, replicated_auroc(selection, resamples, seed) if has_interval(selection) else None)


def has_interval(selection: Selection) -> bool:
    """Whether both classes have the patients that an interval needs."""
    return class_remark(selection) in (Remark.NONE, Remark.FEW)


def replicated_auroc(
    selection: Selection, resamples: int = RESAMPLES, seed: int = SEED, with_precision: bool = False
) -> Doubles:
    """The AUROCs (resamples,) of the resamples of the list's patients, the same for all its findings. Read-only.

    ``with_precision`` makes the average precisions as well, for whoever asks for them next: one walk costs less than two.
    """
    return _replicated(selection, resamples, seed, with_precision).auroc


_kept: WeakKeyDictionary[Selection, dict[tuple[int, int], Replicates]] = WeakKeyDictionary()
"""A finding's own intervals and that of the mean are made of the same replicates, kept as long as the selection."""


def _replicated(selection: Selection, resamples: int, seed: int, with_precision: bool) -> Replicates:
    kept = _kept.setdefault(selection, {})
    found = kept.get((resamples, seed))
    if found is None or (with_precision and found.average_precision is None):
        weights = patient_weights(selection.patient_count, resamples, seed)
        found = kept[resamples, seed] = replicates(Ranked.of(selection), weights, with_precision)
        for values in (found.auroc, found.average_precision):
            if values is not None:
                values.flags.writeable = False
    return found


def auroc_from(selection: Selection, areas: Doubles | None) -> Estimate:
    """The AUROC of a selection, its interval made from ``areas`` of resamples that are there already (None if it has none)."""
    area = area_under(roc_of(selection))
    remark = class_remark(selection)
    if remark in (Remark.NO_POSITIVE, Remark.NO_NEGATIVE):
        return about(selection, None, None, remark)
    if remark is Remark.TOO_FEW or areas is None:
        return about(selection, area, None, remark)
    return _bootstrapped(selection, area, areas, remark)


def average_precision_estimate(selection: Selection, resamples: int = RESAMPLES, seed: int = SEED) -> Estimate:
    """The average precision of a selection with its interval; to be read beside the share of films with the finding."""
    area = average_precision_under(roc_of(selection))
    remark = class_remark(selection)
    if remark in (Remark.NO_POSITIVE, Remark.NO_NEGATIVE):
        return about(selection, None, None, remark)
    if remark is Remark.TOO_FEW:
        return about(selection, area, None, remark)
    precisions = _replicated(selection, resamples, seed, with_precision=True).average_precision
    assert precisions is not None
    return _bootstrapped(selection, area, precisions, remark)


def _bootstrapped(selection: Selection, value: float, areas: Doubles, remark: Remark) -> Estimate:
    if value in (0.0, 1.0):
        return about(selection, value, None, Remark.SEPARATED)
    known = areas[np.isfinite(areas)]
    if len(known) < (1 - LOST) * len(areas):
        return about(selection, value, None, Remark.UNSTABLE)
    interval = logit_interval(value, float(known.std(ddof=1)), effective_patients(selection) - 1)
    return about(selection, value, interval, remark if interval else Remark.NO_SPREAD)


def design_effect(hits: Bools, patients: Ints) -> float:
    """How many times larger than that of independent films the variance of a share of films is; at least 1.

    ``hits`` bool (n,), at least one, and the films' ``patients`` int64 (n,), codes from 0. Where the share is 0 or 1 the films do
    not tell how alike those of a patient are; then they count as if they were all alike (films / Kish's number of
    patients).
    """
    films, share = len(hits), float(np.mean(hits))
    sizes = np.bincount(patients)
    there = sizes > 0
    sizes = sizes[there]
    if share in (0.0, 1.0) or len(sizes) < 2:
        return films / kish(sizes)
    gaps = np.bincount(patients, hits.astype(np.float64))[there] - share * sizes
    clustered = len(sizes) / (len(sizes) - 1) * float(gaps @ gaps) / films**2
    return max(1.0, clustered / (share * (1 - share) / films))


def wilson(share: float, films: float, degrees: float = float("inf")) -> tuple[float, float]:
    """Wilson's interval for a share of ``films`` (which may be an effective number above 0), with Student's t."""
    z = t_quantile(degrees)
    centre = (share + z * z / (2 * films)) / (1 + z * z / films)
    half = z / (1 + z * z / films) * sqrt(share * (1 - share) / films + z * z / (4 * films * films))
    return max(0.0, centre - half), min(1.0, centre + half)


def share_estimate(hits: Bools, patients: Ints) -> Estimate:
    """The share of films at which ``hits`` is True, with Wilson's interval for clustered films.

    ``hits`` bool (n,), ``patients`` int64 (n,). The patients that count for the remark are those of all n films.
    """
    films = len(hits)
    if not films:
        return Estimate(None, None, None, 0, 0, 0, 0, Remark.NO_FILM)
    sizes = np.bincount(patients)
    owners = int(np.count_nonzero(sizes))
    hit_films = int(np.count_nonzero(hits))
    hit_patients = int(np.count_nonzero(np.bincount(patients[hits], minlength=1)))
    remark = patients_remark(owners)
    interval: tuple[float, float] | None = None
    if remark is not Remark.TOO_FEW:
        interval = wilson(hit_films / films, films / design_effect(hits, patients), kish(sizes) - 1)
    low, high = interval or (None, None)
    return Estimate(hit_films / films, low, high, films, owners, hit_films, hit_patients, remark)
