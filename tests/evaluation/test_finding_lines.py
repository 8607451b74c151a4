"""One line a finding: the numbers are scikit-learn's, the thresholds those that are handed in."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, recall_score, roc_auc_score

from chexview.evaluation.examination import examine, examine_all
from chexview.evaluation.finding_lines import finding_lines
from chexview.evaluation.operating import OperatingPoints, Policy
from chexview.evaluation.run import ValidationRun
from chexview.evaluation.summary import assessed
from chexview.evaluation.thresholds import offered_points


def test_lines_equal_scikit_learn(run: ValidationRun) -> None:
    findings = assessed(run)
    points = OperatingPoints(offered_points(run, "test"), Policy.YOUDEN)
    lines = finding_lines(examine_all(run, "test"), points.thresholds(findings))
    assert [line.finding for line in lines] == list(findings)
    for line in lines:
        chosen = run.select(line.finding, "test")
        assert line.auroc.value == pytest.approx(roc_auc_score(chosen.labels, chosen.logits))
        assert line.precision.average.value == pytest.approx(average_precision_score(chosen.labels, chosen.logits))
        assert line.precision.prevalence.value == pytest.approx(chosen.labels.mean())
        assert line.threshold is not None and line.sensitivity is not None and line.specificity is not None
        flagged = chosen.logits >= np.float32(line.threshold)
        assert line.sensitivity.value == pytest.approx(recall_score(chosen.labels, flagged))
        assert line.specificity.value == pytest.approx(recall_score(~chosen.labels, ~flagged))
    assert lines[0].control is None and lines[1].control is not None
    control = run.select("Nodule", "test", control=True)
    assert lines[1].control.value == pytest.approx(roc_auc_score(control.labels, control.logits))


def test_a_finding_without_threshold_leaves_the_rates_open(run: ValidationRun) -> None:
    (line,) = finding_lines([examine(run, "test", "Mass")], {})
    assert (line.threshold, line.sensitivity, line.specificity) == (None, None, None)
