"""What a score's accuracy would be by a better truth, when the label's own sensitivity and specificity are known.

If, among films with the finding and among films without it, the label's errors do not depend on the score, then with the label's
predictive values p1 (of films labelled positive) and p0 (of those labelled negative)

    AUROC by the label - 1/2 = (p1 + p0 - 1) * (AUROC by the truth - 1/2)

(Menon et al., ICML 2015), and the rates by the label are mixtures of the true ones. The label's sensitivity and specificity come
from films that have both, and its predictive values from them and from how often films are labelled (Rogan and Gladen, American
Journal of Epidemiology 1978, 107:71), so that films chosen for adjudication may have another share of the finding.

It is an estimate under that assumption, not a measurement. Labels mined from reports miss most where the finding is faint; then
the errors do depend on the score, and this corrects too much.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chexview.evaluation.bootstrap import RESAMPLES, SEED, Weights, patient_weights
from chexview.evaluation.confusion import flags
from chexview.evaluation.curves import auroc
from chexview.evaluation.estimate import Estimate, Remark, class_remark
from chexview.evaluation.examination import Examination
from chexview.evaluation.intervals import (
    LOST,
    auroc_estimate,
    effective_patients,
    kish,
    logit_interval,
    replicated_auroc,
)
from chexview.evaluation.selection import Bools, Ints, Selection

ASSUMPTION = "among films with the finding, and among films without it, the label's errors do not depend on the score"

TOO_POOR = "the label is too poor, or too rare, for a correction"
NO_INTERVAL = "interval not computable"
BEYOND = "the correction leads beyond 100 %, so its assumption cannot hold here"

SLIGHTLY = 1e-9
"""Rounding by which a rate may leave 0 to 1."""

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class LabelSample:
    """Films with the label and a better truth: bool (n,) each, and the films' patients, int64 (n,) codes from 0."""

    label: Bools
    truth: Bools
    patients: Ints


def label_sample(examination: Examination) -> LabelSample | None:
    """The films of an examination by another truth that have a label of the run as well; None without films of either kind."""
    known = examination.both_labels.by_truth
    if not 0 < known.positive_films < known.films:
        return None
    return LabelSample(examination.both_labels.by_label.labels, known.labels, known.patients)


@dataclass(frozen=True, slots=True)
class Corrected:
    """A number by the label, the estimate of it by the truth, and the estimate's 95 % interval; None where it cannot be had.

    ``label_sensitivity`` and ``label_specificity`` are those that were taken, ``prevalence`` the share of films that have the
    finding in truth if they hold.
    """

    by_label: float
    value: float | None
    low: float | None
    high: float | None
    label_sensitivity: float
    label_specificity: float
    prevalence: float
    remark: str = ""


def corrected_auroc(
    selection: Selection, sample: LabelSample, resamples: int = RESAMPLES, seed: int = SEED
) -> Corrected:
    """The AUROC of a selection (by its label) as it would be by the truth, with an interval.

    Both parts' patients are resampled, each by itself; the degrees of freedom are those of the smaller part.
    """
    by_label = auroc(selection.labels, selection.logits)
    ones = np.ones((1, 1))
    sensitivity, specificity = (float(value[0]) for value in _rates(sample, _spread(sample.patients, ones)))
    labelled = float(selection.labels.mean()) if selection.films else float("nan")
    value, prevalence = (
        float(item[0]) for item in _corrected(*map(np.atleast_1d, (by_label, labelled, sensitivity, specificity)))
    )
    facts = (by_label, sensitivity, specificity, prevalence)
    if class_remark(selection) not in (Remark.NONE, Remark.FEW):
        return _without(facts, None, class_remark(selection).value)
    if not np.isfinite(value) or not 0 < prevalence < 1:
        return _without(facts, None, TOO_POOR)
    weights = patient_weights(selection.patient_count, resamples, seed)
    areas = replicated_auroc(selection, resamples, seed)
    films, hits = _weighted(selection.patients, weights, np.ones(selection.films, bool), selection.labels)
    count = int(sample.patients.max()) + 1
    drawn = _rates(sample, patient_weights(count, resamples, seed + 1))
    replicates, _ = _corrected(areas, hits / films, *drawn)
    known = replicates[np.isfinite(replicates)]
    if not 0 < value < 1:
        return _without(facts, None, BEYOND)
    if len(known) < (1 - LOST) * resamples:
        return _without(facts, value, NO_INTERVAL)
    degrees = min(effective_patients(selection), _effective(sample)) - 1
    ends = logit_interval(value, float(known.std(ddof=1)), degrees)
    if ends is None:
        return _without(facts, value, Remark.NO_SPREAD.value)
    return Corrected(by_label, value, *ends, sensitivity, specificity, prevalence)


