"""Platt's line, there and back."""

import numpy as np

from chexview.calibration import Calibration


def test_a_probability_finds_its_logit() -> None:
    line = Calibration(0.7, -1.3)
    given = np.array([0.001, 0.2, 0.5, 0.999])
    np.testing.assert_allclose(line.logit_at(given), (np.log(given / (1 - given)) + 1.3) / 0.7, rtol=1e-12)
    np.testing.assert_allclose(line.probability(line.logit_at(given)), given, rtol=1e-12)
    assert line.logit_at([0.0, 1.0]).tolist() == [-np.inf, np.inf]
