"""Platt's line, there and back."""

import numpy as np
from scipy.special import expit

from chexview.calibration import Calibration, sigmoid


def test_a_probability_finds_its_logit() -> None:
    line = Calibration(0.7, -1.3)
    given = np.array([0.001, 0.2, 0.5, 0.999])
    np.testing.assert_allclose(line.logit_at(given), (np.log(given / (1 - given)) + 1.3) / 0.7, rtol=1e-12)
    np.testing.assert_allclose(line.probability(line.logit_at(given)), given, rtol=1e-12)
    assert line.logit_at([0.0, 1.0]).tolist() == [-np.inf, np.inf]


def test_one_probability_is_scipys_to_the_last_bit() -> None:
    generator = np.random.default_rng(0)
    values = [*generator.normal(0, 6, 20_000), *generator.uniform(-800, 800, 20_000), np.inf, -np.inf, -709.8, -0.0]
    assert [sigmoid(float(value)) for value in values] == expit(values).tolist()
    line = Calibration(0.7, -1.3)
    assert float(line.probability(np.float32(0.4))) == line.probability(np.float32([0.4]))[0]
