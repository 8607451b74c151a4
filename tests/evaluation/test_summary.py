"""One line a finding: the numbers are scikit-learn's, the thresholds the policy's own."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, recall_score, roc_auc_score

from chexview.evaluation.operating import Policy
from chexview.evaluation.run import ValidationRun
from chexview.evaluation.summary import assessed, auroc_of, has_control, precision, summarise


def test_what_is_assessed_and_controlled(run: ValidationRun) -> None:
    assert assessed(run) == ("Mass", "Nodule", "nodule_mass")
    assert [has_control(run, name) for name in assessed(run)] == [False, True, False]


def test_lines_equal_scikit_learn(run: ValidationRun) -> None:
    findings = assessed(run)
    lines = summarise(
        run,
        "test",
        findings,
        Policy.YOUDEN,
        {name: auroc_of(run, name, "test") for name in findings},
        {name: precision(run.select(name, "test"), resamples=50) for name in findings},
        {"Nodule": auroc_of(run, "Nodule", "test", control=True)},
    )
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


def test_a_policy_without_threshold_leaves_the_rates_open(run: ValidationRun) -> None:
    (line,) = summarise(
        run,
        "test",
        ["Mass"],
        Policy.MAX_F1,
        {"Mass": auroc_of(run, "Mass", "test")},
        {"Mass": precision(run.select("Mass", "test"), resamples=50)},
        {},
    )
    assert (line.threshold, line.sensitivity, line.specificity) == (None, None, None)
