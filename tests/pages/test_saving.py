"""What is taken away: the summary page holds the engine's numbers, and figures are drawn for paper."""

from pathlib import Path

import pytest
from sklearn.metrics import roc_auc_score

from chexview.evaluation.intervals import auroc_estimate
from chexview.evaluation.operating import Policy
from chexview.evaluation.performance import performance
from chexview.evaluation.run import ValidationRun
from chexview.evaluation.run_writing import write_run
from chexview.evaluation.summary import assessed, precision, summarise
from chexview.exports import sheet
from chexview.figures.theme import LIGHT, Theme, message
from chexview.pages import saving
from tests.pages.test_evaluate import meta, table


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> ValidationRun:
    frame = table()
    return write_run(tmp_path_factory.mktemp("runs") / "mine", meta(frame), frame)


def test_one_page_holds_every_findings_numbers(
    run: ValidationRun, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    item = next(item for item in run.lists if item.name == "test")
    findings = assessed(run)
    aurocs = {name: auroc_estimate(run.select(name, "test")) for name in findings}
    precisions = {name: precision(run.select(name, "test"), resamples=50) for name in findings}
    lines = summarise(run, "test", findings, Policy.SPECIFICITY_90, aurocs, precisions, {})
    kept: list[sheet.Sheet] = []
    monkeypatch.setattr(sheet, "pdf", lambda told: kept.append(told) or b"%PDF")
    mean = performance(run.selections("test")).mean
    assert saving.one_page(run, item, Policy.SPECIFICITY_90, lines, mean) == b"%PDF"
    (told,) = kept
    rows = {row.cells[0]: row for row in told.rows}
    selection = run.select("Nodule", "test")
    assert rows["Nodule"].value == pytest.approx(roc_auc_score(selection.labels, selection.logits))
    cut = run.meta.operating_points[Policy.SPECIFICITY_90]["Nodule"]
    flagged = selection.logits >= cut
    tally = [
        (flagged & selection.labels).sum(),
        (~flagged & selection.labels).sum(),
        (flagged & ~selection.labels).sum(),
    ]
    assert [int(cell.replace(",", "")) for cell in rows["Nodule"].cells[5:8]] == tally
    assert rows["Fibrosis"].value is None and rows["Fibrosis"].cells[1] == "no film with the finding"
    assert {curve.title for curve in told.curves} == {row for row in rows if rows[row].value is not None}
    assert ("Thresholds", Policy.SPECIFICITY_90.heading) in told.facts and f"{mean.value:.3f}" in told.headline
    monkeypatch.undo()
    assert saving.one_page(run, item, Policy.SPECIFICITY_90, lines, mean).startswith(b"%PDF")


def test_figures_are_drawn_for_paper() -> None:
    seen: list[Theme] = []

    def build(look: Theme) -> object:
        seen.append(look)
        return message("nothing", look, 100)

    for _, _, write in saving._KINDS:
        assert saving._written(write, build)  # type: ignore[arg-type]
    assert seen == [LIGHT] * 3
