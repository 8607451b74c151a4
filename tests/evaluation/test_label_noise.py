"""A label with known errors: the area by the truth is given back, and the interval covers it."""

import numpy as np
import pytest

from chexview import settings
from chexview.evaluation.curves import auroc
from chexview.evaluation.examination import Examination
from chexview.evaluation.intervals import auroc_estimate
from chexview.evaluation.label_noise import (
    BEYOND,
    AssumptionCheck,
    LabelSample,
    assumption_check,
    corrected_auroc,
    corrected_confusion,
    corrected_rates,
    label_sample,
)
from chexview.evaluation.references import load_reference
from chexview.evaluation.run import load_run
from chexview.evaluation.selection import Selection
from tests.simulations.label_noise import coverage, drawn


def test_the_identity_holds_on_a_large_sample() -> None:
    truth, label, logits = drawn(np.random.default_rng(0), 400_000, 0.1, (0.5, 0.97))
    sample = LabelSample(label, truth, np.arange(len(truth)))
    found = corrected_auroc(Selection.of(label, logits), sample, resamples=20)
    assert found.value == pytest.approx(auroc(truth, logits), abs=0.004)
    assert found.by_label == pytest.approx(auroc(label, logits)) and found.by_label < auroc(truth, logits) - 0.05
    assert found.prevalence == pytest.approx(0.1, abs=0.003)
    flagged = logits > 1
    rates = corrected_rates(
        flagged[label].mean(),
        1 - flagged[~label].mean(),
        label.mean(),
        found.label_sensitivity,
        found.label_specificity,
    )
    assert rates == pytest.approx((flagged[truth].mean(), 1 - flagged[~truth].mean()), abs=0.006)


def test_adjudicated_films_may_have_another_share_of_the_finding() -> None:
    generator = np.random.default_rng(2)
    _, label, logits = drawn(generator, 200_000, 0.05, (0.6, 0.98))
    truth, labels, _ = drawn(generator, 100_000, 0.4, (0.6, 0.98))
    found = corrected_auroc(
        Selection.of(label, logits), LabelSample(labels, truth, np.arange(len(truth))), resamples=20
    )
    assert found.value == pytest.approx(0.8556, abs=0.01)


def test_a_perfect_label_needs_no_correction() -> None:
    truth, _, logits = drawn(np.random.default_rng(3), 500, 0.3, (1.0, 1.0))
    found = corrected_auroc(Selection.of(truth, logits), LabelSample(truth, truth, np.arange(500)), resamples=100)
    assert found.value == pytest.approx(auroc(truth, logits)) and found.low is not None


def test_a_label_no_better_than_chance_gives_no_estimate() -> None:
    truth, _, logits = drawn(np.random.default_rng(4), 500, 0.3, (1.0, 1.0))
    guessed = np.random.default_rng(5).random(500) < 0.3
    found = corrected_auroc(Selection.of(guessed, logits), LabelSample(~truth, truth, np.arange(500)), resamples=50)
    assert found.low is None and found.remark
    assert corrected_rates(0.8, 0.8, 0.3, 0.3, 0.7) is None


def test_rates_are_corrected_with_intervals() -> None:
    truth, label, logits = drawn(np.random.default_rng(6), 20_000, 0.2, (0.6, 0.95))
    adjudicated = LabelSample(label[:4000], truth[:4000], np.arange(4000))
    found = corrected_confusion(Selection.of(label, logits), 1.0, adjudicated, resamples=100)
    flagged = logits >= 1
    for rate, expected, by_label in (
        (found.sensitivity, flagged[truth].mean(), flagged[label].mean()),
        (found.specificity, 1 - flagged[~truth].mean(), 1 - flagged[~label].mean()),
    ):
        assert rate.by_label == pytest.approx(by_label) and rate.value == pytest.approx(expected, abs=0.03)
        assert rate.low is not None and rate.high is not None and rate.low < expected < rate.high
        assert rate.high - rate.low < 0.12
    plain = corrected_rates(
        found.sensitivity.by_label,
        found.specificity.by_label,
        label.mean(),
        found.sensitivity.label_sensitivity,
        found.sensitivity.label_specificity,
    )
    assert plain == pytest.approx((found.sensitivity.value, found.specificity.value))


def test_where_both_are_known_the_correction_of_the_published_run_comes_out_wrong() -> None:
    """NIH's label misses the fainter nodules: its errors depend on the score, and the correction leads beyond 1."""
    run = load_run(settings.BUNDLED / "runs" / "reproduce-chexnet")
    reference = load_reference(settings.BUNDLED / "references" / "four-findings")
    examination = Examination(run, "published", "nodule_mass", reference)
    sample = label_sample(examination)
    assert sample is not None and len(sample.label) == 935
    found = assumption_check(examination, sample)
    assert found.holds is False and found.corrected.value is None and found.corrected.remark == BEYOND
    assert f"{found.corrected.by_label:.3f}" == "0.808" and f"{found.measured.value:.3f}" == "0.859"


def test_the_check_holds_for_errors_that_do_not_depend_on_the_score() -> None:
    truth, label, logits = drawn(np.random.default_rng(8), 3000, 0.2, (0.6, 0.95))
    sample = LabelSample(label, truth, np.arange(3000))
    corrected = corrected_auroc(Selection.of(label, logits), sample, resamples=100)
    assert AssumptionCheck(corrected, auroc_estimate(Selection.of(truth, logits))).holds is True


def test_the_intervals_cover() -> None:
    """100 simulations here; python -m tests.simulations.label_noise runs more: 91 to 97 %."""
    found = coverage(100, seed=7)
    for share in (found.area, found.sensitivity, found.specificity):
        assert 0.88 <= share <= 1.0
