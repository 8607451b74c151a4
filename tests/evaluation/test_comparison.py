"""Comparisons of runs: a planted null, a planted difference, and what cannot be compared."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2
from sklearn.metrics import roc_auc_score

from chexview.errors import RunError
from chexview.evaluation.comparison import compare, disagreement, holm, matched, mean_difference, only_difference
from chexview.evaluation.estimate import Remark
from chexview.evaluation.run import ValidationRun
from chexview.evaluation.run_schema import RunMetadata
from chexview.evaluation.run_writing import write_run
from chexview.evaluation.selection import Selection


def _pair(generator: np.random.Generator, gain: float) -> tuple[Selection, Selection]:
    """Two readers of the same clustered films, the first better by ``gain``."""
    owner = np.sort(generator.integers(0, 120, 500))
    labels = (generator.normal(size=120)[owner] + 0.6 * generator.normal(size=500)) > 0.8
    common = 0.6 * generator.normal(size=120)[owner] + 0.5 * generator.normal(size=500)
    one = (1.2 + gain) * labels + common + 0.6 * generator.normal(size=500)
    two = 1.2 * labels + common + 0.6 * generator.normal(size=500)
    return Selection.of(labels, one, owner, "Mass"), Selection.of(labels, two, owner, "Mass")


def test_alarms_are_as_rare_as_promised_and_differences_are_found() -> None:
    generator = np.random.default_rng(0)
    null = compare([_pair(generator, 0.0) for _ in range(300)])
    assert 0.02 < np.mean([item.p < 0.05 for item in null if item.p is not None]) < 0.09
    assert np.mean([item.p_holm < 0.05 for item in null if item.p_holm is not None]) < 0.01
    assert np.mean([item.low <= 0 <= item.high for item in null]) == pytest.approx(0.95, abs=0.035)
    (found,) = compare([_pair(generator, 1.0)])
    assert found.p == found.p_holm and found.p is not None and found.p < 0.001
    assert found.difference == pytest.approx(found.first - found.second)


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx((0.03, 0.06, 0.06))
    assert holm([0.5, 0.9]) == pytest.approx((1.0, 1.0))
    assert holm([]) == ()


def test_what_has_no_difference_says_why() -> None:
    generator = np.random.default_rng(1)
    same, _ = _pair(generator, 0.0)
    none = Selection.of(np.zeros(9, bool), np.arange(9.0))
    few = Selection.of(np.arange(9) < 2, np.arange(9.0))
    found = compare([(same, same), (none, none), (few, few)])
    assert [item.remark for item in found] == [Remark.NO_SPREAD, Remark.NO_POSITIVE, Remark.TOO_FEW]
    assert [item.difference for item in found] == [0.0, None, 0.0]
    assert all(item.p is None for item in found)


def test_runs_are_matched_by_image(run: ValidationRun, frame: pd.DataFrame, meta: RunMetadata, tmp_path: Path) -> None:
    shuffled = frame.sample(frac=0.8, random_state=0)
    shuffled["logit__Mass"] = shuffled["logit__Mass"] + np.float32(1)
    other = write_run(tmp_path / "other", replace(meta, title="Other"), shuffled)
    pair = matched(run, other, "Mass", "test")
    np.testing.assert_allclose(pair.second.logits, pair.first.logits + 1, rtol=1e-6)
    assert pair.first.films + pair.only_first == run.select("Mass", "test").films
    assert pair.only_second == (shuffled["label__Mass"] >= 0).sum() - pair.first.films

    changed = shuffled.assign(label__Mass=(1 - shuffled["label__Mass"].abs()).astype(np.int8))
    liar = write_run(tmp_path / "liar", meta, changed)
    with pytest.raises(RunError, match="shared films have other labels of Mass in liar than in small"):
        matched(run, liar, "Mass", "test")
    strange = write_run(tmp_path / "strange", meta, frame.assign(image="x" + frame["image"]))
    with pytest.raises(RunError, match="share no film of Mass"):
        matched(run, strange, "Mass", "test")


def test_the_mean_difference_is_the_mean_of_the_differences_and_finds_a_planted_one() -> None:
    generator = np.random.default_rng(11)
    patients = np.repeat(np.arange(400), 3)
    pairs = []
    for k in range(3):
        labels = generator.random(1200) < 0.15
        shared = generator.normal(size=1200)
        better = Selection.of(labels, 1.6 * labels + shared + 0.4 * generator.normal(size=1200), patients, f"f{k}")
        worse = Selection.of(labels, 0.8 * labels + shared + 0.4 * generator.normal(size=1200), patients, f"f{k}")
        pairs.append((better, worse))
    found = mean_difference(pairs)
    wanted = np.mean([roc_auc_score(a.labels, a.logits) - roc_auc_score(b.labels, b.logits) for a, b in pairs])
    assert found.value == pytest.approx(wanted) and found.findings == ("f0", "f1", "f2")
    assert found.low is not None and found.low > 0 and found.p is not None and found.p < 0.01
    assert found.detectable == pytest.approx((found.value - found.low) / 1.959964 * 2.801585, rel=1e-4)
    same = mean_difference([(a, a) for a, _ in pairs])
    assert same.value == 0 and same.low is None
    assert mean_difference([]).value is None


def test_a_single_finding_has_one_interval() -> None:
    generator = np.random.default_rng(13)
    labels = generator.random(600) < 0.3
    one, other = (Selection.of(labels, 0.9 * labels + generator.normal(size=600)) for _ in range(2))
    (found,) = compare([(one, other)])
    mean = only_difference(found)
    assert (mean.value, mean.low, mean.high, mean.p) == (found.difference, found.low, found.high, found.p)
    assert mean.value is not None and mean.low is not None
    assert mean.detectable == pytest.approx((mean.value - mean.low) / 1.959964 * 2.801585, rel=1e-4)


def test_disagreement_of_lonely_films_is_mcnemars_test() -> None:
    """One film a patient: statsmodels' McNemar without continuity correction."""
    generator = np.random.default_rng(12)
    labels = generator.random(800) < 0.4
    one, other = (Selection.of(labels, labels + generator.normal(size=800)) for _ in range(2))
    found = disagreement(one, other, (0.5, 0.9), positive=True)
    mask = labels
    first, second = one.logits[mask] >= np.float32(0.5), other.logits[mask] >= np.float32(0.9)
    b, c = int((first & ~second).sum()), int((~first & second).sum())
    assert (found.only_first, found.only_second, found.films) == (b, c, mask.sum())
    assert found.p == pytest.approx(float(chi2.sf((b - c) ** 2 / (b + c), 1)))
    assert disagreement(one, one, (0.5, 0.5), positive=False).p is None
