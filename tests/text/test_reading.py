"""Words and written-out sums."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from chexview.calibration import Calibration
from chexview.evaluation.operating import OfferedPoints, OperatingPoints, Policy
from chexview.films.radiograph import Radiograph, Spacing, VoiFunction, Window
from chexview.geometry import WHOLE
from chexview.model.card import Card
from chexview.model.reading import FindingScore, Reading
from chexview.text import markup, numbers
from chexview.text import reading as reading_text
from chexview.worklist.entries import Status, WorklistEntry
from tests.worklist.making import reading as read_as
from tests.worklist.making import row as film_row

SCORE = FindingScore("Nodule", -1.0, -1.26, 0.2210, True, -0.5, False, -2.31)


def number(text: str) -> float:
    return float(text.replace(numbers.MINUS, "-"))


def test_the_sum_is_written_out() -> None:
    assert reading_text.written_sum(SCORE).text.replace(numbers.MINUS, "-") == (
        "base -2.31 + contributions +1.05 = log-odds -1.26 → 22 %"
    )
    bare = replace(SCORE, calibrated=False, probability=0.73, log_odds=1.0, base=0.5)
    assert (
        reading_text.written_sum(bare).text
        == "base 0.50 + contributions +0.50 = network output 1.00 → uncalibrated score 0.73"
    )


@given(some.floats(-30, 30), some.floats(-30, 30))
def test_the_sum_adds_up_as_it_is_written(base: float, log_odds: float) -> None:
    written = reading_text.written_sum(replace(SCORE, base=base, log_odds=log_odds))
    assert number(written.base) + number(written.contributions) == pytest.approx(number(written.log_odds), abs=1e-9)
    assert number(written.contributions) == pytest.approx(log_odds - base, abs=0.011)


@pytest.mark.parametrize(
    ("probability", "text"), [(0.31, "31 %"), (0.004, "0.4 %"), (1e-5, "under 0.1 %"), (0.9999, "over 99.9 %")]
)
def test_no_probability_reads_as_0_or_100(probability: float, text: str) -> None:
    assert reading_text.chance(replace(SCORE, probability=probability)) == text


def test_an_uncalibrated_score_is_no_percentage() -> None:
    assert reading_text.chance(replace(SCORE, calibrated=False, probability=0.5)) == "score 0.50"


CARD = Card("c", "C", ("Nodule",), 64, "", calibration={"Nodule": Calibration(2.0, -1.0)})


def words(score: FindingScore, points: OperatingPoints) -> str:
    return reading_text.threshold_words(score, CARD, points)


def test_thresholds_are_written_as_probabilities() -> None:
    stored = OperatingPoints(OfferedPoints("", {"specificity_90": {"Nodule": 0.5}}), Policy.SPECIFICITY_90)
    own = stored.with_override("Nodule", 0.48)
    assert words(replace(SCORE, threshold=0.48), own) == "Under its threshold of 49 %, chosen by you."
    assert words(replace(SCORE, threshold=0.5), stored) == "Under its threshold of 50 %, specificity 90 % (validation)."
    near = replace(SCORE, threshold=0.48, probability=0.49)
    assert words(near, own) == "Just under its threshold of 49 %, chosen by you."
    assert words(replace(near, flagged=True), own).startswith("Just at or over its threshold of 49 %")
    assert words(replace(SCORE, threshold=None), stored).startswith("There is no threshold")


def reading_of(*scores: FindingScore) -> Reading:
    maps = np.zeros((len(scores), 2, 2), np.float32)
    picture = np.zeros((64, 64), np.uint8)
    return Reading("c", "d", "f", "p", scores, maps, maps, picture, WHOLE, (), 0.1, "cpu")


def film(rows: int, columns: int, spacing: Spacing | None = None) -> Radiograph:
    view = Window("full range", 127.5, 255.0, VoiFunction.LINEAR_EXACT)
    return Radiograph(np.zeros((rows, columns), np.uint16), 1.0, 0.0, (view,), "0" * 64, spacing=spacing)


def test_texts_of_the_file_are_escaped() -> None:
    for html in (markup.table([("<b>", "<script>alert(1)</script>")]), markup.refusal("<img src=x>", "Not read.")):
        assert "<script" not in html
        assert "<img" not in html
        assert "<b><" not in html


def test_status() -> None:
    one = reading_of(SCORE)
    assert reading_text.status(WorklistEntry(id="a", name="a", status=Status.WITHHELD)) == "score withheld"
    assert reading_text.status(WorklistEntry(id="a", name="a")) == "waiting"
    read = WorklistEntry(id="a", name="a", status=Status.READ)
    assert reading_text.status(read) == "not scored"
    assert reading_text.status(replace(read, reading=one)) == "none flagged"
    flagged = replace(one, findings=(replace(SCORE, flagged=True),))
    assert reading_text.status(replace(read, reading=flagged)) == "1 flagged"
    assert reading_text.none_flagged(one) == "No finding over its threshold among the 1 assessed."


def test_how_many_films_are_listed_of_each_kind() -> None:
    film = film_row("flagged", reading=read_as(Mass=1.0))
    rows = [film, film, film_row("none", reading=read_as(Mass=-1.0)), film_row("held", Status.WITHHELD)]
    assert reading_text.listed_words(4, rows) == "4 films; 2 flagged, 1 score withheld"
    assert reading_text.listed_words(2, rows) == "2 of 4 films; 2 flagged, 1 score withheld"
    assert reading_text.listed_words(1, rows[2:3]) == "1 film"
    assert reading_text.saved_words(rows) == "4 films with every finding; 1 has no score."
    assert reading_text.saved_words(rows[:1]) == "1 film with every finding."
