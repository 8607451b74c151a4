"""Estimates as one reads them: one string for one share, whoever writes it."""

import pytest

from chexview.evaluation.estimate import Estimate, Remark
from chexview.text import estimates, numbers


def of(
    value: float | None, low: float | None = None, high: float | None = None, remark: Remark = Remark.NONE
) -> Estimate:
    return Estimate(value, low, high, 300, 200, 86, 1, remark)


@pytest.mark.parametrize("value", [0.0, 0.0004, 0.004, 0.0349, 0.035, 0.0996, 0.5, 0.9996, 1.0])
def test_a_rate_reads_as_every_probability_does(value: float) -> None:
    assert estimates.rate(of(value)) == numbers.probability(value)
    assert estimates.rate(of(value, value / 2, value)).startswith(f"{numbers.probability(value)} (")


def test_rates_and_their_intervals() -> None:
    assert estimates.rate(of(0.81, 0.77, 0.85)) == "81 % (77 to 85 %)"
    assert estimates.rate(of(0.034, 0.021, 0.12)) == "3.4 % (2.1 to 12 %)"
    assert estimates.rate(of(0.0, 0.0, 0.0002)) == "0 % (0 to under 0.1 %)"
    assert estimates.rate(of(None, remark=Remark.NO_FILM)) == "no film to count"
    assert estimates.rate(of(None)) == estimates.number(of(None)) == "not known"


def test_areas_and_counts() -> None:
    assert estimates.number(of(0.812, 0.771, 0.848)) == "0.812 (0.771 to 0.848)"
    assert estimates.number(of(0.812), 2) == "0.81"
    assert estimates.number(of(None, remark=Remark.NO_NEGATIVE)) == "no film without the finding"
    assert estimates.counts(of(0.5)) == "86 films of 1 patient"
