"""A run on one page: the engine's numbers."""

from pathlib import Path

import pytest
from sklearn.metrics import roc_auc_score

from chexview.evaluation.examination import examine_all
from chexview.evaluation.operating import OperatingPoints, Policy
from chexview.evaluation.performance import performance
from chexview.evaluation.run import ValidationRun
from chexview.evaluation.run_writing import write_run
from chexview.evaluation.thresholds import offered_points
from chexview.exports import sheet
from chexview.exports.run_report import run_report
from tests.pages.test_evaluate import meta, table


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> ValidationRun:
    frame = table()
    return write_run(tmp_path_factory.mktemp("runs") / "mine", meta(frame), frame)


def test_one_page_holds_every_findings_numbers(
    run: ValidationRun, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    item = next(item for item in run.lists if item.name == "test")
    examinations = examine_all(run, "test")
    points = OperatingPoints(offered_points(run, "test"), Policy.SPECIFICITY_90)
    kept: list[sheet.Sheet] = []
    monkeypatch.setattr(sheet, "pdf", lambda page: kept.append(page) or b"%PDF")
    mean = performance(run.selections("test")).mean
    assert run_report(run, item, examinations, points, mean) == b"%PDF"
    (page,) = kept
    rows = {row.cells[0]: row for row in page.rows}
    selection = run.select("Nodule", "test")
    assert rows["Nodule"].value == pytest.approx(roc_auc_score(selection.labels, selection.logits))
    cut = run.meta.operating_points[Policy.SPECIFICITY_90]["Nodule"]
    flagged = selection.logits >= cut
    tally = [
        (flagged & selection.labels).sum(),
        (~flagged & selection.labels).sum(),
        (flagged & ~selection.labels).sum(),
    ]
    assert [int(cell.replace(",", "")) for cell in rows["Nodule"].cells[6:9]] == tally
    assert rows["Fibrosis"].value is None and rows["Fibrosis"].cells[1] == "no film with the finding"
    assert {curve.title for curve in page.curves} == {row for row in rows if rows[row].value is not None}
    assert ("Thresholds", Policy.SPECIFICITY_90.heading) in page.facts and f"{mean.value:.3f}" in page.headline
    monkeypatch.undo()
    assert run_report(run, item, examinations, points, mean).startswith(b"%PDF")
