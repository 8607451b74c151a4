"""Scores in the unit in which they came."""

import math

import pytest

from chexview.calibration import IDENTITY, Calibration
from chexview.text.numbers import MINUS
from chexview.text.thresholds import score_words, stop_words


def test_a_probability_stays_one_and_a_network_output_is_named() -> None:
    logit = math.log(0.12 / 0.88)
    assert score_words(logit, IDENTITY) == "12 %"
    assert score_words(-1.32, None) == f"network output {MINUS}1.32"
    assert score_words(-1.0, Calibration(2.0, 0.0)) == f"12 % (network output {MINUS}1.00)"


@pytest.mark.parametrize(("digits", "words"), [(2, "12 %"), (3, "12.35 %"), (4, "12.346 %")])
def test_stops_that_are_close_get_more_digits(digits: int, words: str) -> None:
    logit = math.log(0.123456 / 0.876544)
    assert stop_words(logit, IDENTITY, digits) == words
    assert stop_words(math.inf, IDENTITY, digits) == "over all: flags no film"
