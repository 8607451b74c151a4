"""A short run of the simulation: intervals hold the truth about as often as they say, and film-level ones would not."""

import numpy as np
import pytest

from tests.simulations.coverage import Setting, coverage, drawn


@pytest.mark.parametrize("setting", [Setting(False, 100, 0.75), Setting(True, 100, 0.75)])
def test_intervals_hold_the_truth(setting: Setting) -> None:
    found = coverage(setting, 60, resamples=150)
    assert found.without == 0
    assert 0.86 <= found.auroc <= 1.0
    assert 0.82 <= found.sensitivity <= 1.0


def test_the_films_are_what_the_setting_says() -> None:
    generator = np.random.default_rng(1)
    clustered = drawn(Setting(True, 100, 0.75), generator)
    assert clustered.positive_films == 100
    assert clustered.positive_patients < 80
    assert drawn(Setting(False, 30, 0.9), generator).positive_patients == 30