def corrected_rates(
    sensitivity: float, specificity: float, labelled: float, label_sensitivity: float, label_specificity: float
) -> tuple[float, float] | None:
    """Sensitivity and specificity by the truth, from those by the label on films of which the share ``labelled`` is positive.

    None where the label is too poor for it; each is kept within 0 and 1.
    """
    by_label = [np.atleast_1d(np.float64(item)) for item in (sensitivity, specificity, labelled)]
    hits, right, _ = _corrected_rates(by_label, np.atleast_1d(label_sensitivity), np.atleast_1d(label_specificity))
    if not (np.isfinite(hits[0]) and np.isfinite(right[0])):
        return None
    return min(max(float(hits[0]), 0.0), 1.0), min(max(float(right[0]), 0.0), 1.0)


@dataclass(frozen=True, slots=True)
class AssumptionCheck:
    """The correction on the films that have both labels, beside what is measured there by the truth: on them it must come out
    right, for nothing is carried over to other films."""

    corrected: Corrected
    measured: Estimate

    @property
    def holds(self) -> bool | None:
        """Whether the correction's interval has the measured area; False where it leads beyond 1, None where it has no interval."""
        if self.corrected.remark == BEYOND:
            return False
        if self.corrected.low is None or self.corrected.high is None or self.measured.value is None:
            return None
        return self.corrected.low <= self.measured.value <= self.corrected.high


def assumption_check(examination: Examination, sample: LabelSample) -> AssumptionCheck:
    """The check on the films that ``sample`` was made of, those of an examination by another truth."""
    both = examination.both_labels
    return AssumptionCheck(corrected_auroc(both.by_label, sample), auroc_estimate(both.by_truth))


@dataclass(frozen=True, slots=True)
class CorrectedRates:
    """Sensitivity and specificity at a threshold, each by the label and as they would be by the truth."""

    sensitivity: Corrected
    specificity: Corrected


def corrected_confusion(
    selection: Selection, threshold: float, sample: LabelSample, resamples: int = RESAMPLES, seed: int = SEED
) -> CorrectedRates:
    """The rates of a selection (by its label) at a threshold, a logit, as they would be by the truth, with intervals.

    Both parts' patients are resampled, each by itself, as in :func:`corrected_auroc`.
    """
    one = _rates_of(selection, threshold, np.ones((selection.patient_count, 1)))
    by_sample = _rates(sample, np.ones((int(sample.patients.max()) + 1, 1)))
    value = _corrected_rates(one, *by_sample)
    remark = class_remark(selection)
    drawn = None
    if remark in (Remark.NONE, Remark.FEW):
        weights = patient_weights(selection.patient_count, resamples, seed)
        sampled = patient_weights(int(sample.patients.max()) + 1, resamples, seed + 1)
        drawn = _corrected_rates(_rates_of(selection, threshold, weights), *_rates(sample, sampled))
    degrees = min(effective_patients(selection), _effective(sample)) - 1
    made = []
    for k, by_label in enumerate(one[:2]):
        facts = (float(by_label[0]), float(by_sample[0][0]), float(by_sample[1][0]), float(value[2][0]))
        found = float(value[k][0])
        if not np.isfinite(found):
            made.append(_without(facts, None, TOO_POOR))
            continue
        if not -SLIGHTLY <= found <= 1 + SLIGHTLY:
            made.append(_without(facts, None, BEYOND))
            continue
        kept = min(max(found, 0.0), 1.0)
        if drawn is None:
            made.append(_without(facts, kept, remark.value))
            continue
        known = drawn[k][np.isfinite(drawn[k])]
        ends = (
            logit_interval(found, float(known.std(ddof=1)), degrees) if len(known) >= (1 - LOST) * resamples else None
        )
        made.append(
            _without(facts, kept, NO_INTERVAL) if ends is None else Corrected(facts[0], found, *ends, *facts[1:])
        )
    return CorrectedRates(*made)


