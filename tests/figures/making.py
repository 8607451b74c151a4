"""Films for a figure, and what must hold of every figure."""

import json

import numpy as np
import plotly.graph_objects as go
import pytest

from chexview.evaluation.selection import Selection
from chexview.exports.drawing import svg


def selection(share: float) -> Selection:
    """4,000 films of about 900 patients, ``share`` of them with the finding."""
    generator = np.random.default_rng(3)
    labels = generator.random(4000) < share
    return Selection.of(
        labels, 2 * labels + generator.normal(size=4000), generator.integers(0, 900, 4000), "Nodule", "test"
    )


def sound(figure: go.Figure) -> None:
    """The figure holds no number that JSON lacks, and can be drawn on paper."""
    json.loads(figure.to_json(), parse_constant=lambda word: pytest.fail(word))
    assert svg(figure).startswith(b"<?xml")
