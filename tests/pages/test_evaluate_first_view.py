"""Evaluate shows the finding's own AUROC and curve before the other findings' intervals are worked out, and the mean with them."""

import numpy as np
import pytest
import streamlit as st

from chexview.evaluation.examination import Examination, examine, examine_all
from chexview.evaluation.intervals import auroc_estimate
from chexview.evaluation.operating import OperatingPoints, Policy
from chexview.evaluation.performance import mean_auroc
from chexview.evaluation.run import ValidationRun
from chexview.exports import run_report
from chexview.pages import all_findings, cached_numbers
from chexview.text import evaluation as evaluation_text
from tests.pages.shown import bodies
from tests.pages.test_evaluate import Opener, home, opened, run

__all__ = ["home", "opened", "run"]


def test_the_headline_has_no_mean_until_it_is_worked_out(run: ValidationRun) -> None:
    examination = examine(run, "test", "Nodule")
    own = auroc_estimate(run.select("Nodule", "test")).value
    assert own is not None
    text = evaluation_text.headline(examination, None)
    assert f"{own:.3f}" in text and "being worked out" in text
    assert "being worked out" not in evaluation_text.headline(examination, mean_auroc(run.selections("test")))


def test_the_page_ends_with_the_mean_and_begins_with_it_the_next_time(
    run: ValidationRun, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[bool] = []
    whole = cached_numbers.known_areas

    def known(examination: Examination) -> object:
        found = whole(examination)
        begun.append(found is not None)
        return found

    monkeypatch.setattr(cached_numbers, "known_areas", known)
    cached_numbers.worked_out.clear()
    monkeypatch.setattr(all_findings, "section", lambda *_: None)
    mean = mean_auroc(run.selections("test")).value
    assert mean is not None and np.isfinite(mean)
    app = opened(finding="Nodule", list="test")
    assert f"<b>{mean:.3f}</b>" in bodies(app) and "being worked out" not in bodies(app)
    assert f"<b>{mean:.3f}</b>" in bodies(opened(finding="Mass", list="test"))
    assert begun == [False, True]


def test_what_is_beneath_the_first_view_is_announced_until_it_is_there(
    run: ValidationRun, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Nodule" in run.findings
    cached_numbers.worked_out.clear()
    with monkeypatch.context() as held:
        held.setattr(all_findings, "section", lambda *_: st.stop())
        assert evaluation_text.FOLLOWS in bodies(opened(finding="Nodule", list="test"))
    cached_numbers.worked_out.clear()
    app = opened(finding="Nodule", list="test")
    assert evaluation_text.FOLLOWS not in bodies(app)
    assert any(header.value.startswith("All findings") for header in app.header)


def points_of(run: ValidationRun) -> OperatingPoints:
    """The thresholds that the run itself offers, at its first policy."""
    return OperatingPoints(cached_numbers.points_of(run, "test"), Policy.SPECIFICITY_90)


def test_a_report_is_of_the_list_that_is_shown(run: ValidationRun, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[object] = []
    monkeypatch.setattr(run_report, "run_report", lambda *arguments: given.extend(arguments) or b"%PDF")
    every, mean, points = examine_all(run, "test", None), mean_auroc(run.selections("test")), points_of(run)
    assert all_findings.whole_report(every, points, mean) == b"%PDF"
    assert given[0] is run and given[1].name == "test" and given[2:] == [every, points, mean]  # type: ignore[attr-defined]