def _rates_of(selection: Selection, threshold: float, weights: Doubles | Weights) -> list[Doubles]:
    """By the label, in each resample: sensitivity, specificity, and the share of films that the label calls positive."""
    flagged, labels = flags(selection, threshold), selection.labels
    masks = (labels, ~labels, labels & flagged, ~labels & ~flagged)
    positive, negative, found, spared = _weighted(selection.patients, weights, *masks)
    with np.errstate(divide="ignore", invalid="ignore"):
        return [found / positive, spared / negative, positive / (positive + negative)]


def _corrected_rates(by_label: list[Doubles], label_sensitivity: Doubles, label_specificity: Doubles) -> list[Doubles]:
    """Sensitivity and specificity by the truth, and the true prevalence; not a number where the label is no better than chance."""
    hits, right, labelled = by_label
    p1, p0, prevalence = _predictive(labelled, label_sensitivity, label_specificity)
    useful, alarms = p1 + p0 - 1, 1 - right
    with np.errstate(divide="ignore", invalid="ignore"):
        true_hits = (p0 * hits - (1 - p1) * alarms) / useful
        true_alarms = (p1 * alarms - (1 - p0) * hits) / useful
    return [np.where(useful > 0, true_hits, np.nan), np.where(useful > 0, 1 - true_alarms, np.nan), prevalence]


def _without(facts: tuple[float, float, float, float], value: float | None, remark: str) -> Corrected:
    by_label, sensitivity, specificity, prevalence = facts
    return Corrected(by_label, value, None, None, sensitivity, specificity, prevalence, remark)


def _predictive(labelled: Doubles, sensitivity: Doubles, specificity: Doubles) -> tuple[Doubles, Doubles, Doubles]:
    """The label's two predictive values and the true prevalence, from the share of films labelled positive."""
    with np.errstate(divide="ignore", invalid="ignore"):
        prevalence = (labelled + specificity - 1) / (sensitivity + specificity - 1)
        prevalence = np.where((prevalence > 0) & (prevalence < 1), prevalence, np.nan)
        return sensitivity * prevalence / labelled, specificity * (1 - prevalence) / (1 - labelled), prevalence


def _corrected(area: Doubles, labelled: Doubles, sensitivity: Doubles, specificity: Doubles) -> tuple[Doubles, Doubles]:
    """The corrected area and the true prevalence; not a number where the label is no better than chance."""
    p1, p0, prevalence = _predictive(labelled, sensitivity, specificity)
    useful = p1 + p0 - 1
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(useful > 0, 0.5 + (area - 0.5) / useful, np.nan), prevalence


def _spread(patients: Ints, ones: Doubles) -> Doubles:
    return np.broadcast_to(ones, (int(patients.max()) + 1, 1))


def _rates(sample: LabelSample, weights: Doubles | Weights) -> tuple[Doubles, Doubles]:
    """The label's sensitivity and specificity in each resample of the sample's patients."""
    truth, label = sample.truth, sample.label
    positive, negative, found, spared = _weighted(
        sample.patients, weights, truth, ~truth, truth & label, ~truth & ~label
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        return found / positive, spared / negative


def _weighted(owners: Ints, weights: Doubles | Weights, *masks: Bools) -> Doubles:
    """How many films of each of k ``masks`` (n,) there are in each resample: (k, resamples).

    ``owners`` (n,) are the films' patients, ``weights`` (patients, resamples); those of patients without films are not touched.
    """
    counts = np.stack([np.bincount(owners[mask], minlength=len(weights)) for mask in masks]).astype(np.float32)
    there = counts.any(axis=0)
    chosen = weights if there.all() else weights[there]
    return np.asarray(counts[:, there] @ chosen, np.float64)


def _effective(sample: LabelSample) -> float:
    return min(kish(np.bincount(sample.patients[mask], minlength=1)) for mask in (sample.truth, ~sample.truth))
