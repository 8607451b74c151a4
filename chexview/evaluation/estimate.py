"""The Estimate: a number about a model with its interval, its counts, and a remark if one is needed.

House rule: a number about a model has its interval and its counts (films and patients) beside it. With fewer than 5
patients of a class there is no interval, with fewer than 20 there is a word of warning, and what cannot be computed
says why instead of showing a number.
"""

from dataclasses import dataclass
from enum import StrEnum

from chexview.evaluation.selection import Selection

PATIENTS_FOR_INTERVAL = 5
PATIENTS_FOR_TRUST = 20


class Remark(StrEnum):
    """What must be said of an estimate; the values are words for the user, "" if nothing need be said."""

    NONE = ""
    FEW = "few patients"
    TOO_FEW = "too few patients for an interval"
    NO_POSITIVE = "no film with the finding"
    NO_NEGATIVE = "no film without the finding"
    NO_FILM = "no film to count"
    SEPARATED = "perfectly separated, interval not computable"
    NO_SPREAD = "all resamples agree, interval not computable"
    UNSTABLE = "too many resamples lost a class, interval not computable"


@dataclass(frozen=True, slots=True)
class Estimate:
    """``value`` with its 95 % interval from ``low`` to ``high``; each is None if it cannot be had.

    ``films`` and ``patients`` count what the number is about; ``positive_films`` and ``positive_patients`` those among
    them with the finding or, where the number is a share of films, those that make the share up.
    """

    value: float | None
    low: float | None
    high: float | None
    films: int
    patients: int
    positive_films: int
    positive_patients: int
    remark: Remark = Remark.NONE

    @property
    def pale(self) -> bool:
        """Whether the number is to be shown pale: it has no interval."""
        return self.low is None


def about(
    selection: Selection,
    value: float | None,
    interval: tuple[float, float] | None = None,
    remark: Remark = Remark.NONE,
) -> Estimate:
    """An Estimate with the counts of a selection."""
    return Estimate(
        value,
        interval[0] if interval else None,
        interval[1] if interval else None,
        selection.films,
        selection.patients_with_films,
        selection.positive_films,
        selection.positive_patients,
        remark,
    )


def class_remark(selection: Selection) -> Remark:
    """What the number of patients with and without the finding makes it necessary to say."""
    if not selection.positive_films:
        return Remark.NO_POSITIVE
    if selection.positive_films == selection.films:
        return Remark.NO_NEGATIVE
    return patients_remark(min(selection.positive_patients, selection.negative_patients))


def patients_remark(patients: int) -> Remark:
    """The word for a number that rests on so many patients."""
    if patients < PATIENTS_FOR_INTERVAL:
        return Remark.TOO_FEW
    return Remark.FEW if patients < PATIENTS_FOR_TRUST else Remark.NONE
