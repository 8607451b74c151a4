"""Policies against a plain search over every threshold."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chexview.evaluation.operating import Degenerate, OfferedPoints, OperatingPoints, Policy, choose, choose_all
from chexview.evaluation.run import ValidationRun
from chexview.evaluation.thresholds import offered_points
from chexview.model.card import read


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
        case Policy.FALSE_FLAG_1:
            return min(t for t, _, fp in rows if fp * 14 <= n)


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


def source(weights: str = "ab", **points: dict[str, float]) -> OfferedPoints:
    return OfferedPoints(weights, points)


TWO_POLICIES = source(youden={"Mass": 0.5, "Nodule": -0.25}, specificity_90={"Mass": 1.5, "Nodule": 2.0, "Hernia": 3.0})


@pytest.mark.parametrize("first", [Policy.YOUDEN, Policy.SPECIFICITY_90])
@pytest.mark.parametrize("second", [Policy.YOUDEN, Policy.SPECIFICITY_90])
@pytest.mark.parametrize("finding", ["Mass", "Nodule"])
def test_a_policy_pressed_after_another_holds_for_every_finding(first: Policy, second: Policy, finding: str) -> None:
    points = OperatingPoints(TWO_POLICIES, first).with_override("Mass", 0.75).with_policy(second)
    assert points.threshold(finding) == TWO_POLICIES.operating_points[second][finding]
    assert not points.overrides


def test_an_override_holds_for_its_finding_alone_until_it_is_taken_back() -> None:
    points = OperatingPoints(TWO_POLICIES, Policy.YOUDEN)
    mine = points.with_override("Mass", 0.1)
    assert mine.threshold("Mass") == float(np.float32(0.1))
    assert mine.overridden("Mass") and not mine.overridden("Nodule")
    assert mine.threshold("Nodule") == -0.25
    assert points.threshold("Mass") == 0.5
    assert mine.without_override("Mass") == points
    assert mine.with_override("Nodule", math.inf).without_overrides() == points


def test_an_override_that_equals_another_policys_threshold_is_kept() -> None:
    """What was lost when Read stood at Youden and Evaluate asked for the card's default policy."""
    points = OperatingPoints(TWO_POLICIES, Policy.YOUDEN).with_override("Mass", 1.5)
    assert points.threshold("Mass") == 1.5
    assert OperatingPoints(TWO_POLICIES, Policy.SPECIFICITY_90).with_override("Mass", 1.5).overrides == {}


def test_what_has_no_threshold_has_none() -> None:
    points = OperatingPoints(TWO_POLICIES, Policy.YOUDEN)
    assert points.threshold("Hernia") is None
    assert points.thresholds(["Hernia", "Mass"]) == {"Mass": 0.5}
    assert points.with_override("Hernia", math.inf).threshold("Hernia") == math.inf
    assert OperatingPoints(source(), Policy.MAX_F1).threshold("Mass") is None
    with pytest.raises(ValueError, match="Mass"):
        points.with_override("Mass", math.nan)


def test_overrides_follow_the_weights_and_the_policy_follows_the_session() -> None:
    mine = OperatingPoints(TWO_POLICIES, Policy.YOUDEN).with_override("Mass", 4.0)
    assert mine.bound_to(source("ab", youden={"Mass": 0.0})).threshold("Mass") == 4.0
    other = mine.bound_to(source("cd", youden={"Mass": 0.0}))
    assert other.threshold("Mass") == 0.0 and other.policy is Policy.YOUDEN


def test_the_objects_a_session_keeps_cannot_be_changed() -> None:
    mine = OperatingPoints(TWO_POLICIES, Policy.YOUDEN, {"Mass": 4.0})
    with pytest.raises(TypeError):
        mine.overrides["Mass"] = 5.0  # type: ignore[index]


def test_a_card_brings_operating_points(home: Path) -> None:
    card = read(home / "checkpoints" / "random")
    points = OperatingPoints(card, Policy(card.default_policy))
    assert points.thresholds(card.findings) == card.operating_points["specificity_90"]


def test_a_run_offers_its_points_for_composites_too(run: ValidationRun) -> None:
    offered = offered_points(run, "test")
    assert offered.weights == "ab" * 32
    assert offered.operating_points[Policy.YOUDEN]["Nodule"] == float(np.float32(0.3))
    assert set(offered.operating_points[Policy.YOUDEN]) == {"Mass", "Nodule", "nodule_mass"}
