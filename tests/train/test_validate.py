"""The scale of a finding's heatmap: what the maps of validation films near the threshold reach."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from chexview.calibration import Calibration
from chexview.evaluation.run import ValidationRun
from chexview.evaluation.run_schema import FilmList, RunCheckpoint, RunMetadata, made_now
from chexview.evaluation.run_writing import write_run
from train.validate import DEFAULT_POLICY, FEW, heatmap_scales

FILMS = 200


@pytest.fixture
def run(tmp_path: Path) -> ValidationRun:
    """200 validation films whose network outputs rise from -10 to 9.9, and 50 test films; the threshold of both is 0."""
    logits = np.concatenate([np.arange(FILMS) / 10 - 10, np.zeros(50)]).astype(np.float32)
    held = np.arange(FILMS + 50) < FILMS
    frame = pd.DataFrame(
        {
            "image": [f"{i:08d}_000.png" for i in range(len(logits))],
            "patient": [str(i) for i in range(len(logits))],
            "sex": "M",
            "age": np.int16(50),
            "view": "PA",
            "split": np.where(held, "validation", "test"),
            "list__validation": held,
            "list__test": ~held,
        }
    )
    for name in ("Mass", "Nodule", "Hernia"):
        frame[f"logit__{name}"] = logits
        frame[f"label__{name}"] = (logits > 1).astype(np.int8)
    meta = RunMetadata(
        title="Planted",
        checkpoint=RunCheckpoint("planted", "ab" * 32),
        data_set="none",
        attribution="nobody",
        split_hash="cd" * 32,
        lists=(FilmList("validation", "Validation", "all"), FilmList("test", "Test", "the rest")),
        made=made_now(),
        calibration={"Mass": Calibration(0.25, 0.0), "Nodule": Calibration(2.0, 1.0)},
        operating_points={DEFAULT_POLICY: {"Mass": 0.0, "Nodule": 0.0, "Hernia": 0.0}},
    )
    return write_run(tmp_path / "planted", meta, frame)


def test_each_finding_is_full_where_the_maps_of_films_near_its_threshold_are_highest(run: ValidationRun) -> None:
    order = list(run.findings)
    peaks = np.full((FILMS, len(order)), 99.0, np.float32)
    near = np.abs(np.arange(FILMS) / 10 - 10)
    peaks[near <= 2.001, order.index("Mass")] = 12.0  # slope 0.25: half a log-odds is two of the network's own
    peaks[np.argsort(near, kind="stable")[:FEW], order.index("Nodule")] = 3.3  # only six lie within a quarter of one
    assert heatmap_scales(run, peaks) == {"Mass": 3.0, "Nodule": 6.6}


def test_no_scale_is_under_one_and_none_is_made_without_a_calibration(run: ValidationRun) -> None:
    assert heatmap_scales(run, np.full((FILMS, 3), 0.01, np.float32)) == {"Mass": 1.0, "Nodule": 1.0}
