"""Readers as points: those of the adjudicated films, hedges either way, and the model beside their mean."""

import numpy as np
import pytest

from chexview import settings
from chexview.evaluation.examination import Examination
from chexview.evaluation.readers import (
    Hedge,
    ReaderAnswers,
    answers_on,
    label_point,
    mean_reader,
    reader_points,
)
from chexview.evaluation.references import ReferenceStandard, load_reference
from chexview.evaluation.run import load_run
from chexview.evaluation.selection import Selection

FOUR = settings.BUNDLED / "references" / "four-findings"


def test_first_answers_of_single_readers_against_the_adjudicated_truth() -> None:
    """Of the test films, without the one reader of 12 films: sensitivity 0.44 to 0.88, specificity 0.76 to 0.99."""
    reference = load_reference(FOUR)
    table = reference.table[reference.table["part"] == "test"].set_index("image")
    answers = reference.answers[reference.answers["finding"] == "Nodule_or_Mass"]
    answers = answers[answers["image"].isin(table.index)]
    rates = []
    for _, part in answers.groupby("reader"):
        truth = table.loc[part["image"], "label__Nodule_or_Mass"].to_numpy() == 1
        yes = part["answer"].to_numpy() == 1
        if len(part) > 50:
            rates.append((yes[truth].mean(), 1 - yes[~truth].mean()))
    low, high = np.min(rates, axis=0), np.max(rates, axis=0)
    assert len(rates) == 10
    assert [round(float(value), 2) for value in (low[0], high[0], low[1], high[1])] == [0.44, 0.88, 0.76, 0.99]


@pytest.fixture(scope="module")
def examination() -> Examination:
    run = load_run(settings.BUNDLED / "runs" / "reproduce-chexnet")
    return Examination(run, "published", "nodule_mass", load_reference(FOUR))


def test_readers_and_the_label_on_the_published_films(examination: Examination) -> None:
    reference = examination.truth
    assert isinstance(reference, ReferenceStandard)
    points = reader_points(examination, reference, enough=10)
    assert len(points) >= 4 and all(point.made_the_truth for point in points)
    assert [point.films for point in points] == sorted((point.films for point in points), reverse=True)
    images = examination.run.table.column("image")[examination.selection.rows]
    first = points[0]
    given = reference.answers
    given = given[(given["finding"] == "Nodule_or_Mass") & (given["reader"] == first.reader)].set_index("image")[
        "answer"
    ]
    mine = [k for k, image in enumerate(images) if image in given.index]
    truth = examination.labels[mine]
    yes = np.array([given[images[k]] == 1 for k in mine])
    assert first.films == len(mine) and first.sensitivity.value == pytest.approx(yes[truth].mean())
    assert first.specificity.value == pytest.approx(1 - yes[~truth].mean())
    kinder = reader_points(examination, reference, Hedge.YES, enough=10)
    both = {point.reader: point for point in kinder}
    assert both[first.reader].sensitivity.value >= first.sensitivity.value
    assert both[first.reader].specificity.value <= first.specificity.value
    label = label_point(examination)
    assert label is not None and label.films == 935
    assert label.sensitivity.value == pytest.approx((33 + 29) / (33 + 29 + 11 + 54))
    assert label_point(Examination(examination.run, "published", "nodule_mass")) is None


def test_the_model_at_the_mean_readers_specificity(examination: Examination) -> None:
    reference = examination.truth
    assert isinstance(reference, ReferenceStandard)
    answers = [item for item in answers_on(examination, reference) if len(item.films) > 100]
    found = mean_reader(examination.selection, answers, resamples=200)
    assert found is not None and found.readers == len(answers)
    rates = []
    for item in answers:
        truth = examination.labels[item.films]
        rates.append((item.flagged[truth].mean(), 1 - item.flagged[~truth].mean()))
    assert (found.sensitivity, found.specificity) == pytest.approx(tuple(np.mean(rates, axis=0)))
    negatives = np.sort(examination.scores[~examination.labels])
    thresholds = np.unique(examination.scores)
    reaching = [cut for cut in thresholds if (negatives < cut).mean() >= found.specificity]
    assert found.model_sensitivity == pytest.approx((examination.scores[examination.labels] >= reaching[0]).mean())
    assert found.gain_sensitivity.value == pytest.approx(found.model_sensitivity - found.sensitivity)
    gain = found.gain_sensitivity
    assert gain.low is not None and gain.high is not None and gain.low < gain.value < gain.high


def test_a_reader_like_the_model_gains_nothing() -> None:
    generator = np.random.default_rng(1)
    labels = generator.random(600) < 0.4
    logits = (generator.normal(size=600) + labels).astype(np.float32)
    selection = Selection.of(labels, logits, generator.integers(0, 200, 600))
    same = ReaderAnswers("model", np.arange(600), logits >= np.float32(0.5), 0)
    found = mean_reader(selection, [same], resamples=200)
    assert found is not None and found.gain_sensitivity.value == 0
    assert 0 <= (found.gain_specificity.value or 0) < 0.01
    assert mean_reader(selection, []) is None
