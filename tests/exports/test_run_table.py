"""Tables of a run's findings: every number with its interval and counts, and no formulas."""

import csv
import io
from dataclasses import replace

import numpy as np

from chexview.evaluation.examination import examine, examine_all
from chexview.evaluation.finding_lines import finding_lines
from chexview.evaluation.operating import OperatingPoints, Policy
from chexview.evaluation.run import ValidationRun
from chexview.evaluation.summary import assessed
from chexview.evaluation.thresholds import offered_points
from chexview.exports import run_table
from chexview.exports.tables import comma_separated
from tests.pages.test_evaluate import LISTS, home, run

__all__ = ["home", "run"]


def test_the_file_holds_every_number_and_no_formula(run: ValidationRun) -> None:
    renamed = replace(run, name="=HYPERLINK()")
    findings = assessed(run)
    points = OperatingPoints(offered_points(run, "test"), Policy.YOUDEN).with_override("Mass", 0.5)
    lines = finding_lines(examine_all(run, "test"), points.thresholds(findings))
    data = run_table.comma_separated(renamed, LISTS[0], points, lines, control=False, truth="NIH, from reports")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert [row["finding"] for row in rows] == list(findings)
    assert {row["run"] for row in rows} == {"'=HYPERLINK()"} and {row["run_sha256"] for row in rows} == {run.digest}
    nodule = next(row for row in rows if row["finding"] == "Nodule")
    assert float(nodule["threshold_logit"]) < 0
    assert np.float32(nodule["threshold_logit"]) == np.float32(run.meta.operating_points[Policy.YOUDEN]["Nodule"])
    assert {row["policy"] for row in rows if row["finding"] == "Mass"} == {"chosen by the user"}
    assert float(nodule["auroc_low"]) < float(nodule["auroc"]) < float(nodule["auroc_high"])
    assert {row["notice"] for row in rows} == {"For research and teaching, not for diagnosis."}
    assert next(row for row in rows if row["finding"] == "Fibrosis")["auroc"] == ""


def test_the_counts_are_saved_whole(run: ValidationRun) -> None:
    known = (("Nodule", -0.5), ("Mass", 0.0))
    table = run_table.counts({name: examine(run, "test", name).confusion(cut) for name, cut in known})
    rows = list(csv.DictReader(io.StringIO(comma_separated(table).decode("utf-8-sig"))))
    assert [row["Finding"] for row in rows] == ["Nodule", "Mass"]
    total = sum(
        int(rows[0][name]) for name in ("Correctly flagged", "Missed", "Flagged wrongly", "Correctly not flagged")
    )
    assert total == run.select("Nodule", "test").films
