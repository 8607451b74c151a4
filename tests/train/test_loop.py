"""The training loop's own parts: the schedule, the class weights, the faults, and that it can learn at all."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score

from chexview.errors import DataError
from chexview.findings import NAMES
from chexview.model import checkpoint
from chexview.model.network import CheXNet, Shape
from train import fit, index, recipe
from train.training import Training, factors

TINY = Shape(growth=8, blocks=(1, 1, 1, 1), stem=8)
PLAIN = 'name = "x"\nstages = [{ size = 32, epochs = 1, batch_size = 16 }]\n'


def plan(text: str = "") -> recipe.Recipe:
    return recipe.parse(PLAIN + text)


def test_a_stage_with_a_rate_of_its_own_begins_anew() -> None:
    stages = "[{size=32, epochs=1}, {size=32, epochs=1}, {size=64, epochs=1, learning_rate=0.5}]"
    made = recipe.parse(
        f'name = "x"\nstages = {stages}\n[optimiser]\nlearning_rate = 1.0\nwarm_up = 0.1\nfinal = 0.2\n'
    )
    shares = factors(made.optimiser, made, [10, 10, 20])
    assert len(shares) == 40
    np.testing.assert_allclose(shares[:3], [0.5, 1.0, 1.0])
    assert shares[11] == pytest.approx(0.2 + 0.8 * 0.5 * (1 + math.cos(math.pi * 9 / 18)))
    np.testing.assert_allclose(shares[20:22], [0.25, 0.5])
    assert shares[20:] == pytest.approx([0.5 * share for share in shares[:20]])


def test_class_weights_are_the_papers() -> None:
    """Rajpurkar et al., section 2.1: w+ = N / (P + N), w- = P / (P + N)."""
    torch.manual_seed(0)
    network = CheXNet(2, shape=TINY).eval()
    films = torch.randint(0, 256, (3, 1, 32, 32)).float()
    wanted = torch.tensor([[1.0, 0.0], [0.0, torch.nan], [1.0, 1.0]])
    prevalence = torch.tensor([0.2, 0.6])
    model = Training(network, plan("[loss]\nclass_weights = true\n"), prevalence.tolist(), Path("unused"))
    p = torch.sigmoid(network(films)[0])
    terms = [
        -((1 - prevalence[k]) * wanted[i, k] * p[i, k].log() + prevalence[k] * (1 - wanted[i, k]) * (1 - p[i, k]).log())
        for i in range(3)
        for k in range(2)
        if torch.isfinite(wanted[i, k])
    ]
    loss = model.losses(films, torch.cat([wanted, torch.zeros(3, 3)], dim=1))
    torch.testing.assert_close(loss, torch.stack(terms).mean())


def test_one_batch_can_be_learnt_by_heart() -> None:
    """Loss, gradients and optimiser fit together: 16 films with random labels are told apart after a few steps."""
    torch.manual_seed(0)
    rng = torch.Generator().manual_seed(1)
    films = torch.randint(0, 256, (16, 1, 32, 32), generator=rng).float()
    wanted = torch.cat([torch.randint(0, 2, (16, 2), generator=rng).float(), torch.zeros(16, 3)], dim=1)
    model = Training(CheXNet(2), plan(), [0.5, 0.5], Path("unused"))
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3)
    before = model.losses(films, wanted).item()
    for _ in range(25):
        optimiser.zero_grad()
        model.losses(films, wanted).backward()
        optimiser.step()
    assert before > 0.5 and model.losses(films, wanted).item() < 0.05


def test_a_loss_that_is_no_number_stops_training_and_keeps_the_last_checkpoint(
    indexed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Training.losses

    def broken(self: Training, *batch: torch.Tensor) -> torch.Tensor:
        return whole(self, *batch) * (math.nan if self.current_epoch == 1 else 1.0)

    monkeypatch.setattr(Training, "losses", broken)
    text = 'name = "x"\nstages = [{ size = 32, epochs = 2, batch_size = 16 }]\n'
    with pytest.raises(DataError, match="not a finite number in epoch 1; the last checkpoint is kept"):
        fit.fit(index.load(indexed), indexed, recipe.parse(text), "scratch", tmp_path / "fit")
    assert torch.load(tmp_path / "fit" / "last.ckpt", weights_only=False)["epoch"] == 0


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (torch.OutOfMemoryError("x"), r"does not hold 16 films of 32 x 32; set the stage's accumulate to 0"),
        (OSError(28, "No space left on device"), "The disk is full; .* go on with --resume"),
    ],
)
def test_faults_of_the_machine_are_told_in_a_sentence(
    error: Exception, words: str, indexed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> torch.Tensor:
        raise error

    monkeypatch.setattr(Training, "losses", broken)
    with pytest.raises(DataError, match=words):
        fit.fit(index.load(indexed), indexed, plan(), "scratch", tmp_path / "fit")


def test_a_composite_alone_is_learnt_by_the_plateau_schedule(indexed: Path, tmp_path: Path) -> None:
    """Cardiomegaly is planted in the films; a composite of one output trains, and its curve is what the checkpoint does."""
    text = (
        'name = "x"\nstages = [{ size = 64, epochs = 3, batch_size = 8 }]\n'
        '[data]\nfindings = ["nodule_mass", "Cardiomegaly"]\n[loss]\nclass_weights = true\n'
        '[optimiser]\nname = "adam"\nschedule = "plateau"\nema = 0.0\n'
    )
    table = index.load(indexed)
    folder = fit.fit(table, indexed, recipe.parse(text), "scratch", tmp_path / "fit")
    loaded = checkpoint.load(folder)
    assert loaded.card.findings == ("nodule_mass", "Cardiomegaly")
    with (tmp_path / "fit" / "curves.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["part"] == "validation"]
    assert {row["finding"] for row in rows} == {"nodule_mass", "Cardiomegaly"}
    best = int(loaded.card.recipe["best_epoch"])
    films = np.load(indexed / "films-64.npy")[(table["split"] == "validation").to_numpy()]
    held = table[table["split"] == "validation"]
    with torch.inference_mode():
        logits = loaded.network(torch.from_numpy(films)[:, None])[0].numpy()
    aurocs = {row["finding"]: float(row["auroc"]) for row in rows if int(row["epoch"]) == best}
    known = {"Cardiomegaly": held["label__Cardiomegaly"], "nodule_mass": held["label__Nodule"] | held["label__Mass"]}
    for k, name in enumerate(loaded.card.findings):
        assert roc_auc_score(known[name], logits[:, k]) == pytest.approx(aurocs[name], abs=0.02)


def test_the_exported_epoch_is_one_of_the_last_size(
    indexed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However good an earlier, smaller size was: the checkpoint is made for the last one."""
    heights = iter([0.9] * 28 + [0.6] * 28 + [0.5] * 28)
    monkeypatch.setattr("train.training.auroc", lambda labels, logits: next(heights))
    text = 'name = "x"\nstages = [{ size = 32, epochs = 1 }, { size = 64, epochs = 2 }]\n'
    folder = fit.fit(index.load(indexed), indexed, recipe.parse(text), "scratch", tmp_path / "fit")
    assert checkpoint.load(folder).card.recipe["best_epoch"] == 1
    assert checkpoint.load(folder).card.findings == NAMES
