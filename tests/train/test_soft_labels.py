"""Soft labels: averaged where several teachers speak, unknown where none does, and learnt from in the share a recipe says."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from chexview.errors import DataError
from chexview.findings import NAMES
from chexview.model import checkpoint
from chexview.model.architecture import Architecture
from chexview.model.card import Card
from train import index, inference, recipe, soft_labels
from train.dataset import training_targets
from train.efficientnet_lite import EfficientNetLite
from train.regions import RegionTable, region_targets

PLAIN = 'name = "x"\nstages = [{ size = 32, epochs = 1 }]\n[data]\nfindings = ["Mass", "Effusion"]\n'


def teacher(path: Path, rows: dict[str, tuple[float, float]]) -> Path:
    table = pd.DataFrame([{"image": image, "logit__Mass": a, "logit__Effusion": b} for image, (a, b) in rows.items()])
    table.to_parquet(path)
    return path


def test_teachers_are_averaged_where_they_speak(tmp_path: Path) -> None:
    one = teacher(tmp_path / "1.parquet", {"a": (2.0, -1.0), "b": (0.0, 1.0)})
    two = teacher(tmp_path / "2.parquet", {"a": (0.0, -3.0)})
    found = soft_labels.teacher_shares([one, two], pd.Series(["b", "a", "c"]), ("Mass", "Effusion"))
    sigmoid = 1 / (1 + np.exp([[-0.0, -1.0], [-1.0, 2.0]]))
    np.testing.assert_allclose(found[:2], sigmoid, rtol=1e-6)
    assert np.isnan(found[2]).all()


def test_a_table_without_logits_is_named(tmp_path: Path) -> None:
    pd.DataFrame({"image": ["a"]}).to_parquet(tmp_path / "bare.parquet")
    with pytest.raises(DataError, match=r"bare\.parquet is no table of soft labels"):
        soft_labels.teacher_shares([tmp_path / "bare.parquet"], pd.Series(["a"]), ("Mass",))


def test_targets_blend_labels_radiologists_and_teachers(tmp_path: Path) -> None:
    """Film a: NIH no, radiologists yes, teacher 0.5; film b: NIH yes, nobody else; film c: NIH unknown, teacher 0.5."""
    table = pd.DataFrame({"image": ["a", "b", "c"], "label__Mass": [0, 1, -1], "label__Effusion": [0, 1, -1]})
    table["also__more__Fracture"] = np.array([1, -1, 0], np.int8)
    drawn = pd.DataFrame([{"image": "a", "finding": "Mass", "polygon": "0 0 1 0 1 1"}])
    regions = region_targets(table["image"].tolist(), RegionTable(drawn, frozenset({"a"})))
    soft = teacher(tmp_path / "t.parquet", {"a": (0.0, 0.0), "c": (0.0, 0.0)})
    plan = recipe.parse(PLAIN + 'overrule = ["Mass"]\nalso = ["more"]\n[loss]\nteacher = 0.6\nalso = 0.3\n')
    found = training_targets(table, plan, regions, [soft])
    np.testing.assert_allclose(found, [[0.6 * 0.5 + 0.4, 0.3, 1], [1, 1, np.nan], [0.5, 0.5, 0]], rtol=1e-6)
    with pytest.raises(DataError, match="need each other"):
        training_targets(table, plan, regions)
    with pytest.raises(DataError, match="needs an index with --regions"):
        training_targets(table, plan, None, [soft])


def test_a_teacher_writes_the_soft_labels_of_all_but_the_test_films(indexed: Path, tmp_path: Path) -> None:
    torch.manual_seed(0)
    plan = Architecture("efficientnet_lite0")
    card = Card(name="t", title="T", findings=NAMES, input_size=64, weights="", architecture=plan)
    checkpoint.save(EfficientNetLite(14, plan), card, tmp_path / "teacher")
    table = index.load(indexed)
    soft_labels.write(table, indexed, tmp_path / "teacher", tmp_path / "soft.parquet")
    made = pd.read_parquet(tmp_path / "soft.parquet")
    assert made["image"].tolist() == table.loc[table["split"] != "test", "image"].tolist()
    found = soft_labels.teacher_shares([tmp_path / "soft.parquet"], table["image"], NAMES)
    assert np.isnan(found[(table["split"] == "test").to_numpy()]).all()
    _, network = inference.open_any(tmp_path / "teacher")
    films = torch.randint(0, 256, (2, 64, 64), dtype=torch.uint8).numpy()
    ((both, _),) = inference.outputs(network, films, flips=True)
    ((mirrored, _),) = inference.outputs(network, films[:, :, ::-1], flips=True)
    np.testing.assert_allclose(both, mirrored, atol=1e-5)
