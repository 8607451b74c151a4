"""Calibration: whether probabilities mean what they say, and what became of films that scored alike.

The line itself is fitted in :mod:`chexview.evaluation.platt`. The expected calibration error is biased upwards, the
more so the fewer films; so it is shown with the band in which that of a perfectly calibrated model of the same scores
would fall.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from chexview.calibration import Calibration
from chexview.evaluation.curves import auroc
from chexview.evaluation.estimate import Estimate
from chexview.evaluation.intervals import share_estimate
from chexview.evaluation.platt import Fit, Unusable, fit_platt, newton
from chexview.evaluation.run import ValidationRun
from chexview.evaluation.selection import Bools, Ints, Selection
from chexview.evaluation.table import Split
from chexview.findings import COMPOSITES

__all__ = [
    "CalibrationError",
    "CalibrationSummary",
    "Fit",
    "ReliabilityBin",
    "SimilarFilms",
    "Unusable",
    "brier",
    "expected_calibration_error",
    "fit_platt",
    "log_loss",
    "reliability",
    "similar",
    "similar_films",
    "summarise",
]

ALIKE = 200
REACH = 0.5
"""Films scored alike lie at most so far apart in log-odds: about 38 to 62 % around one half, 0.6 to 1.6 % around 1 %."""
BINS = 10
FEW_BINS = 5
ERROR_BINS = 15
DRAWS = 400

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Films of alike probability, from ``low`` to ``high``: the mean ``predicted`` and the share ``observed``."""

    low: float
    high: float
    predicted: float
    observed: Estimate


@dataclass(frozen=True, slots=True)
class CalibrationError:
    """The expected calibration error, and the 95 % band of a perfectly calibrated model's on the same scores."""

    value: float
    null_low: float
    null_high: float


@dataclass(frozen=True, slots=True)
class CalibrationSummary:
    """Calibration of one finding on one list, in numbers.

    ``slope`` and ``intercept`` of the outcome's logistic regression on the log-odds are 1 and 0 if calibration is
    perfect, None if a class is missing or separated. ``prevalence`` is the share of films with the finding: an error
    is small or large beside it.
    """

    films: int
    positives: int
    prevalence: float
    brier: float
    log_loss: float
    error: CalibrationError
    slope: float | None
    intercept: float | None


@dataclass(frozen=True, slots=True)
class SimilarFilms:
    """What became of the films whose logits lie nearest to one: ``share`` of them had the finding.

    Their logits reach from ``low`` to ``high``, NaN where no film scored alike; ``beyond`` says that the logit asked for lies
    outside all that occur, ``among`` what kind of films they are, and ``line`` takes logits to log-odds.
    """

    finding: str
    among: str
    logit: float
    share: Estimate
    low: float
    high: float
    beyond: bool
    line: Calibration | None = None


def brier(labels: Bools, probabilities: Doubles) -> float:
    """The mean squared distance of probabilities (n,) from labels (n,) (Brier 1950, Monthly Weather Review 78:1)."""
    return float(np.mean((probabilities - labels) ** 2))


def log_loss(labels: Bools, log_odds: Doubles) -> float:
    """The mean negative log-likelihood in nats of labels (n,) under log-odds (n,), however large those are."""
    return float(np.mean(np.logaddexp(0.0, log_odds) - labels * log_odds))


def equal_mass(values: Doubles, bins: int) -> Ints:
    """The bin (n,) of each value: about as many in each, equal values never parted, bins without a value skipped.

    Log-odds are binned, not probabilities: those of far-off logits are all 0 or 1.
    """
    edges = np.quantile(values, np.linspace(0, 1, bins + 1)[1:-1])
    places = np.searchsorted(edges, values, side="left")
    return np.unique(places, return_inverse=True)[1].astype(np.int64)


def reliability(selection: Selection, calibration: Calibration, bins: int | None = None) -> tuple[ReliabilityBin, ...]:
    """The reliability curve in bins of equal mass: 10, or 5 where fewer than 10 films have the finding."""
    if not selection.films:
        return ()
    if bins is None:
        bins = BINS if selection.positive_films >= BINS else FEW_BINS
    predicted = calibration.probability(selection.logits)
    places = equal_mass(calibration.log_odds(selection.logits), bins)
    made = []
    for place in range(int(places.max()) + 1):
        inside = places == place
        observed = share_estimate(selection.labels[inside], selection.patients[inside])
        values = predicted[inside]
        made.append(ReliabilityBin(float(values.min()), float(values.max()), float(values.mean()), observed))
    return tuple(made)


