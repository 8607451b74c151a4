"""Platt scaling against an independent optimiser and scikit-learn; calibration numbers against planted truths."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss
from sklearn.metrics import log_loss as sklearn_log_loss

from chexview.calibration import Calibration
from chexview.errors import RunError
from chexview.evaluation import calibration
from chexview.evaluation.platt import Unusable, fit_platt, newton, smoothed_targets
from chexview.evaluation.run import ValidationRun
from chexview.evaluation.selection import Selection
from chexview.text.reading import films_alike


def planted(n: int = 40_000, slope: float = 0.6, intercept: float = -1.5, seed: int = 0) -> Selection:
    """Labels drawn from a known line."""
    generator = np.random.default_rng(seed)
    logits = generator.normal(-1, 2, n).astype(np.float32)
    return Selection.of(generator.random(n) < expit(slope * logits + intercept), logits)


def test_finds_the_planted_line() -> None:
    selection = planted()
    fit = fit_platt(selection.labels, selection.logits)
    assert fit.usable
    assert fit.slope == pytest.approx(0.6, abs=0.03)
    assert fit.intercept == pytest.approx(-1.5, abs=0.06)
    assert fit.calibration.log_odds([1.0]) == pytest.approx([fit.slope + fit.intercept])
    assert fit.calibration.probability([1.0]) == pytest.approx(expit([fit.slope + fit.intercept]))


@settings(max_examples=60, deadline=None)
@given(
    st.integers(2, 300), st.integers(0, 2**32 - 1), st.sampled_from([0.01, 1.0, 30.0]), st.sampled_from([0.0, 500.0])
)
def test_is_the_minimum_that_another_optimiser_finds(n: int, seed: int, scale: float, shift: float) -> None:
    generator = np.random.default_rng(seed)
    labels = generator.random(n) < 0.1
    labels[:2] = [True, False]
    x = generator.normal(size=n) + 1.5 * labels
    fit = fit_platt(labels, shift + scale * x)
    targets = smoothed_targets(labels)

    def loss(line: np.ndarray) -> float:
        z = line[0] * x + line[1]
        return float(np.sum(np.logaddexp(0, z) - targets * z))

    best = minimize(loss, [0.0, 0.0], method="BFGS")
    assert fit.usable == (fit.slope > 0)
    assert loss(np.array([fit.slope * scale, fit.intercept + fit.slope * shift])) <= best.fun + 1e-6 * n


def test_newton_is_scikit_learns_logistic_regression_without_penalty() -> None:
    selection = planted(3000)
    oracle = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(selection.logits[:, None], selection.labels)
    slope, intercept = newton(selection.logits.astype(float), selection.labels.astype(float))
    assert slope == pytest.approx(oracle.coef_[0, 0], abs=1e-4)
    assert intercept == pytest.approx(oracle.intercept_[0], abs=1e-4)


def test_separated_films_give_a_finite_line() -> None:
    fit = fit_platt(np.arange(20) >= 10, np.arange(20.0))
    assert fit.usable and 0 < fit.slope < 10


@pytest.mark.parametrize(
    ("labels", "logits", "reason"),
    [
        ([0, 0, 0], [1, 2, 3], Unusable.NO_POSITIVE),
        ([1, 1, 1], [1, 2, 3], Unusable.NO_NEGATIVE),
        ([1, 0, 1], [2, 2, 2], Unusable.CONSTANT),
        ([1, 0, 0, 0], [1, 2, 3, 4], Unusable.FALLING),
        ([1, 0], [np.nan, 1], Unusable.NOT_FINITE),
        ([], [], Unusable.NO_POSITIVE),
    ],
)
def test_what_cannot_be_used_says_why(labels: list[int], logits: list[float], reason: Unusable) -> None:
    fit = fit_platt(np.array(labels, bool), np.array(logits, np.float32))
    assert (fit.usable, fit.unusable) == (False, reason)
    with pytest.raises(ValueError, match=reason.value):
        _ = fit.calibration


def test_lengths_must_agree() -> None:
    with pytest.raises(ValueError, match="one length"):
        fit_platt(np.zeros(3, bool), np.zeros(2))


def test_scores_are_scikit_learns() -> None:
    selection = planted(500)
    odds = selection.logits.astype(np.float64)
    assert calibration.brier(selection.labels, expit(odds)) == pytest.approx(
        brier_score_loss(selection.labels, expit(odds))
    )
    assert calibration.log_loss(selection.labels, odds) == pytest.approx(
        sklearn_log_loss(selection.labels, expit(odds))
    )
    assert calibration.log_loss(np.array([True, False]), np.array([2000.0, 1000.0])) == 500.0


def test_bins_have_equal_mass_and_never_part_equal_values() -> None:
    values = np.random.default_rng(1).random(1000)
    assert np.bincount(calibration.equal_mass(values, 10)).tolist() == [100] * 10
    tied = np.repeat([0.1, 0.2, 0.3], [900, 50, 50])
    places = calibration.equal_mass(tied, 10)
    assert all(len(set(places[tied == value])) == 1 for value in (0.1, 0.2, 0.3))
    assert set(places) == set(range(int(places.max()) + 1))


def test_reliability_of_a_true_line_lies_on_the_diagonal() -> None:
    selection = planted()
    bins = calibration.reliability(selection, Calibration(0.6, -1.5))
    assert len(bins) == 10
    assert sum(item.observed.films for item in bins) == selection.films
    for item in bins:
        assert item.observed.low is not None and item.observed.high is not None
        assert item.low <= item.predicted <= item.high
        assert item.observed.low - 0.01 < item.predicted < item.observed.high + 0.01
    few = Selection.of(np.arange(100) < 3, np.arange(100))
    assert len(calibration.reliability(few, Calibration(1, 0))) == 5
    assert calibration.reliability(Selection.of([], []), Calibration(1, 0)) == ()


def test_calibration_error_lies_in_its_null_band_only_where_calibrated() -> None:
    selection = planted(20_000)
    right = calibration.summarise(selection, Calibration(0.6, -1.5))
    assert right.error.null_low <= right.error.value <= right.error.null_high
    assert right.slope == pytest.approx(1, abs=0.1)
    assert right.intercept == pytest.approx(0, abs=0.1)
    wrong = calibration.summarise(selection, Calibration(1.0, 1.0))
    assert wrong.error.value > 2 * wrong.error.null_high
    assert wrong.brier > right.brier and wrong.log_loss > right.log_loss
    assert right.prevalence == selection.positive_films / 20_000
    with pytest.raises(ValueError, match="no films"):
        calibration.expected_calibration_error(np.zeros(0, bool), np.zeros(0))


def test_slope_of_separated_or_single_class_films_is_not_known() -> None:
    apart = Selection.of(np.arange(20) >= 10, np.arange(20.0))
    assert calibration.summarise(apart, Calibration(1, 0)).slope is None
    assert calibration.summarise(Selection.of([0, 0], [1, 2]), Calibration(1, 0)).slope is None


def test_films_scored_alike() -> None:
    logits = np.arange(1000) / 100
    labels = (np.arange(1000) >= 500) & (np.arange(1000) % 2 == 0)
    found = calibration.similar(Selection.of(labels, logits), 7.501, 200)
    assert found is not None
    assert (found.share.films, found.share.positive_films) == (100, 50)
    assert (found.low, found.high) == pytest.approx((7.01, 8.00), abs=1e-5)
    assert films_alike(found) == "Of films scored alike (network output 7.01 to 8.00), 50 of 100 had it (40 to 60 %)"
    assert not found.beyond
    nearest = calibration.similar(Selection.of(labels, logits), 7.501, 40)
    assert nearest is not None and (nearest.share.films, nearest.share.positive_films) == (40, 20)
    above = calibration.similar(Selection.of(labels, logits), 10.2, 4)
    assert above is not None and above.beyond and above.share.films == 4
    assert films_alike(above) == "Of films scored alike (network output 9.96 to 9.99), 2 of 4 had it"
    beyond = calibration.similar(Selection.of(labels, logits), 50.0, 4)
    assert beyond is not None and beyond.beyond and films_alike(beyond) == "No film scored alike"
    tied = calibration.similar(Selection.of(labels, np.zeros(1000)), 0.0, 10)
    assert tied is not None and tied.share.films == 1000
    assert calibration.similar(Selection.of([], []), 0.0) is None


def test_films_scored_alike_are_near_in_log_odds_however_few_there_are() -> None:
    """At 64 %, of films that nearly all scored about 7 %, only those count that scored 52 to 75 %."""
    logits = np.concatenate([np.full(500, -2.6), [0.15, 0.5, 1.0], [1.3]])
    labels = np.concatenate([np.arange(500) < 50, [1, 0, 1], [1]])
    found = calibration.similar(Selection.of(labels, logits), 0.5754, 200, line=Calibration(1.0, 0.0))
    assert found is not None and (found.share.films, found.share.positive_films) == (3, 2)
    assert films_alike(found) == "Of films scored alike (54 to 73 %), 2 of 3 had it"
    steep = calibration.similar(Selection.of(labels, logits), 0.5754, 200, line=Calibration(2.0, 0.0))
    assert steep is not None and steep.share.films == 1


def test_films_scored_alike_are_validation_films(run: ValidationRun) -> None:
    found = calibration.similar_films(run, "Nodule", 0.5, 20)
    assert found is not None
    assert films_alike(found).startswith("Of validation films scored alike (")
    every = calibration.similar_films(run, "Nodule", 0.5, 100_000)
    line = run.meta.calibration.get("Nodule")
    near = np.abs(run.logits("Nodule") - 0.5) * (line.slope if line else 1.0) <= calibration.REACH
    known = (run.labels("Nodule") >= 0) & (run.table.column("split") == "validation")
    assert every is not None and every.share.films == (known & near).sum() > 0
    with pytest.raises(RunError, match="does not hold Hernia"):
        calibration.similar_films(run, "Hernia", 0.0)
