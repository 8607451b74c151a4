"""Subgroups: every film in one group, rates by counting, gaps that are found where planted and only there."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from chexview.evaluation.cooccurrence import co_occurrence, order_alike
from chexview.evaluation.run import ValidationRun
from chexview.evaluation.run_schema import RunMetadata
from chexview.evaluation.run_writing import write_run
from chexview.evaluation.selection import Selection
from chexview.evaluation.subgroups import UNKNOWN, Trait, gaps, groups, subgroups


@pytest.fixture
def run(frame: pd.DataFrame, meta: RunMetadata, tmp_path: Path) -> ValidationRun:
    return write_run(tmp_path / "small", meta, frame)


@pytest.mark.parametrize("trait", list(Trait))
def test_every_film_is_in_exactly_one_group(run: ValidationRun, trait: Trait) -> None:
    masks = groups(run, trait)
    assert (np.sum(list(masks.values()), axis=0) == 1).all()
    assert list(masks)[-1] == UNKNOWN


def test_age_bands_hold_their_ages(run: ValidationRun, frame: pd.DataFrame) -> None:
    masks = groups(run, Trait.AGE)
    assert list(masks) == [
        "0 to 17 years",
        "18 to 39 years",
        "40 to 59 years",
        "60 to 74 years",
        "75 years and over",
        UNKNOWN,
    ]
    ages = run.table.column("age")
    assert ages[masks["18 to 39 years"]].min() >= 18 and ages[masks["18 to 39 years"]].max() <= 39
    assert (ages[masks[UNKNOWN]] < 0).all()


def test_a_groups_numbers_are_those_of_its_films(run: ValidationRun) -> None:
    selection = run.select("Nodule", "test")
    masks = groups(run, Trait.SEX)
    for group in subgroups(selection, masks, 0.3):
        part = selection.where(masks[group.name][selection.rows])
        assert group.auroc.value == pytest.approx(roc_auc_score(part.labels, part.logits))
        assert group.sensitivity.value == pytest.approx((part.logits[part.labels] >= np.float32(0.3)).mean())
        assert group.specificity.value == pytest.approx((part.logits[~part.labels] < np.float32(0.3)).mean())
        assert (group.films, group.positive_films) == (part.films, part.labels.sum())


def planted(shift: float, seed: int) -> tuple[Selection, np.ndarray]:
    """1,500 films of 500 patients; the findings of the second half of patients score lower by ``shift``."""
    generator = np.random.default_rng(seed)
    patients = np.repeat(np.arange(500), 3)
    labels = generator.random(1500) < 0.3
    second = patients >= 250
    logits = 1.5 * labels - shift * (labels & second) + generator.normal(size=1500)
    return Selection.of(labels, logits, patients), second


def test_a_planted_gap_is_found_and_none_where_there_is_none() -> None:
    selection, second = planted(1.0, 2)
    found = gaps(selection, ~second, second, ("a", "b"), 0.7)
    assert [gap.measure for gap in found] == ["AUROC", "sensitivity", "specificity"]
    for gap in found[:2]:
        assert gap.value is not None and gap.low is not None and 0.03 < gap.low < gap.value
    assert found[2].low is not None and found[2].high is not None and found[2].low < 0 < found[2].high
    same, second = planted(0.0, 3)
    for gap in gaps(same, ~second, second, ("a", "b"), 0.7):
        assert gap.low is not None and gap.high is not None and gap.low < 0 < gap.high


def test_intervals_of_gaps_cover_what_they_should() -> None:
    """60 draws without a gap: the interval misses 0 about three times, hardly ever more than eight."""
    missed = 0
    for seed in range(60):
        selection, second = planted(0.0, 100 + seed)
        gap = gaps(selection, ~second, second, ("a", "b"), 0.7)[0]
        assert gap.low is not None and gap.high is not None
        missed += not gap.low < 0 < gap.high
    assert missed <= 8


def test_too_few_patients_no_interval() -> None:
    selection, _ = planted(0.0, 5)
    few = np.zeros(1500, bool)
    few[:9] = True
    found = gaps(selection, few, ~few, ("few", "many"), 0.7)
    assert all(gap.low is None and gap.high is None for gap in found[1:2])
    nobody = np.zeros(1500, bool)
    assert all(gap.value is None for gap in gaps(selection, nobody, ~nobody, ("nobody", "all"), 0.7))


def test_co_occurrence_counts_films(run: ValidationRun, frame: pd.DataFrame) -> None:
    found = co_occurrence(run, "test", {"Nodule": 0.3, "Mass": -0.25})
    inside = frame["split"] == "test"
    assert found.findings == ("Mass", "Nodule")
    has_mass = inside & (frame["label__Mass"] == 1)
    flagged = (frame["logit__Nodule"] >= np.float32(0.3))[has_mass].mean()
    known = has_mass & (frame["label__Nodule"] >= 0)
    assert found.flagged[0, 1] == pytest.approx(flagged)
    assert found.labelled[0, 1] == pytest.approx((frame["label__Nodule"] == 1)[known].mean())
    assert found.labelled[0, 0] == 1 and found.films.tolist() == [
        has_mass.sum(),
        (inside & (frame["label__Nodule"] == 1)).sum(),
    ]
    assert found.base[1] == pytest.approx((frame["logit__Nodule"] >= np.float32(0.3))[inside].mean())
    assert sorted(order_alike(found)) == [0, 1]
