"""Thresholds offered: the run's own first, then its validation films', then the judged films'; and their text."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from chexview.calibration import Calibration
from chexview.evaluation.curves import roc
from chexview.evaluation.operating import Policy, choose_all
from chexview.evaluation.run import ValidationRun
from chexview.evaluation.run_schema import ChosenOn, RunMetadata
from chexview.evaluation.run_writing import write_run
from chexview.evaluation.thresholds import Offer, Origin, calibration_of, offer, parsed, stops, written


def test_stored_thresholds_come_first(
    run: ValidationRun, frame: pd.DataFrame, meta: RunMetadata, tmp_path: Path
) -> None:
    stored = offer(run, "Nodule", "test")
    assert stored == Offer({Policy.YOUDEN: float(np.float32(0.3))}, Origin.STORED, "", "", here=False)
    validated = write_run(tmp_path / "validated", replace(meta, chosen_on=ChosenOn("validated", "validation")), frame)
    assert not offer(validated, "Nodule", "test").here
    assert offer(validated, "Nodule", "validation").here
    elsewhere = write_run(tmp_path / "other", replace(meta, chosen_on=ChosenOn("another", "validation")), frame)
    assert not offer(elsewhere, "Nodule", "validation").here


def test_then_the_validation_films_choose(run: ValidationRun) -> None:
    found = offer(run, "nodule_mass", "test")
    chosen = run.select("nodule_mass", "validation")
    expected = choose_all(chosen.labels, chosen.logits)
    assert found.points == {policy: point.threshold for policy, point in expected.items()}
    assert (found.origin, found.here) == (Origin.VALIDATION, False)
    assert offer(run, "nodule_mass", "validation").here


def test_else_the_judged_films_do(frame: pd.DataFrame, meta: RunMetadata, tmp_path: Path) -> None:
    tested = frame[frame["split"] == "test"].drop(columns="list__validation").reset_index(drop=True)
    bare = replace(meta, lists=meta.lists[1:], operating_points={}, calibration={})
    found = offer(write_run(tmp_path / "bare", bare, tested), "Mass", "test")
    assert (found.origin, found.here, found.list_name) == (Origin.HERE, True, "test")
    assert set(found.points) == set(Policy)


def test_several_policies_may_choose_one_threshold() -> None:
    found = Offer({Policy.YOUDEN: 0.5, Policy.MAX_F1: 0.5}, Origin.STORED, "", "", here=False)
    assert found.policy_of(0.5, Policy.MAX_F1) is Policy.MAX_F1
    assert found.policy_of(0.5, Policy.FLAGS_10) is Policy.YOUDEN
    assert found.policy_of(0.4, Policy.YOUDEN) is None
    assert found.preferred(Policy.FLAGS_10) == 0.5
    assert Offer({}, Origin.STORED, "", "", here=False).preferred(Policy.YOUDEN) is None


def test_a_composite_of_calibrated_parts_is_calibrated(
    run: ValidationRun, frame: pd.DataFrame, meta: RunMetadata, tmp_path: Path
) -> None:
    assert calibration_of(run, "Nodule") == Calibration(1.1, -0.3)
    assert calibration_of(run, "Mass") is None and calibration_of(run, "nodule_mass") is None
    both = replace(meta, calibration={"Nodule": Calibration(1.1, -0.3), "Mass": Calibration(0.9, 0.1)})
    whole = write_run(tmp_path / "both", both, frame)
    line = calibration_of(whole, "nodule_mass")
    assert line == Calibration(1.0, 0.0)
    parts = [both.calibration[name].probability(whole.logits(name)) for name in ("Nodule", "Mass")]
    assert line.probability(whole.logits("nodule_mass")) == pytest.approx(1 - (1 - parts[0]) * (1 - parts[1]))


def test_stops_occur_rise_and_end_with_nobody(run: ValidationRun) -> None:
    chosen = run.select("Nodule", "test")
    found = stops(roc(chosen.labels, chosen.logits), (0.25,), count=40)
    assert list(found) == sorted(set(found)) and found[-1] == math.inf and len(found) <= 42
    assert set(found) - {0.25, math.inf} <= {float(t) for t in chosen.logits}
    assert found[0] == chosen.logits.min()


@pytest.mark.parametrize("threshold", [float(np.float32(x)) for x in (-1.3, 1e-8, 123.456, 0.1)] + [math.inf])
def test_a_threshold_survives_its_text(threshold: float) -> None:
    assert parsed(written(threshold)) == threshold


@pytest.mark.parametrize("text", ["", "much", "nan", "-inf", "1,5"])
def test_other_texts_are_no_threshold(text: str) -> None:
    assert parsed(text) is None
