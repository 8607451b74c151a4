"""A matrix at another prevalence: what a finding's flags mean where it is rarer, or commoner, than among these films.

Sensitivity and specificity stay, as long as films with the finding, and films without, look there as they look here; the
predictive values follow by Bayes, and a calibrated probability moves by the difference of the log-odds of the prevalences
(Saerens, Latinne and Decaestecker, Neural Computation 2002, 14:21).
"""

from dataclasses import dataclass

from scipy.special import logit

from chexview.calibration import Calibration
from chexview.evaluation.confusion import Confusion
from chexview.evaluation.estimate import Estimate

PEOPLE = 1_000
"""Natural frequencies are told of so many."""


@dataclass(frozen=True, slots=True)
class Frequencies:
    """Of ``people`` such patients, whole numbers that add up: with the finding ``ill``, flagged rightly, missed, flagged
    wrongly, correctly not flagged."""

    people: int
    ill: int
    flagged_rightly: int
    missed: int
    flagged_wrongly: int
    left_alone: int


@dataclass(frozen=True, slots=True)
class AtPrevalence:
    """A confusion matrix moved to ``prevalence``: predictive values (None if nobody would be flagged, or everybody), and
    natural frequencies."""

    prevalence: float
    ppv: float | None
    npv: float | None
    flagged: float
    frequencies: Frequencies


def moved(sensitivity: float, specificity: float, prevalence: float, people: int = PEOPLE) -> AtPrevalence:
    """What sensitivity and specificity, each 0 to 1, come to at a prevalence. Raises ValueError outside 0 to 1."""
    for share in (sensitivity, specificity, prevalence):
        if not 0 <= share <= 1:
            raise ValueError(f"a share lies from 0 to 1, not at {share}")
    right, wrong = sensitivity * prevalence, (1 - specificity) * (1 - prevalence)
    alone, missed = specificity * (1 - prevalence), (1 - sensitivity) * prevalence
    ill = round(people * prevalence)
    rightly, wrongly = round(sensitivity * ill), round((1 - specificity) * (people - ill))
    return AtPrevalence(
        prevalence,
        right / (right + wrong) if right + wrong else None,
        alone / (alone + missed) if alone + missed else None,
        right + wrong,
        Frequencies(people, ill, rightly, ill - rightly, wrongly, people - ill - wrongly),
    )


def matrix_at(found: Confusion, prevalence: float, people: int = PEOPLE) -> AtPrevalence | None:
    """A confusion matrix at another prevalence; None if one of its rows holds no film."""
    if found.sensitivity.value is None or found.specificity.value is None:
        return None
    return moved(found.sensitivity.value, found.specificity.value, prevalence, people)


def predictive_value(found: Confusion, prevalence: float, positive: bool = True) -> tuple[float, float] | None:
    """The range of the positive (or negative) predictive value while sensitivity and specificity run over their intervals.

    It contains the 95 % interval: both ends of both are taken at once. None if an interval is missing.
    """
    ends = [(rate.low, rate.high) for rate in (found.sensitivity, found.specificity)]
    if any(end is None for pair in ends for end in pair):
        return None
    values = []
    for sensitivity in ends[0]:
        for specificity in ends[1]:
            assert sensitivity is not None and specificity is not None
            at = moved(sensitivity, specificity, prevalence)
            value = at.ppv if positive else at.npv
            if value is not None:
                values.append(value)
    return (min(values), max(values)) if values else None


def recalibrated(calibration: Calibration, fitted_at: float, prevalence: float) -> Calibration:
    """A calibration fitted where ``fitted_at`` of the films had the finding, for films of which ``prevalence`` have it.

    Raises ValueError if either is not strictly between 0 and 1.
    """
    if not (0 < fitted_at < 1 and 0 < prevalence < 1):
        raise ValueError("a prevalence lies strictly between 0 and 1")
    shift = float(logit(prevalence) - logit(fitted_at))
    return Calibration(calibration.slope, calibration.intercept + shift)


def observed(rate: Estimate) -> float | None:
    """The prevalence among the films themselves: of those that an estimate counts."""
    return rate.positive_films / rate.films if rate.films else None
