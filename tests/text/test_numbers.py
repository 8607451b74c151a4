"""Numbers as a user reads them."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from chexview.text import numbers


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0 %"),
        (1e-5, "under 0.1 %"),
        (0.004, "0.4 %"),
        (0.034, "3.4 %"),
        (0.0994, "9.9 %"),
        (0.0996, "10 %"),
        (0.31, "31 %"),
        (0.9949, "99 %"),
        (0.997, "99.7 %"),
        (0.9999, "over 99.9 %"),
        (1.0, "100 %"),
    ],
)
def test_probabilities(value: float, text: str) -> None:
    assert numbers.probability(value) == text


@given(some.floats(1e-9, 1 - 1e-9))
def test_what_is_written_is_within_half_of_its_last_digit(value: float) -> None:
    text = numbers.probability(value)
    if text.startswith("under"):
        assert value < 0.0005
    elif text.startswith("over"):
        assert value >= 0.9995
    else:
        written = text.removesuffix(" %")
        digits = len(written.partition(".")[2])
        assert abs(float(written) - 100 * value) <= 0.5 * 10**-digits + 1e-9
        assert 0 < float(written) < 100


@given(some.floats(-1e4, 1e4))
def test_log_odds_have_one_sign(value: float) -> None:
    signed, plain = numbers.signed(value), numbers.plain(value)
    assert float(signed.replace(numbers.MINUS, "-")) == pytest.approx(value, abs=0.00501)
    assert signed.removeprefix("+") == plain
    assert "-" not in signed


def test_other_numbers() -> None:
    assert numbers.share(31, 200) == "31 of 200 (16 %)"
    assert numbers.share(0, 0) == "0 of 0"
    assert numbers.percents(0.31, 0.42) == "31 to 42 %"
    assert numbers.percents(0.312, 0.314) == "31.2 to 31.4 %"
    assert numbers.counted(1, "film") == "1 film"
    assert numbers.counted(2379, "film") == "2,379 films"
    assert numbers.tick(0.05) == "5 %"
    assert numbers.tick(0.001) == "0.1 %"
    assert numbers.network_output(-1.316) == f"network output {numbers.MINUS}1.32"
    assert numbers.uncalibrated(0.73) == "score 0.73"
    assert numbers.area(0.8123, 0.7711, 0.848) == "0.812 (0.771 to 0.848)"
    assert numbers.area(0.8123) == "0.812"
    assert numbers.area(None) == ""
