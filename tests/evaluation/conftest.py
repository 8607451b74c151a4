"""A small synthetic run, and the published one at NIH's scale."""

import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from chexview.calibration import Calibration
from chexview.evaluation.operating import Policy
from chexview.evaluation.run import ValidationRun
from chexview.evaluation.run_schema import FilmList, PatientOverlap, RunCheckpoint, RunMetadata, made_now
from chexview.evaluation.run_writing import write_run
from chexview.findings import NAMES


@pytest.fixture
def frame() -> pd.DataFrame:
    """400 films of 90 patients, two lists, Nodule and Mass (with unknown labels), Nodule with its control."""
    generator = np.random.default_rng(5)
    n = 400
    patient = generator.integers(0, 90, n)
    split = np.where(patient < 40, "validation", "test")
    table = pd.DataFrame(
        {
            "image": [f"{i:08d}_000.png" for i in range(n)],
            "patient": [str(p) for p in patient],
            "sex": generator.choice(["M", "F", ""], n),
            "age": generator.integers(-1, 95, n).astype(np.int16),
            "view": generator.choice(["PA", "AP", ""], n),
            "split": split,
            "list__validation": split == "validation",
            "list__test": split == "test",
        }
    )
    for name in ("Mass", "Nodule"):
        labels = (generator.random(n) < 0.2).astype(np.int8)
        table[f"logit__{name}"] = (generator.normal(size=n) + 1.4 * labels).astype(np.float32)
        labels[generator.random(n) < 0.05] = -1
        table[f"label__{name}"] = labels
    table["control__Nodule"] = generator.normal(size=n).astype(np.float32)
    return table


@pytest.fixture
def meta() -> RunMetadata:
    """The words that belong to ``frame``."""
    return RunMetadata(
        title="A small run",
        checkpoint=RunCheckpoint("small", "ab" * 32),
        data_set="none",
        attribution="nobody",
        split_hash="cd" * 32,
        lists=(FilmList("validation", "Validation", "a tenth of patients"), FilmList("test", "Test", "the rest")),
        made=made_now(),
        patient_overlap=PatientOverlap(100, 40, 50),
        calibration={"Nodule": Calibration(1.1, -0.3)},
        operating_points={Policy.YOUDEN: {"Nodule": float(np.float32(0.3)), "Mass": -0.25}},
    )


@pytest.fixture
def run(frame: pd.DataFrame, meta: RunMetadata, tmp_path: Path) -> ValidationRun:
    """``frame`` and ``meta`` written and opened again."""
    return write_run(tmp_path / "small", meta, frame)


@pytest.fixture(scope="session")
def published(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> ValidationRun:
    """The predictions that jrzech/reproduce-chexnet published, joined to NIH's labels of 2020."""
    scores = pd.read_csv(shared / "runs" / "jrzech" / "preds.csv.gz")
    with zipfile.ZipFile(shared / "nih" / "labels.zip") as archive, archive.open("Data_Entry_2017_v2020.csv") as file:
        labels = pd.read_csv(file, dtype=str, keep_default_na=False)
    both = scores.merge(labels, on="Image Index", validate="1:1")
    age = both["Patient Age"].astype(int)
    table = pd.DataFrame(
        {
            "image": both["Image Index"],
            "patient": both["Patient ID"],
            "sex": both["Patient Gender"],
            "age": age.where(age <= 120, -1),
            "view": both["View Position"],
            "split": "test",
            "list__published": True,
        }
    )
    named = both["Finding Labels"].str.split("|")
    for name in NAMES:
        share = both[f"prob_{name}"].to_numpy(np.float64)
        table[f"logit__{name}"] = np.log(share / (1 - share)).astype(np.float32)
        table[f"label__{name}"] = [np.int8(name in labels) for labels in named]
    meta = RunMetadata(
        title="reproduce-chexnet",
        checkpoint=RunCheckpoint("jrzech"),
        data_set="ChestX-ray14",
        attribution="NIH Clinical Center; J. Zech",
        split_hash="",
        lists=(FilmList("published", "Published films", "the author's own patient split"),),
        made=made_now(),
    )
    return write_run(tmp_path_factory.mktemp("runs") / "jrzech", meta, table)
