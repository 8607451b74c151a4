"""Another prevalence: Bayes by hand, by counting, and by refitting."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chexview.calibration import Calibration
from chexview.evaluation.confusion import confusion
from chexview.evaluation.prevalence import matrix_at, moved, observed, predictive_value, recalibrated
from chexview.evaluation.selection import Selection

SHARES = st.floats(0, 1)


@given(SHARES, SHARES, SHARES)
def test_natural_frequencies_add_up_and_are_whole(sensitivity: float, specificity: float, prevalence: float) -> None:
    frequencies = moved(sensitivity, specificity, prevalence).frequencies
    assert frequencies.flagged_rightly + frequencies.missed == frequencies.ill
    assert frequencies.ill + frequencies.flagged_wrongly + frequencies.left_alone == frequencies.people == 1000
    assert (
        min(frequencies.flagged_rightly, frequencies.missed, frequencies.flagged_wrongly, frequencies.left_alone) >= 0
    )


def test_bayes_as_in_the_textbook() -> None:
    """Sensitivity 90 %, specificity 91 %, 1 in 100 ill: 9 of 98 flagged are ill."""
    at_prevalence = moved(0.9, 0.91, 0.01)
    assert at_prevalence.ppv == pytest.approx(0.009 / (0.009 + 0.0891))
    assert at_prevalence.npv == pytest.approx(0.9009 / (0.9009 + 0.001))
    assert (
        at_prevalence.frequencies.ill,
        at_prevalence.frequencies.flagged_rightly,
        at_prevalence.frequencies.flagged_wrongly,
    ) == (10, 9, 89)
    assert moved(0.0, 1.0, 0.5).ppv is None and moved(1.0, 0.0, 0.5).npv is None
    with pytest.raises(ValueError, match="from 0 to 1"):
        moved(0.5, 0.5, 1.2)


def test_at_the_films_own_prevalence_nothing_moves() -> None:
    generator = np.random.default_rng(0)
    labels = generator.random(2000) < 0.2
    found = confusion(Selection.of(labels, labels + generator.normal(size=2000)), 0.7)
    share = observed(found.sensitivity)
    assert share is not None
    at_prevalence = matrix_at(found, float(labels.mean()))
    assert (
        at_prevalence is not None
        and at_prevalence.ppv == pytest.approx(found.ppv.value)
        and at_prevalence.npv == pytest.approx(found.npv.value)
    )
    low, high = predictive_value(found, 0.01) or (0, 0)
    at = matrix_at(found, 0.01)
    assert at is not None and at.ppv is not None and low < at.ppv < high < at_prevalence.ppv


def test_a_recalibrated_line_gives_the_other_prevalences_probabilities() -> None:
    """Normal scores of both classes: the posterior is known in closed form at any prevalence."""
    slope, means = 2.0, (0.0, 2.0)

    def posterior(score: float, share: float) -> float:
        with_it = share * np.exp(-((score - means[1]) ** 2) / 2)
        return float(with_it / (with_it + (1 - share) * np.exp(-((score - means[0]) ** 2) / 2)))

    at_a_fifth = Calibration(slope, np.log(0.2 / 0.8) - 2.0)
    assert at_a_fifth.probability(1.3) == pytest.approx(posterior(1.3, 0.2))
    moved_line = recalibrated(at_a_fifth, 0.2, 0.03)
    for score in (-1.0, 0.5, 3.0):
        assert moved_line.probability(score) == pytest.approx(posterior(score, 0.03))
    with pytest.raises(ValueError, match="strictly between"):
        recalibrated(at_a_fifth, 0.2, 1.0)
