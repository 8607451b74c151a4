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

from chexview.evaluation.bootstrap import (
    RESAMPLES,
    SEED,
    Ranked,
    auroc_replicates,
    patient_weights,
)
from chexview.evaluation.curves import auroc
from chexview.evaluation.estimate import Remark, class_remark
from chexview.evaluation.intervals import LOST, effective_patients, kish, logit_interval
from chexview.evaluation.selection import Bools, Ints, Selection

ASSUMPTION = "among films with the finding, and among films without it, the label's errors do not depend on the score"

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class LabelSample:
    """Films with the label and a better truth: bool (n,) each, and the films' patients, int64 (n,) codes from 0."""

    label: Bools
    truth: Bools
    patients: Ints


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
        return _without(facts, None, "the label is too poor, or too rare, for a correction")
    weights = patient_weights(selection.patient_count, resamples, seed)
    areas = auroc_replicates(Ranked.of(selection), weights)
    films = np.bincount(selection.patients, minlength=selection.patient_count) @ weights
    hits = np.bincount(selection.patients[selection.labels], minlength=selection.patient_count) @ weights
    count = int(sample.patients.max()) + 1
    drawn = _rates(sample, patient_weights(count, resamples, seed + 1).astype(np.float64))
    replicates, _ = _corrected(areas, hits / films, *drawn)
    known = replicates[np.isfinite(replicates)]
    if len(known) < (1 - LOST) * resamples or not 0.5 < value < 1:
        return _without(facts, min(max(value, 0.0), 1.0), "interval not computable")
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
    p1, p0, _ = (
        float(item[0]) for item in _predictive(*map(np.atleast_1d, (labelled, label_sensitivity, label_specificity)))
    )
    useful = p1 + p0 - 1
    if not (np.isfinite(useful) and useful > 0):
        return None
    alarms = 1 - specificity
    true_hits = (p0 * sensitivity - (1 - p1) * alarms) / useful
    true_alarms = (p1 * alarms - (1 - p0) * sensitivity) / useful
    return min(max(true_hits, 0.0), 1.0), 1 - min(max(true_alarms, 0.0), 1.0)


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


def _rates(sample: LabelSample, weights: Doubles) -> tuple[Doubles, Doubles]:
    """The label's sensitivity and specificity in each resample of the sample's patients."""

    def weighted(mask: Bools) -> Doubles:
        return np.asarray(np.bincount(sample.patients[mask], minlength=len(weights)) @ weights)

    with np.errstate(divide="ignore", invalid="ignore"):
        return (
            weighted(sample.truth & sample.label) / weighted(sample.truth),
            weighted(~sample.truth & ~sample.label) / weighted(~sample.truth),
        )


def _effective(sample: LabelSample) -> float:
    return min(kish(np.bincount(sample.patients[mask], minlength=1)) for mask in (sample.truth, ~sample.truth))
