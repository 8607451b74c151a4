"""Results against scikit-learn, counts by hand, and McNemar's exact table."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pytest
from sklearn.metrics import roc_auc_score

from chexview.evaluation.readers import Hedge
from chexview.studies.advice import study_flags, study_scores
from chexview.studies.answers import Entries, Phase
from chexview.studies.results import finding_result
from tests.studies.builders import advice, answer, design


@dataclass(frozen=True)
class Planted:
    """A truth by a film's number."""

    present: frozenset[int]
    name: str = "planted"
    title: str = "Planted"

    def judges(self, finding: str) -> bool:
        return finding == "Nodule"

    def labels(self, finding: str, images: npt.NDArray[np.object_]) -> npt.NDArray[np.int8]:
        return np.array([int(image.split("-")[1]) in self.present for image in images], np.int8)


ALONE = [1, 2, 3, 4, 5, 5, 4, 3, 2, 1, 4, 4]
AFTER = [1, 2, 4, 4, 5, 2, 4, 3, 2, 5, 4, 2]
SCORES = [-3, -2, 1, 2, 3, -1, 0.5, -1, -2, 2, 1, -2]
PRESENT = frozenset({2, 3, 4, 6, 9})


def entries() -> Entries:
    ids = [f"film-{k}" for k in range(12)]
    alone = {film: answer(film, step) for film, step in zip(ids, ALONE, strict=True)}
    advised = {
        film: answer(film, step, phase=Phase.ADVISED)
        for film, step, first in zip(ids, AFTER, ALONE, strict=True)
        if step != first
    }
    return Entries(alone, advised, {film: advice(film, score) for film, score in zip(ids, SCORES, strict=True)})


def test_areas_are_those_of_scikit_learn() -> None:
    made = finding_result(design(12), entries(), "Nodule", Planted(PRESENT))
    assert made is not None and made.model is not None and made.advice is not None
    truth = [k in PRESENT for k in range(12)]
    assert made.area.value == pytest.approx(roc_auc_score(truth, ALONE))
    assert made.model.area.value == pytest.approx(roc_auc_score(truth, SCORES))
    assert made.advice.area.second == pytest.approx(roc_auc_score(truth, AFTER))
    assert (made.films, made.positives) == (12, 5)


def test_what_the_advice_changed_is_counted_by_hand() -> None:
    """Film 2 undecided to yes (right), 5 yes to no (right), 9 no to yes (right), 11 yes to no (right); film 10 stays wrong."""
    made = finding_result(design(12), entries(), "Nodule", Planted(PRESENT))
    assert made is not None and made.advice is not None
    effect = made.advice
    assert (effect.put_right, effect.put_wrong) == (4, 0)
    assert (effect.before.sensitivity.value, effect.after.sensitivity.value) == (3 / 5, 5 / 5)
    assert (effect.before.specificity.value, effect.after.specificity.value) == (4 / 7, 6 / 7)
    assert (effect.sensitivity.only_first, effect.sensitivity.only_second) == (0, 2)
    assert (effect.specificity.only_first, effect.specificity.only_second) == (0, 2)
    assert effect.sensitivity.p == pytest.approx(0.15730, abs=1e-5)  # chi-square(1) of (0 - 2)^2 / 2, from a table


def test_undecided_counts_as_the_choice_says() -> None:
    made = finding_result(design(12), entries(), "Nodule", Planted(PRESENT), hedge=Hedge.YES)
    assert made is not None
    assert made.own.sensitivity.value == 4 / 5
    assert made.own.specificity.value == 3 / 7


def test_films_not_read_and_findings_not_judged_count_nowhere() -> None:
    some = replace_alone(entries(), 5)
    made = finding_result(design(12), some, "Nodule", Planted(PRESENT))
    assert made is not None and made.films == 5
    assert finding_result(design(12), some, "Effusion", Planted(PRESENT)) is None
    assert finding_result(design(12), Entries(), "Nodule", Planted(PRESENT)) is None


def replace_alone(whole: Entries, count: int) -> Entries:
    kept = dict(list(whole.alone.items())[:count])
    return Entries(kept, {}, {film: item for film, item in whole.advice.items() if film in kept})


def test_before_any_advice_there_is_no_model_beside() -> None:
    made = finding_result(design(12), Entries(entries().alone), "Nodule", Planted(PRESENT))
    assert made is not None and made.model is None and made.advice is None


def test_published_labels_stand_beside_as_a_point() -> None:
    other = replace(Planted(frozenset({2, 3, 0})), name="reports", title="Reports")
    made = finding_result(design(12), entries(), "Nodule", Planted(PRESENT), other)
    assert made is not None and made.label is not None
    assert (made.label.sensitivity.value, made.label.specificity.value) == (2 / 5, 6 / 7)


def test_a_composite_is_scored_as_one_minus_the_product_of_complements() -> None:
    odds = {"Nodule": 0.0, "Mass": np.log(3)}
    scores = study_scores(odds, ("nodule_mass", "Nodule", "opacity"))
    assert scores["nodule_mass"] == pytest.approx(np.log(0.875 / 0.125))
    assert scores["Nodule"] == pytest.approx(0)
    assert "opacity" not in scores
    assert study_flags({"Mass"}, ("nodule_mass", "Nodule")) == ("nodule_mass",)
