"""A short run of the simulation of readers; ``python -m tests.simulations.readers`` runs a thousand: 91 to 97 %."""

import numpy as np
import pytest

from tests.simulations.readers import PREVALENCE, coverage, drawn, known


def test_the_simulated_readers_have_the_accuracy_that_is_said() -> None:
    generator, truth = np.random.default_rng(1), known()
    sets = [drawn(generator) for _ in range(40)]
    assert np.mean([selection.labels.mean() for selection, _ in sets]) == pytest.approx(PREVALENCE, abs=0.01)
    for k in range(len(truth.sensitivities)):
        flagged = np.concatenate([answers[k].flagged for _, answers in sets])
        labels = np.concatenate([selection.labels[answers[k].films] for selection, answers in sets])
        assert flagged[labels].mean() == pytest.approx(truth.sensitivities[k], abs=0.015)
        assert 1 - flagged[~labels].mean() == pytest.approx(truth.specificities[k], abs=0.015)


def test_the_intervals_shown_hold_the_known_accuracy() -> None:
    found = coverage(60, seed=3, resamples=150)
    assert 0.9 <= found.reader_sensitivity <= 0.99 and 0.9 <= found.reader_specificity <= 0.99
    for share in (found.mean_sensitivity, found.mean_specificity, found.gain_sensitivity, found.gain_specificity):
        assert 0.86 <= share <= 1.0
