"""What a score's accuracy would be by a better truth, if the label's errors were as on the films that have both. No Streamlit."""

import pandas as pd

from chexview.evaluation.estimate import Estimate
from chexview.evaluation.examination import Examination
from chexview.evaluation.label_noise import ASSUMPTION, BEYOND, AssumptionCheck, Corrected, CorrectedRates
from chexview.findings import phrase
from chexview.text.numbers import area, counted, estimated, probability

HEADING = "Label noise taken into account"
ASSUMPTIONS = (
    f"An estimate, not a measurement. It holds if {ASSUMPTION} (Menon et al., ICML 2015), and if the films with both labels are "
    "labelled like the others (Rogan and Gladen, 1978). Labels mined from reports miss most where a finding is faint: then it "
    "corrects too much. The last column is measured and assumes nothing, on fewer films. Intervals are 95 %, from 1,000 resamples "
    "of the patients of either part."
)


def intro(corrected: Corrected, by_label: Examination, by_truth: Examination, label: str) -> str:
    """The estimate as one says it, and what it rests on."""
    head = (
        f"{counted(by_truth.films, 'film')} have both labels: there {label} has a sensitivity of "
        f"{probability(corrected.label_sensitivity)} and a specificity of {probability(corrected.label_specificity)}."
    )
    if corrected.value is None:
        return f"{head} No estimate: {corrected.remark}."
    share, at = probability(corrected.prevalence), area(corrected.value, corrected.low, corrected.high)
    return (
        f"{head} If it errs like that on all {by_label.films:,} films of this list, {share} have {phrase(by_truth.finding)}, "
        f"and the model's AUROC is about {at} instead of {corrected.by_label:.3f}."
    )


def check(found: AssumptionCheck, label: str) -> str:
    """Whether the correction comes out right on the films of which both truths are known; "" if that is not known."""
    if found.holds is None or found.measured.value is None:
        return ""
    measured, value = area(found.measured.value), found.corrected.value
    turned = (
        f"would turn an AUROC of {found.corrected.by_label:.3f} into {'more than 1' if value is None else area(value)}"
    )
    if found.holds:
        return f"On the films that have both labels the correction {turned}, and its interval holds the measured {measured}."
    return (
        f"On the films that have both labels the correction fails: it {turned}, but {measured} is measured. So the errors of "
        f"{label} depend on the score, for example because it misses the fainter findings, and the correction goes too far."
    )


def frame(
    corrected: Corrected,
    rates: CorrectedRates | None,
    by_label: Examination,
    by_truth: Examination,
    threshold: float,
    own: str,
    truth: str,
) -> pd.DataFrame:
    """AUROC and rates by the label, as estimated, and as measured on the films that have both."""
    measured = by_truth.confusion(threshold)
    rows = [("AUROC", by_label.auroc, corrected, by_truth.auroc)]
    if rates is not None:
        own_rates = by_label.confusion(threshold)
        rows += [
            ("Sensitivity", own_rates.sensitivity, rates.sensitivity, measured.sensitivity),
            ("Specificity", own_rates.specificity, rates.specificity, measured.specificity),
        ]
    return pd.DataFrame(
        {
            "Measure": [name for name, *_ in rows],
            f"By: {own} ({by_label.films:,} films)": [_measured(k, one) for k, (_, one, _, _) in enumerate(rows)],
            f"Estimated by: {truth}": [_estimated(k, found) for k, (_, _, found, _) in enumerate(rows)],
            f"Measured by them ({by_truth.films:,} films)": [
                _measured(k, other) for k, (_, _, _, other) in enumerate(rows)
            ],
        }
    )


def _measured(row: int, found: Estimate) -> str:
    if found.value is None:
        return found.remark.value
    return _written(row, found.value, found.low, found.high)


def _estimated(row: int, found: Corrected) -> str:
    if found.value is None:
        return "not possible: beyond 100 %" if found.remark == BEYOND else found.remark
    return _written(row, found.value, found.low, found.high)


def _written(row: int, value: float, low: float | None, high: float | None) -> str:
    if row == 0:
        return area(value, low, high)
    return estimated(value, low, high)
