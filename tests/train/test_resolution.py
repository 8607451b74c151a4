"""What train/README.md says of the resolution experiment is what the two stored runs hold."""

import re
from pathlib import Path

import pytest

from chexview import settings
from chexview.evaluation.comparison import compare, matched, mean_difference
from chexview.evaluation.confusion import confusion
from chexview.evaluation.intervals import auroc_estimate
from chexview.evaluation.operating import Policy
from chexview.evaluation.run import ValidationRun, load_run
from chexview.text import estimates

README = re.sub(r"\s+", " ", (Path(__file__).parents[2] / "train" / "README.md").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def arms() -> tuple[ValidationRun, ValidationRun]:
    return tuple(load_run(settings.BUNDLED / "runs" / f"nodule-mass-{size}") for size in (416, 224))  # type: ignore[return-value]


def test_areas_and_their_difference(arms: tuple[ValidationRun, ValidationRun]) -> None:
    for run in arms:
        assert estimates.number(auroc_estimate(run.select("nodule_mass", "sharp"))) in README
    pair = matched(*arms, "nodule_mass", "sharp")
    assert (pair.first.films, pair.first.positive_films) == (1315, 366)
    (found,) = compare([(pair.first, pair.second)])
    assert f"{found.difference:+.3f} ({found.low:+.3f} to {found.high:+.3f})" in README
    detectable = mean_difference([(pair.first, pair.second)]).detectable
    assert detectable is not None and f"a true difference of {detectable:.3f} would have been seen" in README
    held_out = matched(*arms, "nodule_mass", "validation")
    (found,) = compare([(held_out.first, held_out.second)])
    assert f"{found.difference:+.3f} ({found.low:+.3f} to {found.high:+.3f})" in README


def test_matrices_at_the_same_policy(arms: tuple[ValidationRun, ValidationRun]) -> None:
    counts = []
    for run in reversed(arms):
        cut = run.meta.operating_points[Policy.SPECIFICITY_90]["nodule_mass"]
        counts.append(confusion(run.select("nodule_mass", "sharp"), cut).counts)
    assert f"found, of 366 | {counts[0].true_positives} | {counts[1].true_positives} |" in README
    assert f"flagged wrongly, of 949 | {counts[0].false_positives} | {counts[1].false_positives} |" in README


def test_both_arms_saw_the_same_split(arms: tuple[ValidationRun, ValidationRun]) -> None:
    assert arms[0].meta.split_hash == arms[1].meta.split_hash
    assert arms[0].meta.patient_overlap is not None and arms[0].meta.patient_overlap.shared == 0
