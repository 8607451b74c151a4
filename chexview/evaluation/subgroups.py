"""Subgroups by sex, age and view: how well films are ranked within each, and what the common threshold does to each.

An AUROC compares films within its group only; at one threshold for all, groups can still differ in how many of their findings
are found (Hardt, Price and Srebro, NeurIPS 2016: equal opportunity) and in how many of their other films are flagged. Gaps take
their intervals from the same resamples of patients in both groups, as some patients have films in both: of NIH's 2,797 test
patients, 1,038 have PA and AP films.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from chexview.evaluation.bootstrap import RESAMPLES, SEED, patient_weights
from chexview.evaluation.estimate import PATIENTS_FOR_INTERVAL, Estimate
from chexview.evaluation.intervals import LOST, auroc_estimate, has_interval, replicated_auroc, share_estimate
from chexview.evaluation.run import ValidationRun
from chexview.evaluation.selection import Bools, Selection

AGE_BANDS = ((0, 17), (18, 39), (40, 59), (60, 74), (75, 120))
UNKNOWN = "unknown"


class Trait(StrEnum):
    """What films are grouped by."""

    SEX = "sex"
    AGE = "age"
    VIEW = "view"


@dataclass(frozen=True, slots=True)
class Subgroup:
    """One group's films of a finding: AUROC, and sensitivity and specificity at the threshold that all groups share."""

    name: str
    films: int
    patients: int
    positive_films: int
    positive_patients: int
    auroc: Estimate
    sensitivity: Estimate
    specificity: Estimate


@dataclass(frozen=True, slots=True)
class Gap:
    """``first - second`` of one measure with its 95 % interval (None: too few patients in one of them)."""

    first: str
    second: str
    measure: str
    value: float | None
    low: float | None
    high: float | None


def groups(run: ValidationRun, trait: Trait) -> dict[str, Bools]:
    """The films (rows,) of each group in its order; films whose trait is not known are a group of their own, the last."""
    values = run.table.column(trait.value)
    if trait is Trait.AGE:
        named = {
            f"{low} to {high} years" if high < AGE_BANDS[-1][1] else f"{low} years and over": (values >= low)
            & (values <= high)
            for low, high in AGE_BANDS
        }
    else:
        words: Mapping[str, str] = {"F": "women", "M": "men"} if trait is Trait.SEX else {"PA": "PA", "AP": "AP"}
        named = {word: np.asarray(values == value) for value, word in words.items()}
    known = np.logical_or.reduce(list(named.values()))
    return {name: mask for name, mask in (*named.items(), (UNKNOWN, ~known)) if mask.any()}


def subgroups(selection: Selection, masks: Mapping[str, Bools], threshold: float | None) -> tuple[Subgroup, ...]:
    """Each group of a selection; ``masks`` are over the run's rows. Without ``threshold`` nobody is flagged."""
    cut = np.float32(np.inf if threshold is None else threshold)
    parted = []
    for name, mask in masks.items():
        part = selection.where(mask[selection.rows])
        if not part.films:
            continue
        flagged = part.logits >= cut
        parted.append(
            Subgroup(
                name,
                part.films,
                part.patients_with_films,
                part.positive_films,
                part.positive_patients,
                auroc_estimate(part),
                share_estimate(flagged[part.labels], part.patients[part.labels]),
                share_estimate(~flagged[~part.labels], part.patients[~part.labels]),
            )
        )
    return tuple(parted)


def gaps(
    selection: Selection, first: Bools, second: Bools, names: tuple[str, str], threshold: float | None
) -> tuple[Gap, ...]:
    """The gaps of AUROC, and of sensitivity and specificity at ``threshold``, between two groups (masks over the run's rows)."""
    parts = [selection.where(mask[selection.rows]) for mask in (first, second)]
    found = [_auroc_gap(parts, names)]
    if threshold is not None:
        found.append(_rate_gap(parts, names, threshold, positive=True))
        found.append(_rate_gap(parts, names, threshold, positive=False))
    return tuple(found)


def _interval(value: float, replicates: npt.NDArray[np.float64]) -> tuple[float, float] | tuple[None, None]:
    """Normal, from the spread of the resamples; none if too many of them lost a class."""
    known = replicates[np.isfinite(replicates)]
    if len(known) < (1 - LOST) * len(replicates) or not known.std() > 0:
        return None, None
    half = 1.959963984540054 * float(known.std(ddof=1))
    return value - half, value + half


def _auroc_gap(parts: list[Selection], names: tuple[str, str]) -> Gap:
    areas = [auroc_estimate(part) for part in parts]
    if areas[0].value is None or areas[1].value is None:
        return Gap(*names, "AUROC", None, None, None)
    value = areas[0].value - areas[1].value
    if not all(has_interval(part) for part in parts):
        return Gap(*names, "AUROC", value, None, None)
    replicates = [replicated_auroc(part) for part in parts]
    return Gap(*names, "AUROC", value, *_interval(value, replicates[0] - replicates[1]))


def _rate_gap(parts: list[Selection], names: tuple[str, str], threshold: float, positive: bool) -> Gap:
    measure = "sensitivity" if positive else "specificity"
    values, replicates, enough = [], [], True
    for part in parts:
        of = part.where(part.labels if positive else ~part.labels)
        if not of.films:
            return Gap(*names, measure, None, None, None)
        hits = (of.logits >= np.float32(threshold)) == positive
        weights = patient_weights(of.patient_count, RESAMPLES, SEED).astype(np.float64)
        hit = np.bincount(of.patients[hits], minlength=of.patient_count).astype(np.float64) @ weights
        whole = np.bincount(of.patients, minlength=of.patient_count).astype(np.float64) @ weights
        values.append(float(hits.mean()))
        with np.errstate(invalid="ignore", divide="ignore"):
            replicates.append(hit / whole)
        enough &= of.patients_with_films >= PATIENTS_FOR_INTERVAL
    value = values[0] - values[1]
    if not enough:
        return Gap(*names, measure, value, None, None)
    return Gap(*names, measure, value, *_interval(value, replicates[0] - replicates[1]))
