"""The published result of Van Dyke's readers comes out of a study that holds their ratings."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from chexview.studies.answers import Entries, Phase
from chexview.studies.design import StudyDesign, StudyFilm
from chexview.studies.several_readers import readers_together
from tests.studies.builders import WHEN, advice, answer
from tests.studies.test_results import Planted

VANDYKE = Path(__file__).parents[1] / "data" / "vandyke.csv"


def test_van_dyke() -> None:
    """Areas and their difference as MRMCaov and RJafroc publish them for this data set: 0.897 and 0.941, F 4.456, p 0.052."""
    frame = pd.read_csv(VANDYKE)
    films = [f"film-{case}" for case in sorted(frame["case"].unique())]
    present = frozenset(int(case) for case in frame.loc[frame["truth"] == 1, "case"])
    study = StudyDesign("Van Dyke", 1, tuple(StudyFilm(film) for film in films), ("Nodule",), WHEN)
    entries = {}
    for reader, part in frame.groupby("reader"):
        given = {
            treatment: {f"film-{row.case}": int(row.rating) for row in rows.itertuples()}
            for treatment, rows in part.groupby("treatment")
        }
        entries[f"reader {reader}"] = Entries(
            {film: answer(film, given[1][film]) for film in films},
            {film: answer(film, given[2][film], phase=Phase.ADVISED) for film in films},
            {film: advice(film) for film in films},
        )
    made = readers_together(study, entries, "Nodule", Planted(present))
    assert made is not None
    assert np.asarray(made.areas).mean(axis=1) == pytest.approx([0.941, 0.897], abs=6e-4)
    first = next(iter(made.tests.values()))
    assert (first.statistic, first.p) == pytest.approx((4.456, 0.0517), abs=1e-3)


def test_one_reader_says_nothing_of_others() -> None:
    films = tuple(StudyFilm(f"film-{k}") for k in range(6))
    study = StudyDesign("One", 1, films, ("Nodule",), WHEN)
    own = Entries({f.id: answer(f.id, k) for k, f in enumerate(films, 0) if k}, {}, {f.id: advice(f.id) for f in films})
    assert readers_together(study, {"Ada": own}, "Nodule", Planted(frozenset({1, 2, 3}))) is None
    assert readers_together(study, {}, "Nodule", Planted(frozenset({1}))) is None