def expected_calibration_error(
    labels: Bools, log_odds: Doubles, bins: int = ERROR_BINS, draws: int = DRAWS, seed: int = 0
) -> CalibrationError:
    """ECE in bins of equal mass of (n,) labels and log-odds, with its null band from ``draws`` of labels.

    The band draws each film's label from its own probability, with the bins fixed. Raises ValueError for no films.
    """
    if not len(labels):
        raise ValueError("the calibration error of no films is not defined")
    probabilities = np.asarray(expit(log_odds))
    places = equal_mass(log_odds, bins)
    count = int(places.max()) + 1
    expected = np.bincount(places, probabilities, minlength=count)
    observed = np.bincount(places, labels.astype(np.float64), minlength=count)
    value = float(np.abs(expected - observed).sum() / len(labels))
    generator = np.random.default_rng(seed)
    null = np.empty(draws)
    for draw in range(draws):
        drawn = generator.random(len(labels)) < probabilities
        null[draw] = np.abs(expected - np.bincount(places[drawn], minlength=count)).sum() / len(labels)
    low, high = np.quantile(null, [0.025, 0.975])
    return CalibrationError(value, float(low), float(high))


def summarise(selection: Selection, calibration: Calibration) -> CalibrationSummary:
    """Every number about the calibration of a selection. Raises ValueError for a selection without films."""
    odds, truth = calibration.log_odds(selection.logits), selection.labels
    probabilities = calibration.probability(selection.logits)
    slope, intercept = None, None
    if auroc(truth, selection.logits) not in (0.0, 1.0) and 0 < selection.positive_films < selection.films:
        slope, intercept = newton(odds, truth.astype(np.float64))
    return CalibrationSummary(
        films=selection.films,
        positives=selection.positive_films,
        prevalence=selection.positive_films / max(selection.films, 1),
        brier=brier(truth, probabilities),
        log_loss=log_loss(truth, odds),
        error=expected_calibration_error(truth, odds),
        slope=slope,
        intercept=intercept,
    )


def similar(
    selection: Selection, score: float, k: int = ALIKE, among: str = "films", line: Calibration | None = None
) -> SimilarFilms | None:
    """The k films whose logits lie nearest to ``score``, and any as far as the k-th; None if there are no films at all.

    None of them is farther than ``REACH`` in log-odds, which ``line`` gives (without it, in logits): towards the ends of the
    scale there are few films, or none, that scored alike.
    """
    if not selection.films:
        return None
    distance = np.abs(selection.logits.astype(np.float64) - score)
    reach = np.partition(distance, min(k, selection.films) - 1)[min(k, selection.films) - 1]
    near = (distance <= reach) & (distance * abs(line.slope if line is not None else 1.0) <= REACH)
    logits = selection.logits[near]
    low, high = (float(logits.min()), float(logits.max())) if near.any() else (float("nan"), float("nan"))
    beyond = bool(score < selection.logits.min() or score > selection.logits.max())
    share = share_estimate(selection.labels[near], selection.patients[near])
    return SimilarFilms(selection.finding, among, score, share, low, high, beyond, line)


def similar_films(run: ValidationRun, finding: str, score: float, k: int = ALIKE) -> SimilarFilms | None:
    """What became of a run's validation films (of all, if it has none) that scored about ``score`` for a finding.

    None if no such film has a known label. Raises RunError if the run lacks the finding.
    """
    line = run.meta.calibration.get(finding)
    if line is None and finding in run.composites and set(COMPOSITES[finding]) <= set(run.meta.calibration):
        line = Calibration(1.0, 0.0)
    selection = _validation(run, finding)
    if selection.list_name:
        return similar(selection, score, k, "validation films", line)
    return similar(selection, score, k, line=line)


@lru_cache(maxsize=64)
def _validation(run: ValidationRun, finding: str) -> Selection:
    """The run's validation films; all films, as a list without a name, if it has none."""
    validation = run.table.column("split") == Split.VALIDATION.value
    if validation.any():
        return run.select_where(finding, validation, Split.VALIDATION.value)
    return run.select_where(finding, np.ones(run.table.rows, dtype=bool), "")
