"""What is made from films sorted once equals the plain computation, film by film, with ties, clusters and odd classes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata
from sklearn.metrics import average_precision_score, roc_auc_score

from chexview.evaluation import bootstrap, intervals
from chexview.evaluation.bands import roc_band
from chexview.evaluation.curves import area_under, auroc, average_precision_under, roc_of
from chexview.evaluation.selection import Selection


def films(seed: int, size: int, patients: int, levels: int, prevalence: float) -> Selection:
    """Films of few patients with few distinct logits; the patients and the logits are not in any order."""
    generator = np.random.default_rng(seed)
    owners = generator.integers(0, patients, size)
    labels = generator.random(size) < prevalence
    logits = np.float32(generator.integers(0, levels, size) - levels / 2) + labels * np.float32(0.5)
    return Selection.of(labels, logits, owners)


chosen = st.builds(
    films,
    seed=st.integers(0, 10**6),
    size=st.integers(1, 400),
    patients=st.integers(1, 60),
    levels=st.sampled_from([1, 3, 40, 10**6]),
    prevalence=st.sampled_from([0.0, 0.02, 0.3, 0.9, 1.0]),
)


@given(selection=chosen)
@settings(max_examples=60, deadline=None)
def test_areas_under_curves_are_scikit_learns(selection: Selection) -> None:
    curve = roc_of(selection)
    distinct = np.unique(selection.logits)[::-1]
    np.testing.assert_array_equal(curve.thresholds, np.r_[np.float32(np.inf), distinct])
    for k, threshold in enumerate(distinct, start=1):
        flagged = selection.logits >= threshold
        assert curve.true_positives[k] == np.count_nonzero(flagged & selection.labels)
        assert curve.false_positives[k] == np.count_nonzero(flagged & ~selection.labels)
    if 0 < selection.positive_films < selection.films:
        ranks, m = rankdata(selection.logits), selection.positive_films
        by_ranks = (ranks[selection.labels].sum() - m * (m + 1) / 2) / (m * (selection.films - m))
        assert area_under(curve) == auroc(selection.labels, selection.logits) == by_ranks
        assert area_under(curve) == pytest.approx(roc_auc_score(selection.labels, selection.logits), abs=1e-12)
        oracle = average_precision_score(selection.labels, selection.logits)
        assert average_precision_under(curve) == pytest.approx(oracle, abs=1e-12)
    else:
        assert np.isnan(area_under(curve))


@given(selection=chosen)
@settings(max_examples=25, deadline=None)
def test_replicates_are_the_plain_loop_over_resampled_patients(selection: Selection) -> None:
    weights = bootstrap.patient_weights(selection.patient_count, 12, 5)
    found = bootstrap.replicates(bootstrap.Ranked.of(selection), weights)
    assert found.average_precision is not None
    for b in range(12):
        drawn = np.repeat(np.arange(selection.films), weights[selection.patients, b].astype(int))
        labels, logits = selection.labels[drawn], selection.logits[drawn]
        if labels.any() and not labels.all():
            assert found.auroc[b] == pytest.approx(roc_auc_score(labels, logits), abs=1e-12)
            assert found.average_precision[b] == pytest.approx(average_precision_score(labels, logits), abs=1e-12)
        else:
            assert np.isnan(found.auroc[b])
            assert np.isnan(found.average_precision[b]) == (not labels.any())


@pytest.mark.parametrize("rows", [1, 7, 10**6])
def test_the_number_of_rows_worked_at_once_changes_nothing(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    ranked, weights = bootstrap.Ranked.of(films(1, 3000, 500, 900, 0.2)), bootstrap.patient_weights(500, 40, 0)
    whole = bootstrap.replicates(ranked, weights)
    monkeypatch.setattr(bootstrap, "ROWS", rows)
    found = bootstrap.replicates(ranked, weights)
    np.testing.assert_array_equal(found.auroc, whole.auroc)
    assert found.average_precision is not None and whole.average_precision is not None
    np.testing.assert_allclose(found.average_precision, whole.average_precision, rtol=0, atol=1e-13)


@pytest.mark.parametrize("patients", [1, 7, 613])
def test_weights_are_the_draws_one_by_one(patients: int) -> None:
    generator = np.random.default_rng(9)
    plain = [
        np.bincount(generator.integers(0, patients, patients), minlength=patients)
        for _ in range(2 * bootstrap.DRAWN + 3)
    ]
    np.testing.assert_array_equal(bootstrap.patient_weights(patients, len(plain), 9), np.stack(plain, axis=1))


def test_a_band_draws_the_first_resamples_of_the_intervals() -> None:
    selection = films(2, 2000, 300, 10**6, 0.2)
    band = roc_band(selection, resamples=40)
    assert band is not None
    few = bootstrap.patient_weights(selection.patient_count, 40)
    np.testing.assert_array_equal(bootstrap.patient_weights(selection.patient_count)[:, :40], few)


def test_both_areas_of_resamples_are_made_once() -> None:
    selection = films(3, 500, 80, 50, 0.3)
    alone = intervals.replicated_auroc(selection)
    assert intervals.replicated_auroc(selection) is alone
    both = intervals.replicated_auroc(selection, with_precision=True)
    np.testing.assert_array_equal(both, alone)
    assert intervals.replicated_auroc(selection) is both
    with pytest.raises(ValueError, match="read-only"):
        both[0] = 1.0


def test_logits_that_are_no_number_make_no_area() -> None:
    curve = roc_of(Selection.of([1, 0, 1, 0], [0.5, np.nan, 0.1, 0.2]))
    assert np.isnan(area_under(curve)) and np.isnan(average_precision_under(curve))
