"""The band around a ROC curve."""

import numpy as np
import pytest
from sklearn.metrics import roc_curve

from chexview.evaluation.bands import roc_band
from chexview.evaluation.bootstrap import patient_weights
from chexview.evaluation.selection import Selection


def selection(seed: int, films: int = 700, patients: int = 300, levels: float = 0.0) -> Selection:
    generator = np.random.default_rng(seed)
    labels = generator.random(films) < 0.3
    logits = generator.normal(size=films) + 1.2 * labels
    if levels:
        logits = np.round(logits * levels) / levels
    return Selection.of(labels, logits, generator.integers(0, patients, films))


@pytest.mark.parametrize("levels", [0.0, 3.0])
def test_the_band_is_that_of_a_plain_loop_over_scikit_learn(levels: float) -> None:
    chosen = selection(1, levels=levels)
    band = roc_band(chosen, resamples=40, points=21)
    assert band is not None
    weights = patient_weights(chosen.patient_count, 40)
    reached = []
    for b in range(40):
        films = np.repeat(np.arange(chosen.films), weights[chosen.patients, b].astype(int))
        alarms, hits, _ = roc_curve(chosen.labels[films], chosen.logits[films], drop_intermediate=False)
        # scikit-learn's curve stands still in x where only hits rise; np.interp takes the last of equal x
        reached.append(np.interp(band.false_positive_rate, alarms, hits))
    low, high = np.percentile(reached, [2.5, 97.5], axis=0)
    assert band.low == pytest.approx(low, abs=1e-12)
    assert band.high == pytest.approx(high, abs=1e-12)


def test_the_curve_lies_within_its_band_and_true_curves_do_nineteen_times_in_twenty() -> None:
    truth = roc_curve(*_large())
    inside = []
    for seed in range(60):
        band = roc_band(selection(seed, films=500, patients=500), resamples=120, points=5)
        assert band is not None
        expected = np.interp(band.false_positive_rate[1:-1], truth[0], truth[1])
        inside.append((band.low[1:-1] <= expected) & (expected <= band.high[1:-1]))
    assert 0.87 <= np.mean(inside) <= 0.99


def _large() -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(99)
    labels = generator.random(400_000) < 0.3
    return labels, generator.normal(size=400_000) + 1.2 * labels


def test_few_patients_have_no_band() -> None:
    assert roc_band(Selection.of([1] * 10 + [0] * 90, np.arange(100.0))) is None
    assert roc_band(Selection.of([0] * 90, np.arange(90.0))) is None
