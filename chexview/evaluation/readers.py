"""Radiologists beside a model: each reader as a point with its intervals, their mean, and the published label as one more point.

A reader's sensitivity and specificity are shares of films, with Wilson's interval for films of the same patients. The mean reader
is the plain mean over readers; its interval resamples patients, the same for all readers and the model, so that the model's
sensitivity at the mean reader's specificity, and its difference to the mean reader, are paired.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pandas as pd

from chexview.evaluation.bootstrap import RESAMPLES, SEED, patient_weights
from chexview.evaluation.estimate import Estimate
from chexview.evaluation.examination import Examination
from chexview.evaluation.intervals import LOST, kish, share_estimate, t_quantile
from chexview.evaluation.references import Answer, ReferenceStandard
from chexview.evaluation.selection import Bools, Selection

ENOUGH = 20
"""Films of each class that a reader must have read to be shown as a point."""

Doubles = npt.NDArray[np.float64]


class Hedge(StrEnum):
    """What a hedge counts as; the values are words for the user."""

    NO = "hedges count as no"
    YES = "hedges count as yes"


@dataclass(frozen=True, slots=True)
class ReaderPoint:
    """One reader on the films of an examination that this reader read.

    ``made_the_truth`` says that the truth was made from this reader's answers among others, which flatters the reader.
    """

    reader: str
    title: str
    films: int
    positives: int
    hedges: int
    sensitivity: Estimate
    specificity: Estimate
    made_the_truth: bool


@dataclass(frozen=True, slots=True)
class PairedDifference:
    """Model less mean reader with its 95 % interval; None if it cannot be had."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class MeanReader:
    """The mean of readers, and the model at the same specificity, and at the same sensitivity.

    ``gain_sensitivity`` is the model's sensitivity at the mean reader's specificity less the mean reader's own sensitivity;
    ``gain_specificity`` the other way round.
    """

    readers: int
    sensitivity: float
    specificity: float
    sensitivity_interval: tuple[float, float] | None
    specificity_interval: tuple[float, float] | None
    model_sensitivity: float
    model_specificity: float
    gain_sensitivity: PairedDifference
    gain_specificity: PairedDifference


@dataclass(frozen=True, slots=True, eq=False)
class ReaderAnswers:
    """One reader's flags on films of a selection: ``films`` are positions in it, ``flagged`` bool of the same length."""

    reader: str
    films: npt.NDArray[np.int64]
    flagged: Bools
    hedges: int


def answers_on(
    examination: Examination, reference: ReferenceStandard, hedge: Hedge = Hedge.NO
) -> tuple[ReaderAnswers, ...]:
    """Each reader's answers on the films of an examination whose truth is this reference, or any other, most films first.

    A composite that is judged by several findings is flagged where any of them is.
    """
    answers = reference.answers
    wanted = reference.meta.judges[examination.finding].any_of if reference.judges(examination.finding) else ()
    answers = answers[answers["finding"].isin(wanted)]
    images = examination.run.table.column("image")[examination.selection.rows]
    places = pd.Series(np.arange(len(images)), index=images)
    answers = answers[answers["image"].isin(places.index)]
    made = []
    for reader, part in answers.groupby("reader", sort=True):
        yes = part["answer"] == Answer.YES
        unsure = part["answer"] == Answer.HEDGE
        flagged = (yes | unsure if hedge is Hedge.YES else yes).groupby(part["image"]).any()
        hedged = (unsure & ~yes).groupby(part["image"]).any()
        films = places.loc[flagged.index].to_numpy(np.int64)
        made.append(ReaderAnswers(str(reader), films, flagged.to_numpy(bool), int(hedged.sum())))
    return tuple(sorted(made, key=lambda item: (-len(item.films), item.reader)))


def reader_points(
    examination: Examination, reference: ReferenceStandard, hedge: Hedge = Hedge.NO, enough: int = ENOUGH
) -> tuple[ReaderPoint, ...]:
    """The readers with at least ``enough`` films of each class, those with most films first."""
    selection = examination.selection
    points = []
    for given in answers_on(examination, reference, hedge):
        truth = selection.labels[given.films]
        if min(np.count_nonzero(truth), np.count_nonzero(~truth)) < enough:
            continue
        facts = reference.meta.readers.get(given.reader)
        sensitivity, specificity = _rates(given.flagged, truth, selection.patients[given.films])
        points.append(
            ReaderPoint(
                given.reader,
                facts.title if facts else given.reader,
                len(given.films),
                int(np.count_nonzero(truth)),
                given.hedges,
                sensitivity,
                specificity,
                facts.made_the_truth if facts else False,
            )
        )
    return tuple(points)


