"""The whole road on the miniature: index, fit, resume, validate; and that the app's eye sees what training saw."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score

from chexview.errors import DataError
from chexview.evaluation.run import load_run
from chexview.films.reading import read
from chexview.model import card as cards
from chexview.model import checkpoint
from chexview.model.predictor import Predictor
from train import cache, fit, index, recipe
from train.__main__ import main


@pytest.fixture(scope="module")
def road(nih: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything made by the command line, as a user would."""
    root = tmp_path_factory.mktemp("road")
    sources = [str(nih / "images"), str(nih / "more.zip")]
    wanted = ["--labels", str(nih / "labels"), "--exclude", str(nih / "unfit.csv"), "--flags", str(nih / "flags.csv")]
    assert main(["index", "--images", *sources, *wanted, "--validation", "0.3", "--out", str(root / "data")]) == 0
    assert main(["--threads", "1", "fit", "smoke", "--index", str(root / "data"), "--out", str(root / "fit")]) == 0
    call = [
        "--threads",
        "1",
        "validate",
        "--checkpoint",
        str(root / "fit" / "checkpoint"),
        "--index",
        str(root / "data"),
    ]
    curves = ["--curves", str(root / "fit" / "curves.csv")]
    assert main([*call, *curves, "--name", "smoke-1", "--out", str(root / "runs")]) == 0
    return root


def test_the_run_holds_what_the_checkpoint_says(road: Path) -> None:
    run = load_run(road / "runs" / "smoke-1")
    table = index.load(road / "data")
    card = cards.read(road / "fit" / "checkpoint")
    assert {item.name for item in run.lists} == {"sharp", "test", "validation"}
    assert run.table.rows == (table["split"] != "train").sum()
    assert run.meta.checkpoint.weights == card.weights
    assert run.meta.patient_overlap is not None and run.meta.patient_overlap.shared == 0
    selection = run.select("Effusion", "test")
    assert card.performance["test"].aurocs["Effusion"] == pytest.approx(
        roc_auc_score(selection.labels, selection.logits)
    )
    assert card.name == "smoke-1" and card.default_policy == "specificity_90"
    for name, points in card.operating_points.items():
        assert points == run.meta.operating_points[name]
    curves = run.curves()
    assert curves is not None and len(curves) == 2 * 2 * 14 and set(curves["part"]) == {"training", "validation"}


def test_operating_points_see_validation_films_only(road: Path) -> None:
    run = load_run(road / "runs" / "smoke-1")
    for finding, threshold in run.meta.operating_points["specificity_90"].items():
        selection = run.select(finding, "validation")
        assert np.float32(threshold) in selection.logits
        assert (selection.logits[~selection.labels] >= threshold).mean() <= 0.1


def test_the_apps_logits_equal_those_of_validate(road: Path, nih: Path) -> None:
    run = load_run(road / "runs" / "smoke-1")
    stored = run.frame(["image", *(f"logit__{name}" for name in run.findings)]).set_index("image")
    predictor = Predictor(checkpoint.load(road / "fit" / "checkpoint"), torch.device("cpu"))
    compared = 0
    for path in sorted((nih / "images").glob("*.png")):
        if path.name in stored.index:
            reading = predictor.read([read(path.read_bytes())])[0]
            np.testing.assert_allclose([s.logit for s in reading.findings], stored.loc[path.name], atol=1e-5)
            compared += 1
    assert compared >= 5


def test_resume_ends_where_an_unbroken_run_ends(road: Path, tmp_path: Path) -> None:
    """Stopped after the first epoch and resumed, bit for bit the same weights."""
    table, plan = index.load(road / "data"), recipe.load("smoke")
    torch.set_num_threads(1)

    class StoppedError(Exception):
        pass

    whole = fit.Training.on_train_epoch_start

    def stop(self: fit.Training) -> None:
        if self.current_epoch == 1:
            raise StoppedError
        whole(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fit.Training, "on_train_epoch_start", stop)
        with pytest.raises(StoppedError):
            fit.fit(table, road / "data", plan, "scratch", tmp_path / "fit")
    with pytest.raises(DataError, match="--resume"):
        fit.fit(table, road / "data", plan, "scratch", tmp_path / "fit")
    fit.fit(table, road / "data", plan, "scratch", tmp_path / "fit", resume=True)
    ours, theirs = (folder / "checkpoint" / "model.safetensors" for folder in (tmp_path / "fit", road / "fit"))
    assert hashlib.sha256(ours.read_bytes()).digest() == hashlib.sha256(theirs.read_bytes()).digest()
    assert (tmp_path / "fit" / "curves.csv").read_text() == (road / "fit" / "curves.csv").read_text()


def test_a_folder_belongs_to_one_recipe(road: Path, tmp_path: Path) -> None:
    (tmp_path / "recipe.json").write_text("{}")
    with pytest.raises(DataError, match="another recipe"):
        fit.fit(index.load(road / "data"), road / "data", recipe.load("smoke"), "scratch", tmp_path)
    with pytest.raises(DataError, match="nothing to resume"):
        fit.fit(index.load(road / "data"), road / "data", recipe.load("smoke"), "scratch", tmp_path / "x", resume=True)


def test_a_checkpoint_can_be_the_start(road: Path) -> None:
    folder = road / "fit" / "checkpoint"
    network = fit.start(str(folder), dict.fromkeys(cards.read(folder).findings, 0.1), 0.0)
    torch.testing.assert_close(network.classifier.weight, checkpoint.load(folder).network.classifier.weight)


def test_an_unreadable_film_is_left_out_and_many_are_an_error(road: Path, tmp_path: Path) -> None:
    table = index.load(road / "data").head(20).copy()
    table["source"], table["member"] = str(tmp_path), table["image"]
    for name in table["image"]:
        (tmp_path / name).write_text("not a picture")
    with pytest.raises(DataError, match="20 films cannot be read"):
        cache.build(table, tmp_path, 32, workers=1)


def test_a_cache_belongs_to_its_index(road: Path, tmp_path: Path) -> None:
    table = index.load(road / "data")
    first = cache.build(table, tmp_path, 32, workers=1)
    stamp = (tmp_path / "films-32.npy").stat().st_mtime_ns
    cache.build(table, tmp_path, 32, workers=1)
    assert (tmp_path / "films-32.npy").stat().st_mtime_ns == stamp
    half = cache.build(table.iloc[::2].reset_index(drop=True), tmp_path, 32, workers=1)
    np.testing.assert_array_equal(half.films, first.films[::2])
    assert json.loads((tmp_path / "films-32.json").read_text())["unreadable"] == []


def test_errors_are_one_sentence_and_exit_status_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fit", "smoke", "--index", str(tmp_path), "--out", str(tmp_path / "x")]) == 1
    assert "run python -m train index first." in capsys.readouterr().err


def test_train_needs_none_of_the_apps_libraries() -> None:
    """Imports all of train where streamlit, pydicom, pytorch_grad_cam and the decoders cannot be imported."""
    script = """
import sys
for name in ("streamlit", "pydicom", "pytorch_grad_cam", "imagecodecs", "psutil", "plotly", "openjpeg", "jpeg_ls"):
    sys.modules[name] = None
import train.__main__, train.augment, train.cache, train.dataset, train.fit, train.index, train.recipe, train.validate
"""
    subprocess.run([sys.executable, "-c", script], check=True)
