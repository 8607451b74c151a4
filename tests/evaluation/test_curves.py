"""Areas and curves against scikit-learn, closed forms and planted cases."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score, roc_curve

from chexview.evaluation import curves


@st.composite
def scored(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Labels of both classes and logits that tie often."""
    n = draw(st.integers(2, 60))
    labels = np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    labels[:2] = [True, False]
    levels = draw(st.sampled_from([1, 3, 10, 1000]))
    logits = np.array(draw(st.lists(st.integers(0, levels), min_size=n, max_size=n)), dtype=np.float32) / 7
    return labels, logits


@settings(max_examples=150, deadline=None)
@given(scored())
def test_areas_and_curves_are_scikit_learns(case: tuple[np.ndarray, np.ndarray]) -> None:
    labels, logits = case
    assert curves.auroc(labels, logits) == pytest.approx(roc_auc_score(labels, logits), abs=1e-12)
    assert curves.average_precision(labels, logits) == pytest.approx(average_precision_score(labels, logits), abs=1e-12)
    curve = curves.roc(labels, logits)
    fpr, tpr, thresholds = roc_curve(labels, logits, drop_intermediate=False)
    np.testing.assert_allclose(curve.false_positive_rate, fpr)
    np.testing.assert_allclose(curve.sensitivity, tpr)
    np.testing.assert_array_equal(curve.thresholds, thresholds)
    pr = curves.precision_recall(labels, logits)
    precision, recall, found = precision_recall_curve(labels, logits)
    np.testing.assert_allclose(pr.precision[::-1], precision[:-1])
    np.testing.assert_allclose(pr.recall[::-1], recall[:-1])
    np.testing.assert_array_equal(pr.thresholds[::-1], found)
    assert np.trapezoid(curve.sensitivity, curve.false_positive_rate) == pytest.approx(
        curves.auroc(labels, logits), abs=1e-12
    )


@settings(max_examples=50, deadline=None)
@given(scored())
def test_area_turns_over_with_the_sign_and_ignores_monotone_maps(case: tuple[np.ndarray, np.ndarray]) -> None:
    labels, logits = case
    area = curves.auroc(labels, logits)
    assert curves.auroc(labels, -logits) == pytest.approx(1 - area, abs=1e-12)
    assert curves.auroc(labels, np.exp(logits / 200).astype(np.float64)) == pytest.approx(area, abs=1e-12)


def test_a_missing_class_or_nan_is_not_a_number() -> None:
    logits = np.arange(3.0)
    assert np.isnan(curves.auroc(np.zeros(3, bool), logits))
    assert np.isnan(curves.auroc(np.ones(3, bool), logits))
    assert np.isnan(curves.auroc(np.array([True, False, True]), np.array([0.0, np.nan, 1.0])))
    assert np.isnan(curves.auroc(np.zeros(0, bool), np.zeros(0)))
    assert np.isnan(curves.average_precision(np.zeros(3, bool), logits))
    assert curves.average_precision(np.ones(3, bool), logits) == 1.0


def test_curve_of_no_films_is_the_one_point() -> None:
    curve = curves.roc(np.zeros(0, bool), np.zeros(0, np.float32))
    assert curve.thresholds.tolist() == [np.inf]
    assert np.isnan(curve.sensitivity).all()


def test_thinning_keeps_real_points_the_ends_and_the_area() -> None:
    generator = np.random.default_rng(0)
    labels = generator.random(20_000) < 0.2
    logits = (generator.normal(size=20_000) + labels).astype(np.float32)
    curve = curves.roc(labels, logits)
    thin = curves.thin_roc(curve)
    assert len(thin.thresholds) <= curves.DISPLAY_POINTS < len(curve.thresholds)
    assert (thin.positives, thin.negatives) == (curve.positives, curve.negatives)
    whole = set(zip(curve.thresholds, curve.true_positives, curve.false_positives, strict=True))
    assert set(zip(thin.thresholds, thin.true_positives, thin.false_positives, strict=True)) <= whole
    assert thin.thresholds[0] == np.inf and thin.thresholds[-1] == logits.min()
    area = np.trapezoid(thin.sensitivity, thin.false_positive_rate)
    assert area == pytest.approx(curves.auroc(labels, logits), abs=5e-5)
    drawn = np.interp(curve.false_positive_rate, thin.false_positive_rate, thin.sensitivity)
    assert np.abs(drawn - curve.sensitivity).max() < 4 / 450
    pr = curves.precision_recall(labels, logits)
    thin_pr = curves.thin_precision_recall(pr)
    assert len(thin_pr.thresholds) <= curves.DISPLAY_POINTS
    assert set(thin_pr.thresholds) <= set(pr.thresholds)


def test_thinning_a_small_curve_drops_only_what_lies_on_its_lines() -> None:
    labels = np.array([True, True, True, False, False, False])
    curve = curves.roc(labels, np.arange(6, 0, -1).astype(np.float32))
    thin = curves.thin_roc(curve)
    assert thin.true_positives.tolist() == [0, 3, 3]
    assert thin.false_positives.tolist() == [0, 0, 3]
    assert thin.thresholds.tolist() == [np.inf, 4, 1]
    few = curves.precision_recall(labels, np.arange(6, 0, -1).astype(np.float32))
    assert curves.thin_precision_recall(few) is few


def test_index_finds_the_point_of_any_threshold() -> None:
    curve = curves.roc(np.array([True, False, True]), np.array([0.5, 0.1, 0.1], np.float32))
    assert [curve.index(t) for t in (np.inf, 0.6, 0.5, 0.3, 0.1, -5.0)] == [0, 0, 1, 1, 2, 2]
    assert curve.thresholds[curve.index(0.1)] == np.float32(0.1)
