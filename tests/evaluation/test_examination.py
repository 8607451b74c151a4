"""One examination: its numbers are scikit-learn's, each is computed once, and the truth decides the labels."""

from collections import Counter

import numpy as np
import numpy.typing as npt
import pytest
from sklearn.metrics import average_precision_score, confusion_matrix, roc_auc_score

from chexview.errors import RunError
from chexview.evaluation import examination
from chexview.evaluation.confusion import Cell
from chexview.evaluation.examination import Examination, examine, examine_all
from chexview.evaluation.run import ValidationRun


class Opposite:
    """A truth that says the contrary of ``run`` on every second film, and nothing of the others."""

    name, title, digest = "opposite", "The opposite", "ef" * 32

    def __init__(self, run: ValidationRun) -> None:
        self.run = run

    def judges(self, finding: str) -> bool:
        return finding == "Nodule"

    def labels(self, finding: str, images: npt.NDArray[np.object_]) -> npt.NDArray[np.int8]:
        own = self.run.labels(finding)
        every_second = np.arange(len(images)) % 2 == 0
        return np.where(every_second & (own >= 0), 1 - own, -1).astype(np.int8)


def test_the_numbers_are_those_of_scikit_learn(run: ValidationRun) -> None:
    found = Examination(run, "test", "Nodule", threshold=0.3)
    mask = run.list_mask("test") & (run.labels("Nodule") >= 0)
    labels, logits = run.labels("Nodule")[mask], run.logits("Nodule")[mask]
    assert found.auroc.value == pytest.approx(roc_auc_score(labels, logits), abs=1e-12)
    assert found.average_precision.value == pytest.approx(average_precision_score(labels, logits), abs=1e-12)
    tn, fp, fn, tp = confusion_matrix(labels, logits >= np.float32(0.3)).ravel()
    counts = found.confusion().counts
    assert (counts.true_negatives, counts.false_positives, counts.false_negatives, counts.true_positives) == (
        tn,
        fp,
        fn,
        tp,
    )
    assert found.table.at(0.3) == counts
    assert len(found.rows(Cell.FALSE_POSITIVE)) == fp
    assert (found.films, found.positive_films) == (len(labels), int((labels == 1).sum()))
    assert found.listed == run.meta.counts["test"] and found.listed.films > found.films
    assert found.prevalence.value == pytest.approx((labels == 1).mean())


def test_nothing_is_computed_before_it_is_asked_for_and_nothing_twice(
    run: ValidationRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: Counter[str] = Counter()
    for name in ("threshold_table", "auroc_estimate", "confusion", "offer", "reliability", "summarise", "roc_band"):
        original = getattr(examination, name)

        def counted(*arguments: object, name: str = name, original: object = original) -> object:
            calls[name] += 1
            return original(*arguments)  # type: ignore[operator]

        monkeypatch.setattr(examination, name, counted)
    found = Examination(run, "test", "Nodule")
    assert not calls
    for _ in range(3):
        for name in ("curve", "table", "auroc", "offer", "reliability", "calibration_summary", "band"):
            getattr(found, name)
        found.confusion(0.5)
        again = found.at(0.5)
        again.confusion()
        assert again.curve is found.curve and again.auroc is found.auroc
    assert set(calls.values()) == {1} and len(calls) == 7


def test_another_threshold_is_another_confusion_of_the_same_films(run: ValidationRun) -> None:
    found = Examination(run, "test", "Nodule", threshold=0.0)
    found.confusion()
    other = found.at(np.inf)
    assert other.confusion().counts.flagged == 0 < found.confusion().counts.flagged
    assert other.selection is found.selection
    with pytest.raises(ValueError, match="no threshold"):
        found.at(None).confusion()


def test_another_truth_judges_the_films_that_it_labels(run: ValidationRun) -> None:
    own = Examination(run, "test", "Nodule")
    other = Examination(run, "test", "Nodule", Opposite(run))
    assert other.films < own.films
    assert (other.selection.rows % 2 == 0).all()
    assert (other.labels == (run.labels("Nodule")[other.selection.rows] == 0)).all()
    assert other.auroc.value == pytest.approx(roc_auc_score(other.labels, other.scores), abs=1e-12)
    assert other.offer == own.offer
    assert other.key != own.key


def test_a_composite_its_control_and_what_the_run_lacks(run: ValidationRun) -> None:
    assert Examination(run, "test", "nodule_mass").of_control is None
    control = Examination(run, "test", "Nodule").of_control
    assert control is not None
    assert (control.scores == run.logits("Nodule", control=True)[control.selection.rows]).all()
    assert Examination(run, "test", "Mass").reliability == ()
    with pytest.raises(RunError, match="Hernia"):
        Examination(run, "test", "Hernia").films  # noqa: B018
    with pytest.raises(RunError, match="no list"):
        Examination(run, "elsewhere", "Nodule").films  # noqa: B018


def test_all_findings_that_the_truth_judges_are_examined_once(run: ValidationRun) -> None:
    truth = Opposite(run)
    assert [item.finding for item in examine_all(run, "test")] == ["Mass", "Nodule", "nodule_mass"]
    assert examine_all(run, "test", truth) == (examine(run, "test", "Nodule", truth),)


def test_a_run_examines_itself_on_its_first_list(run: ValidationRun) -> None:
    assert run.examine("Nodule") is examine(run, "validation", "Nodule")
    assert run.examine("Nodule", "test", Opposite(run)).positive_films > 0
