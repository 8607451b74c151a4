"""Words about what changes do to a score."""

import numpy as np
import pytest

from chexview.geometry import Rectangle
from chexview.model.higher_resolution import HigherResolution
from chexview.model.perturbations import ScoreChange
from chexview.text import robustness


def test_a_finer_maps_worth_is_said_with_true_minus_signs() -> None:
    change = ScoreChange("Mass", True, 5.65, -1.24, 2.0, -3.0, 0.88, 0.05)
    none = np.zeros((1, 2, 2), np.float32)
    fine = HigherResolution(
        448, 224, none[0, 0], none, none, (change,), none[0].astype(np.uint8), Rectangle(0, 0, 1, 1)
    )
    assert robustness.finer(fine, "Mass") == (
        "The network was trained at 224 pixels and never at 448: thresholds and probabilities do not hold here. "
        "Its output went from 5.65 to \N{MINUS SIGN}1.24 (\N{MINUS SIGN}6.89)."
    )


@pytest.mark.parametrize(("seconds", "words"), [(0.00081, "under 0.1 s"), (0.63, "0.6 s"), (31.25, "31.2 s")])
def test_times_are_no_finer_than_one_compares_them(seconds: float, words: str) -> None:
    assert robustness.seconds_words(seconds) == words
