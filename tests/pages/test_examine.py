"""The Examine page: its sections say what the engine computes, and each is a link."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from chexview.calibration import Calibration
from chexview.evaluation.calibration import CalibrationError, CalibrationSummary
from chexview.evaluation.localisation import MapMeasure, localised
from chexview.evaluation.run import ValidationRun
from chexview.evaluation.run_writing import write_run
from chexview.evaluation.subgroups import Gap
from chexview.evaluation.thresholds import offer
from chexview.text import examination as examination_text
from tests.evaluation.test_localisation import planted
from tests.pages.shown import page_at
from tests.pages.test_compare import address, html
from tests.pages.test_evaluate import meta, table


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ValidationRun:
    monkeypatch.setenv("CHEXVIEW_HOME", str(tmp_path))
    frame = table()
    words = replace(meta(frame), calibration={"Nodule": Calibration(1.0, 0.0)})
    return write_run(tmp_path / "runs" / "mine", words, frame)


def opened(**given: str) -> AppTest:
    return page_at("examine.py", **{"run": "mine", "list": "test", "finding": "Nodule", **given})


def test_natural_frequencies_are_those_of_the_matrix_and_follow_the_dial(run: ValidationRun) -> None:
    test = opened()
    assert not test.exception
    selection = run.select("Nodule", "test")
    threshold = offer(run, "Nodule", "test").preferred(next(iter(run.meta.operating_points)))
    assert threshold is not None
    ill = round(1000 * selection.labels.mean())
    assert f"Of 1,000 such films {ill:,} show a nodule" in html(test)
    assert html(test).count("<i class=") == 1000 + 4
    test.select_slider[0].set_value(0.01).run()
    found = html(test)
    assert "Of 1,000 such films 10 show a nodule" in found
    flagged = selection.logits >= np.float32(float(address(test)["threshold"]))
    wrongly = round((flagged & ~selection.labels).sum() / (~selection.labels).sum() * 990)
    assert f"Of the 990 others, {wrongly:,} are flagged wrongly" in found


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ("calibration", "ECE"),
        ("decisions", "Decision curve of Nodule"),
        ("groups", "women minus men"),
        ("together", "The diagonal holds the sensitivities"),
    ],
)
def test_every_section_is_a_link(run: ValidationRun, section: str, words: str) -> None:
    test = opened(section=section)
    assert not test.exception
    assert words in html(test) and address(test)["section"] == section


def test_map_scores_stand_beside_their_control(run: ValidationRun, tmp_path: Path) -> None:
    assert "has no boxes" in html(opened(section="maps"))
    frame = table()
    stored = write_run(tmp_path / "runs" / "boxed", meta(frame), frame, None, planted(0.2))
    test = opened(run="boxed", section="maps")
    assert not test.exception and stored.localisation() is not None
    shown = test.dataframe[0].value.set_index("Finding")
    (wanted,) = localised(planted(0.2), MapMeasure.POINTING)
    assert shown.loc["Mass", "Class map"] == pytest.approx(wanted.scores["class map"].value, abs=1e-3)
    assert shown.loc["Mass", "Verdict"] == "beats the best control" and shown.loc["all findings", "Boxes"] == 120


def test_what_cannot_be_told_is_said(run: ValidationRun) -> None:
    assert "no calibration of mass" in html(opened(finding="Mass", section="calibration"))
    assert "no calibration of mass" in html(opened(finding="Mass", section="decisions"))
    nobody = opened(finding="Fibrosis", section="prevalence")
    assert not nobody.exception and "nothing can be moved to another prevalence" in html(nobody)


def test_groups_table_counts_films(run: ValidationRun) -> None:
    test = opened(section="groups")
    shown = test.dataframe[0].value.set_index("Group")
    selection = run.select("Nodule", "test")
    women = run.table.column("sex")[selection.rows] == "F"
    assert shown.loc["women", "Films"] == women.sum()
    assert re.match(r"0\.\d{3} \(0\.\d{3} to 0\.\d{3}\)", shown.loc["women", "AUROC"])


def test_words() -> None:
    gaps = [Gap("a", "b", "AUROC", 0.1, 0.05, 0.15), Gap("a", "b", "sensitivity", 0.1, -0.05, 0.2)]
    sure, chance = examination_text.gap_sentences(gaps)
    assert sure == "AUROC, a minus b: +0.100 (+0.050 to +0.150); a gap."
    assert chance == "Sensitivity, a minus b: +0.100 (-0.050 to +0.200); that may be chance."
    few, none = examination_text.gap_sentences(
        [Gap("a", "b", "AUROC", 0.1, None, None), Gap("a", "b", "AUROC", None, None, None)]
    )
    assert few.endswith("too few patients to tell whether that is chance.") and "no films to count" in none
    good = CalibrationSummary(100, 10, 0.1, 0.08, 0.3, CalibrationError(0.01, 0.005, 0.03), None, None)
    assert "are well-calibrated" in examination_text.calibration(good, "Nodule")
    off = replace(good, error=CalibrationError(0.2, 0.005, 0.03), slope=0.5, intercept=-1.0)
    found = examination_text.calibration(off, "Nodule")
    assert "off by 20 % on average" in found and "0.50" in found and "-1.00" in found
    assert examination_text.stops(0.123) == sorted({*[step / 100 for step in examination_text.STEPS], 0.123})
