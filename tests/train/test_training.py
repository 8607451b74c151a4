"""The whole road on the miniature: index, fit, resume, validate; and that the app's eye sees what training saw."""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
import torchvision
from sklearn.metrics import roc_auc_score

from chexview.errors import DataError
from chexview.evaluation.run import load_run
from chexview.films.read import read
from chexview.findings import NAMES
from chexview.model import card as cards
from chexview.model import checkpoint
from chexview.model.network import CheXNet
from chexview.model.predictor import Predictor
from train import cache, fit, index, recipe, training, validate
from train.__main__ import main
from train.control import control, statistics
from train.dataset import auxiliary
from train.start import start


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Sums of several threads differ in their last bit from run to run."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def road(nih: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything made by the command line, as a user would."""
    root = tmp_path_factory.mktemp("road")
    sources = [str(nih / "images"), str(nih / "more.zip")]
    wanted = ["--labels", str(nih / "labels"), "--exclude", str(nih / "unfit.csv"), "--flags", str(nih / "flags.csv")]
    assert main(["index", "--images", *sources, *wanted, "--validation", "0.3", "--out", str(root / "data")]) == 0
    assert (
        main(["--threads", "1", "fit", "--recipe", "smoke", "--index", str(root / "data"), "--out", str(root / "fit")])
        == 0
    )
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
    assert card.performance["test"].aurocs["Effusion"].value == pytest.approx(
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

    class StoppedError(Exception):
        pass

    whole = training.Training.on_train_epoch_start

    def stop(self: training.Training) -> None:
        if self.current_epoch == 1:
            raise StoppedError
        whole(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training.Training, "on_train_epoch_start", stop)
        with pytest.raises(StoppedError):
            fit.fit(table, road / "data", plan, "scratch", tmp_path / "fit")
    with pytest.raises(DataError, match="--resume"):
        fit.fit(table, road / "data", plan, "scratch", tmp_path / "fit")
    fit.fit(table, road / "data", plan, "scratch", tmp_path / "fit", resume=True)
    ours, theirs = (folder / "checkpoint" / "model.safetensors" for folder in (tmp_path / "fit", road / "fit"))
    assert hashlib.sha256(ours.read_bytes()).digest() == hashlib.sha256(theirs.read_bytes()).digest()
    assert (tmp_path / "fit" / "curves.csv").read_text() == (road / "fit" / "curves.csv").read_text()


def test_a_finished_run_resumed_stays_what_it_was(road: Path) -> None:
    files = [road / "fit" / name for name in ("checkpoint/model.safetensors", "curves.csv")]
    card = (road / "fit" / "checkpoint" / "card.json").read_bytes()
    before = [path.read_bytes() for path in files]
    fit.fit(index.load(road / "data"), road / "data", recipe.load("smoke"), "scratch", road / "fit", resume=True)
    assert [path.read_bytes() for path in files] == before
    (road / "fit" / "checkpoint" / "card.json").write_bytes(card)


def test_the_best_epochs_average_is_exported_and_training_stops_early(
    road: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AUROCs made to fall: the first epoch is the best, patience of one ends training after the second."""
    heights = iter([0.9] * 28 + [0.6] * 28 + [0.5] * 28)
    monkeypatch.setattr(training, "auroc", lambda labels, logits: next(heights))
    text = 'name = "x"\npatience = 1\nstages = [{ size = 32, epochs = 4, batch_size = 16 }]\n'
    folder = fit.fit(index.load(road / "data"), road / "data", recipe.parse(text), "scratch", tmp_path / "fit")
    saved = {name: torch.load(tmp_path / "fit" / f"{name}.ckpt", weights_only=False) for name in ("best", "last")}
    assert saved["best"]["epoch"] == 0 and saved["last"]["epoch"] == 1
    assert cards.read(folder).recipe["best_epoch"] == 0
    exported = checkpoint.load(folder).network.state_dict()["classifier.weight"]
    average = saved["best"]["state_dict"]["network.classifier.weight"]
    raw = saved["best"]["current_model_state"]["network.classifier.weight"]
    torch.testing.assert_close(exported, average.half().float(), rtol=0, atol=0)
    assert not torch.equal(average, raw)


def test_unknown_labels_cost_nothing_and_a_batch_of_them_is_no_accident() -> None:
    plan = recipe.parse('name = "x"\nstages = [{ size = 32, epochs = 1 }]\n[model]\nauxiliary = 0.2\n')
    model = training.Training(CheXNet(14), plan, [0.1] * 14, Path("unused")).eval()
    films = torch.randint(0, 256, (4, 1, 32, 32), generator=torch.Generator().manual_seed(0))
    known = torch.zeros(4, 17)
    half = known.clone()
    half[2:] = torch.nan
    torch.testing.assert_close(model.losses(films, half), model.losses(films[:2], known[:2]))
    assert model.losses(films, torch.full((4, 17), torch.nan)) == 0


def test_auxiliary_targets_are_sex_view_and_age() -> None:
    table = pd.DataFrame({"sex": ["M", "F", ""], "view": ["PA", "AP", ""], "age": [70, 50, -1]})
    np.testing.assert_array_equal(auxiliary(table), [[1, 0, 1], [0, 1, 0], [np.nan] * 3])


def test_the_control_finds_brightness_and_nothing_else() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 200).astype(np.float32)
    films = np.clip(rng.normal(100, 10, (200, 16, 16)) + 40 * labels[:, None, None], 0, 255).astype(np.uint8)
    seen = statistics(films, np.arange(200))
    guessed = control(seen[:100], labels[:100], seen[100:])
    assert guessed is not None and roc_auc_score(labels[100:], guessed) > 0.99
    shuffled = control(seen[:100], rng.permutation(labels[:100]), seen[100:])
    assert shuffled is not None and 0.2 < roc_auc_score(rng.permutation(labels[100:]), shuffled) < 0.8
    assert control(seen[:100], np.zeros(100, np.float32), seen[100:]) is None


def test_curves_of_stages_are_counted_on(road: Path) -> None:
    path = road / "fit" / "curves.csv"
    table = validate.joined([path, path])
    assert sorted(table["epoch"].unique()) == [0, 1, 2, 3]
    assert table["auroc"].tolist()[:56] == pytest.approx(table["auroc"].tolist()[56:], nan_ok=True)


def test_a_run_of_other_weights_is_not_overwritten(road: Path, tmp_path: Path) -> None:
    shutil.copytree(road / "fit" / "checkpoint", tmp_path / "other")
    loaded = checkpoint.load(tmp_path / "other")
    loaded.network.classifier.bias.add_(1)
    checkpoint.save(loaded.network, loaded.card, tmp_path / "other")
    table = index.load(road / "data")
    with pytest.raises(DataError, match="another checkpoint already"):
        validate.validate(table, road / "data", tmp_path / "other", road / "runs", "smoke-1")
    with pytest.raises(DataError, match="cannot be the name"):
        validate.validate(table, road / "data", tmp_path / "other", road / "runs", "../x")


def test_imagenet_weights_are_summed_to_one_channel(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    coloured = torchvision.models.DenseNet(32, (6, 12, 24, 16), 64)
    monkeypatch.setattr(torchvision.models, "densenet121", lambda weights: coloured)
    network = start("imagenet", dict.fromkeys(NAMES, 0.1), recipe.load("smoke"))
    grey = torch.rand(1, 1, 64, 64, generator=torch.Generator().manual_seed(1))
    wanted = coloured.features.conv0(grey.expand(-1, 3, -1, -1))
    torch.testing.assert_close(network.features.conv0(grey), wanted, rtol=0, atol=1e-5)

    def refuse(weights: str) -> None:
        raise OSError("no network")

    monkeypatch.setattr(torchvision.models, "densenet121", refuse)
    with pytest.raises(DataError, match="--init scratch"):
        start("imagenet", dict.fromkeys(NAMES, 0.1), recipe.load("smoke"))


def test_a_folder_belongs_to_one_recipe(road: Path, tmp_path: Path) -> None:
    (tmp_path / "recipe.json").write_text("{}")
    with pytest.raises(DataError, match="another recipe"):
        fit.fit(index.load(road / "data"), road / "data", recipe.load("smoke"), "scratch", tmp_path)
    with pytest.raises(DataError, match="nothing to resume"):
        fit.fit(index.load(road / "data"), road / "data", recipe.load("smoke"), "scratch", tmp_path / "x", resume=True)


def test_a_checkpoint_can_be_the_start(road: Path) -> None:
    folder = road / "fit" / "checkpoint"
    network = start(str(folder), dict.fromkeys(cards.read(folder).findings, 0.1), recipe.load("smoke"))
    torch.testing.assert_close(network.classifier.weight, checkpoint.load(folder).network.classifier.weight)


def test_a_colour_checkpoint_is_no_start(tmp_path: Path) -> None:
    card = cards.Card("adopted", "Adopted", NAMES, 224, "")
    checkpoint.save(CheXNet(14, channels=3), card, tmp_path / "adopted")
    with pytest.raises(DataError, match="adopted takes colour films"):
        start(str(tmp_path / "adopted"), dict.fromkeys(NAMES, 0.1), recipe.load("smoke"))


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
    assert main(["fit", "--recipe", "smoke", "--index", str(tmp_path), "--out", str(tmp_path / "x")]) == 1
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
