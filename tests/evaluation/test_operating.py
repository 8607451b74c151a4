"""Policies against a plain search over every threshold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chexview.evaluation.operating import Degenerate, Policy, choose, choose_all


def _search(labels: np.ndarray, logits: np.ndarray, policy: Policy) -> float:
    """The definition, slowly: candidates from plus infinity down."""
    m, n = int(labels.sum()), int((~labels).sum())
    rows = []
    for t in [np.inf, *np.unique(logits)[::-1]]:
        flagged = logits >= t
        rows.append((float(t), int((labels & flagged).sum()), int((~labels & flagged).sum())))
    match policy:
        case Policy.YOUDEN:
            best = max(tp * n - fp * m for _, tp, fp in rows)
            return next(t for t, tp, fp in rows if tp * n - fp * m == best)
        case Policy.SENSITIVITY_90:
            return max(t for t, tp, _ in rows if tp * 10 >= 9 * m)
        case Policy.SPECIFICITY_90:
            return min(t for t, _, fp in rows if fp * 10 <= n)
        case Policy.MAX_F1:
            best_f1 = max(2 * tp / (m + tp + fp) for _, tp, fp in rows)
            return next(t for t, tp, fp in rows if 2 * tp / (m + tp + fp) == best_f1)
        case Policy.FLAGS_10:
            return min(t for t, tp, fp in rows if (tp + fp) * 10 <= m + n)


@settings(max_examples=100, deadline=None)
@given(st.integers(2, 80), st.integers(0, 2**32 - 1), st.sampled_from([1, 5, 10_000]))
def test_every_policy_is_what_it_says(n: int, seed: int, levels: int) -> None:
    generator = np.random.default_rng(seed)
    labels = generator.random(n) < 0.3
    labels[:2] = [True, False]
    logits = (generator.integers(0, levels, n) / 7).astype(np.float32)
    points = choose_all(labels, logits)
    for policy in Policy:
        point = choose(labels, logits, policy)
        assert point == points[policy]
        assert point.threshold == _search(labels, logits, policy)
        flagged = int((logits >= np.float32(point.threshold)).sum())
        assert point.usable == (0 < flagged < n)
        if not point.usable:
            assert point.degenerate is (Degenerate.FLAGS_NONE if flagged == 0 else Degenerate.FLAGS_ALL)


def test_equal_logits_are_degenerate() -> None:
    labels, logits = np.array([True, False, False]), np.zeros(3, np.float32)
    points = choose_all(labels, logits)
    assert points[Policy.YOUDEN].degenerate is Degenerate.FLAGS_NONE
    assert points[Policy.SENSITIVITY_90].degenerate is Degenerate.FLAGS_ALL


@pytest.mark.parametrize(("label", "reason"), [(False, Degenerate.NO_POSITIVE), (True, Degenerate.NO_NEGATIVE)])
def test_one_class_chooses_nothing_but_a_rate_of_flags(label: bool, reason: Degenerate) -> None:
    labels, logits = np.full(20, label), np.arange(20, dtype=np.float32)
    for policy in Policy:
        point = choose(labels, logits, policy)
        if policy is Policy.FLAGS_10:
            assert point.usable and point.threshold == 18
        else:
            assert (point.degenerate, point.threshold) == (reason, np.inf)


def test_thresholds_are_float32_logits_exactly() -> None:
    logits = np.array([0.1, 0.2, 0.3, 0.4], np.float32)
    point = choose(np.array([False, False, True, True]), logits, Policy.YOUDEN)
    assert point.threshold == float(np.float32(0.3))
    assert (logits >= np.float32(point.threshold)).tolist() == [False, False, True, True]


def test_every_policy_has_words() -> None:
    assert len({policy.heading for policy in Policy}) == len(Policy)
    assert all(policy.meaning.endswith(".") for policy in Policy)