def label_point(examination: Examination) -> ReaderPoint | None:
    """The run's own label as if it were a reader, judged by the examination's truth; None if that is the run's own."""
    if examination.truth is None:
        return None
    selection = examination.selection
    own = examination.run.labels(examination.finding)[selection.rows]
    known = own >= 0
    if not known.any():
        return None
    truth = selection.labels[known]
    sensitivity, specificity = _rates(own[known] == 1, truth, selection.patients[known])
    return ReaderPoint(
        "label",
        "The label itself",
        int(known.sum()),
        int(np.count_nonzero(truth)),
        0,
        sensitivity,
        specificity,
        made_the_truth=False,
    )


def _rates(flagged: Bools, truth: Bools, patients: npt.NDArray[np.int64]) -> tuple[Estimate, Estimate]:
    return (
        share_estimate(flagged[truth], patients[truth]),
        share_estimate(~flagged[~truth], patients[~truth]),
    )


def mean_reader(
    selection: Selection, answers: Sequence[ReaderAnswers], resamples: int = RESAMPLES, seed: int = SEED
) -> MeanReader | None:
    """The mean of these readers and the model beside it; None without a reader who read films of both classes.

    The model is judged on all films of the selection. Its sensitivity at a specificity is that of the first threshold, from the
    lowest up, that reaches it; nothing is interpolated.
    """
    chosen = [item for item in answers if 0 < np.count_nonzero(selection.labels[item.films]) < len(item.films)]
    if not chosen:
        return None
    ones = np.ones((selection.patient_count, 1))
    weights = patient_weights(selection.patient_count, resamples, seed).astype(np.float64)
    point, drawn = (_compared(selection, chosen, given) for given in (ones, weights))
    degrees = min(
        kish(np.bincount(selection.patients[mask], minlength=1)) for mask in (selection.labels, ~selection.labels)
    )
    ends = [_interval(float(point[k][0]), drawn[k], degrees - 1) for k in range(6)]
    value = [float(row[0]) for row in point]
    return MeanReader(
        len(chosen),
        value[0],
        value[1],
        _clipped(ends[0]),
        _clipped(ends[1]),
        value[2],
        value[3],
        PairedDifference(value[4], *(ends[4] or (None, None))),
        PairedDifference(value[5], *(ends[5] or (None, None))),
    )


def _compared(selection: Selection, answers: Sequence[ReaderAnswers], weights: Doubles) -> list[Doubles]:
    """Per resample (B,): the mean reader's sensitivity and specificity, the model's at the other's value, and both gains."""
    sensitivities: list[Doubles] = []
    specificities: list[Doubles] = []
    with np.errstate(invalid="ignore", divide="ignore"):
        for given in answers:
            truth, owners = selection.labels[given.films], selection.patients[given.films]
            for mask, hit, rates in (
                (truth, given.flagged, sensitivities),
                (~truth, ~given.flagged, specificities),
            ):
                whole = _weighted(owners[mask], weights)
                rates.append(_weighted(owners[mask & hit], weights) / whole)
    sensitivity, specificity = np.nanmean(np.stack(sensitivities), 0), np.nanmean(np.stack(specificities), 0)
    order = np.argsort(-selection.logits, kind="stable")
    last = np.r_[selection.logits[order][1:] != selection.logits[order][:-1], True]
    owners, truth = selection.patients[order], selection.labels[order]
    at_specificity, at_sensitivity = (np.empty(weights.shape[1]) for _ in range(2))
    for b in range(weights.shape[1]):
        counted = weights[owners, b]
        hits = np.r_[0.0, np.cumsum(counted * truth)[last]]
        alarms = np.r_[0.0, np.cumsum(counted * ~truth)[last]]
        hit_rate, alarm_rate = hits / max(hits[-1], 1e-300), alarms / max(alarms[-1], 1e-300)
        at_specificity[b] = hit_rate[np.flatnonzero(alarm_rate <= 1 - specificity[b] + 1e-12)[-1]]
        at_sensitivity[b] = 1 - alarm_rate[np.flatnonzero(hit_rate >= sensitivity[b] - 1e-12)[0]]
    return [
        sensitivity,
        specificity,
        at_specificity,
        at_sensitivity,
        at_specificity - sensitivity,
        at_sensitivity - specificity,
    ]


def _weighted(owners: npt.NDArray[np.int64], weights: Doubles) -> Doubles:
    return np.asarray(np.bincount(owners, minlength=len(weights)).astype(np.float64) @ weights)


def _interval(value: float, replicates: Doubles, degrees: float) -> tuple[float, float] | None:
    known = replicates[np.isfinite(replicates)]
    if len(known) < (1 - LOST) * len(replicates) or not degrees > 0 or not known.std() > 0:
        return None
    half = t_quantile(degrees) * float(known.std(ddof=1))
    return value - half, value + half


def _clipped(ends: tuple[float, float] | None) -> tuple[float, float] | None:
    return None if ends is None else (max(0.0, ends[0]), min(1.0, ends[1]))
