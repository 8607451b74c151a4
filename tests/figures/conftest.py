"""Films of one finding, their curve and their matrix, for several figures."""

import numpy as np
import pytest

from chexview.evaluation.confusion import Confusion, confusion
from chexview.evaluation.curves import RocCurve, roc
from chexview.evaluation.estimate import Estimate
from chexview.evaluation.intervals import auroc_estimate
from chexview.evaluation.selection import Selection


@pytest.fixture(scope="module")
def selection() -> Selection:
    """5,000 films, a sixth with the finding."""
    generator = np.random.default_rng(3)
    labels = generator.random(5000) < 1 / 6
    return Selection.of(
        labels, labels + generator.normal(size=5000), generator.integers(0, 900, 5000), "Nodule", "test"
    )


@pytest.fixture(scope="module")
def curve(selection: Selection) -> RocCurve:
    return roc(selection.labels, selection.logits)


@pytest.fixture(scope="module")
def estimate(selection: Selection) -> Estimate:
    return auroc_estimate(selection, resamples=200)


@pytest.fixture(scope="module")
def point(selection: Selection) -> Confusion:
    return confusion(selection, 0.75)
