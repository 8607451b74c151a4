"""What train/README says of the resolution experiment is what the stored runs hold."""

import re
from pathlib import Path

import pytest

from chexview import settings
from chexview.evaluation.comparison import Matched, compare, matched, mean_difference
from chexview.evaluation.examination import Truth
from chexview.evaluation.intervals import auroc_estimate
from chexview.evaluation.references import load_reference
from chexview.evaluation.run import ValidationRun, load_run
from chexview.text import estimates

README = re.sub(r"\s+", " ", (Path(__file__).parents[2] / "train" / "README.md").read_text(encoding="utf-8"))
SEEDS = (1, 2)


@pytest.fixture(scope="module")
def arms() -> tuple[tuple[ValidationRun, ValidationRun], ...]:
    """For each seed the run at 448 pixels and the run at 224."""
    folder = settings.BUNDLED / "runs"
    loaded = [[load_run(folder / f"nodule-mass-{size}-{seed}") for size in (448, 224)] for seed in SEEDS]
    return tuple((large, small) for large, small in loaded)


def truths() -> list[tuple[str, str, Truth | None]]:
    """A row of the table each: its name, the list, the truth."""
    adjudicated = load_reference(settings.BUNDLED / "references" / "four-findings")
    return [
        ("NIH's labels", "sharp", None),
        ("adjudicated", "sharp", adjudicated),
        ("validation films", "validation", None),
    ]


@pytest.mark.parametrize("row", truths(), ids=lambda row: str(row[0]))
def test_areas_and_differences(
    row: tuple[str, str, Truth | None], arms: tuple[tuple[ValidationRun, ValidationRun], ...]
) -> None:
    name, listed, truth = row
    pairs: list[Matched] = [matched(*arm, "nodule_mass", listed, truth) for arm in arms]
    for seed, pair in zip(SEEDS, pairs, strict=True):
        (found,) = compare([(pair.first, pair.second)])
        difference = f"{found.difference:+.3f} ({found.low:+.3f} to {found.high:+.3f})"
        areas = [estimates.number(auroc_estimate(selection)) for selection in (pair.second, pair.first)]
        assert f"| {name}, seed {seed} | {areas[0]} | {areas[1]} | {difference} |" in README
    mean = mean_difference([(pair.first, pair.second) for pair in pairs])
    assert (
        f"| {name}, mean of {len(SEEDS)} seeds | | | {mean.value:+.3f} ({mean.low:+.3f} to {mean.high:+.3f}) |"
        in README
    )
    assert f"{pairs[0].first.films:,} {'sharp' if listed == 'sharp' else 'sharp validation'}" in README


def test_films_and_what_could_have_been_seen(arms: tuple[tuple[ValidationRun, ValidationRun], ...]) -> None:
    pairs = [matched(*arm, "nodule_mass", "sharp") for arm in arms]
    mean = mean_difference([(pair.first, pair.second) for pair in pairs])
    assert mean.detectable is not None and f"a true difference of {mean.detectable:.3f} would have been seen" in README


def test_both_arms_saw_the_same_split(arms: tuple[tuple[ValidationRun, ValidationRun], ...]) -> None:
    for large, small in arms:
        assert large.meta.split_hash == small.meta.split_hash
        assert large.meta.patient_overlap is not None and large.meta.patient_overlap.shared == 0
        assert large.meta.checkpoint.weights != small.meta.checkpoint.weights
