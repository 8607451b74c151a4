"""The published predictions of a CheXNet replication, joined to NIH's labels, give back what their author published."""

from pathlib import Path

import pandas as pd
import pytest

from chexview.evaluation.confusion import confusion
from chexview.evaluation.curves import auroc
from chexview.evaluation.performance import performance
from chexview.evaluation.run import ValidationRun
from chexview.findings import NAMES

pytestmark = pytest.mark.shared


def test_the_authors_areas(published: ValidationRun, shared: Path) -> None:
    stated = pd.read_csv(shared / "runs" / "jrzech" / "aucs.csv").set_index("label")["auc"]
    found = performance(published.selections("published"))
    assert published.findings == NAMES
    assert published.meta.counts["published"].films == 22_433
    assert published.meta.counts["published"].patients == 6_187
    for name in NAMES:
        estimate = found.aurocs[name]
        assert estimate.value == pytest.approx(stated[name], abs=1e-5)
        assert estimate.low is not None and estimate.high is not None
        assert estimate.low < stated[name] < estimate.high
    assert found.mean.value == pytest.approx(stated.mean(), abs=1e-5)
    assert found.mean.left_out == ()


def test_counts_at_one_half(published: ValidationRun) -> None:
    nodule = confusion(published.select("Nodule", "published"), 0.0).counts
    assert (nodule.true_positives, nodule.false_positives, nodule.false_negatives) == (165, 159, 1172)
    pneumonia = confusion(published.select("Pneumonia", "published"), 0.0)
    assert (pneumonia.counts.true_positives, pneumonia.counts.false_negatives) == (0, 260)
    assert pneumonia.ppv.value is None


def test_nodule_or_mass(published: ValidationRun) -> None:
    either = published.select("nodule_mass", "published")
    assert auroc(either.labels, either.logits) == pytest.approx(0.7921, abs=5e-5)
    counts = confusion(either, 0.0).counts
    assert (counts.true_positives, counts.false_positives, counts.false_negatives) == (618, 453, 1668)
