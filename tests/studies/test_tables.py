"""Tables that other programs read: their own example's columns, and the numbers that come out of them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from chexview.errors import StudyError
from chexview.evaluation.multireader import Ratings, analyse
from chexview.studies.answers import Entries
from chexview.studies.tables import answers_table, imrmc, mrmcaov
from tests.studies.builders import answer, design
from tests.studies.test_results import AFTER, ALONE, PRESENT, Planted, entries

VANDYKE = Path(__file__).parents[1] / "data" / "vandyke.csv"
TRUTH = Planted(PRESENT)


def two_readers() -> dict[str, Entries]:
    whole = entries()
    alone = {film: answer(film, 6 - item.confidence["Nodule"]) for film, item in whole.alone.items()}
    return {"Ada": whole, "Bo": Entries(alone, {}, whole.advice)}


def test_mrmcaov_gets_the_columns_of_its_own_example_and_the_ratings_as_given() -> None:
    frame = mrmcaov(design(12), two_readers(), "Nodule", TRUTH)
    assert list(frame.columns) == list(pd.read_csv(VANDYKE).columns[:5])
    assert len(frame) == 2 * 2 * 12
    mine = frame[frame["reader"] == 1]
    assert mine[mine["treatment"] == 1]["rating"].tolist() == ALONE
    assert mine[mine["treatment"] == 2]["rating"].tolist() == AFTER
    table = frame.pivot_table(index=["treatment", "reader"], columns="case", values="rating").to_numpy()
    truth = frame.drop_duplicates("case").sort_values("case")["truth"].to_numpy()
    areas = analyse(Ratings.of(table.reshape(2, 2, 12), truth == 1)).areas
    assert areas[0, 0] == pytest.approx(roc_auc_score([k in PRESENT for k in range(12)], ALONE))
    assert areas[0, 1] == pytest.approx(1 - areas[0, 0])


def test_imrmc_gets_its_header_the_truth_and_every_score_once() -> None:
    head, _, body = imrmc(design(12), two_readers(), "Nodule", TRUTH).partition("BEGIN DATA:\n")
    assert head.splitlines()[1:] == ["N0: 7", "N1: 5", "NR: 2", "NM: 2"]
    rows = np.array([[int(cell) for cell in line.split(",")] for line in body.splitlines()])
    truth = rows[rows[:, 0] == -1]
    assert truth[:, 2].tolist() == [0] * 12 and truth[:, 3].tolist() == [int(k in PRESENT) for k in range(12)]
    scores = rows[rows[:, 0] > 0]
    assert len({tuple(row[:3]) for row in scores.tolist()}) == len(scores) == 48
    assert scores[(scores[:, 0] == 1) & (scores[:, 2] == 2)][:, 3].tolist() == AFTER


def test_films_that_a_reader_has_not_read_to_the_end_are_left_out_of_both() -> None:
    some = two_readers()
    short = Entries(some["Bo"].alone, {}, dict(list(some["Bo"].advice.items())[:6]))
    assert mrmcaov(design(12), {**some, "Bo": short}, "Nodule", TRUTH)["case"].max() == 6
    with pytest.raises(StudyError, match="read to the end by every reader"):
        imrmc(design(12), {"Bo": Entries(some["Bo"].alone)}, "Nodule", TRUTH)


def test_the_whole_study_is_one_row_for_reader_film_and_finding() -> None:
    frame = answers_table(design(12), {"Ada": entries()}, TRUTH)
    assert len(frame) == 12 * 2
    assert set(frame["reader"]) == {"Ada"}
    nodules = frame[frame["finding"] == "Nodule"].set_index("film")
    assert nodules.loc["film-5", ["truth", "alone", "advised"]].tolist() == [0, 5, 2]
    assert nodules["place"].tolist() == list(range(1, 13))
    assert list(nodules.index) == [film.id for film in design(12).order("Ada")]
