"""``python -m train fit``: a recipe and an index to a checkpoint. Lightning runs the loop; what is ours stands here."""

import csv
import datetime
import json
import logging
import platform
import warnings
from pathlib import Path
from typing import Any

import lightning
import lightning.pytorch as pl
import numpy as np
import pandas as pd
import torch
import torchvision
from lightning.pytorch.callbacks import EarlyStopping, EMAWeightAveraging, ModelCheckpoint, TQDMProgressBar
from torch import Tensor, nn
from torch.nn import functional as F

from chexview.atomic import write_atomically
from chexview.errors import DataError
from chexview.evaluation.curves import auroc
from chexview.evaluation.digest import split_hash
from chexview.findings import NAMES
from chexview.model import card as cards
from chexview.model import checkpoint
from chexview.model.card import Card
from chexview.model.network import CheXNet
from train.augment import augment, mixup
from train.dataset import Films
from train.recipe import Recipe

AUXILIARY = 3
"""Auxiliary targets: sex, view, age; their heads help the features and are dropped from the exported checkpoint."""


HARMLESS = (
    r"The '\w+' does not have many workers",  # batches come from a memory map, in this process
    r"Checkpoint directory .* exists and is not empty",  # recipe.json and curves.csv lie there
    r"`isinstance\(treespec, LeafSpec\)` is deprecated",  # Lightning's own, of PyTorch's trees
)


class Training(pl.LightningModule):
    """The network, its loss, its optimiser, and AUROC of every finding at the end of each epoch."""

    def __init__(self, network: CheXNet, recipe: Recipe, steps: int, curves: Path) -> None:
        super().__init__()
        self.network, self.recipe, self.steps, self.curves = network, recipe, steps, curves
        self.auxiliary = nn.Linear(1024, AUXILIARY)
        self.seen: list[list[tuple[Tensor, Tensor]]] = [[], []]

    def losses(self, films: Tensor, wanted: Tensor) -> Tensor:
        """Binary cross-entropy over known labels, plus the weighted auxiliary loss."""
        features = self.network.embed(films)
        logits, _ = self.network.score(features)
        labels, extra = wanted[:, : len(NAMES)], wanted[:, len(NAMES) :]
        known = torch.isfinite(labels)
        every = F.binary_cross_entropy_with_logits(logits, torch.nan_to_num(labels), reduction="none")
        loss = (every * known).sum() / known.sum().clamp(min=1)
        weight = self.recipe.model.auxiliary
        if weight > 0:
            guess = self.auxiliary(features.float().mean((-2, -1)))
            told, sure = torch.isfinite(extra), torch.nan_to_num(extra)
            yes_no = F.binary_cross_entropy_with_logits(guess[:, :2], sure[:, :2], reduction="none")
            years = F.smooth_l1_loss(guess[:, 2:], sure[:, 2:], reduction="none")
            each = torch.cat([yes_no, years], dim=1) * told
            loss = loss + weight * (each.sum(0) / told.sum(0).clamp(min=1)).sum()
        return loss

    def training_step(self, batch: tuple[Tensor, Tensor], _: int) -> Tensor:
        films, wanted = batch
        torch.manual_seed(self.recipe.seed * 1_000_003 + self.global_step)  # dropout, alike after a resume
        generator = torch.Generator().manual_seed(self.recipe.seed * 1_000_003 + self.global_step)
        films = augment(films, self.recipe.augmentation, generator)
        films, wanted = mixup(films, wanted, self.recipe.augmentation.mixup, generator)
        loss = self.losses(films.to(memory_format=torch.channels_last), wanted)
        if not torch.isfinite(loss):
            raise DataError(
                f"The loss is not a finite number in epoch {self.current_epoch}; the last checkpoint is kept, "
                "lower optimiser.learning_rate or use precision 32-true."
            )
        self.log("loss", loss, prog_bar=True)
        return loss

    def validation_step(self, batch: tuple[Tensor, Tensor], _: int, dataloader_idx: int = 0) -> None:
        films, wanted = batch
        logits, _maps = self.network(films.to(memory_format=torch.channels_last))
        self.seen[dataloader_idx].append((logits.float().cpu(), wanted[:, : len(NAMES)].cpu()))

    def on_validation_epoch_end(self) -> None:
        rows, means = [], []
        for part, kept in zip(("validation", "training"), self.seen, strict=True):
            logits, labels = (torch.cat(column) for column in zip(*kept, strict=True))
            kept.clear()
            values = []
            for k, name in enumerate(NAMES):
                known = torch.isfinite(labels[:, k])
                y, z = labels[known, k], logits[known, k]
                area = auroc(y.numpy() > 0, z.numpy().astype(np.float64))
                loss = F.binary_cross_entropy_with_logits(z, y).item()
                rows.append([self.current_epoch, name, part, area, loss])
                values.append(area)
            means.append(float(np.nanmean(values)))
        self.log("auroc", means[0], prog_bar=True)
        self.log("training_auroc", means[1], prog_bar=True)
        if self.trainer.is_global_zero and not self.trainer.sanity_checking:
            with self.curves.open("a", newline="", encoding="utf-8") as file:
                csv.writer(file, lineterminator="\n").writerows(rows)

    def configure_gradient_clipping(self, optimizer: Any, *_: Any, **__: Any) -> None:
        """Clips the norm of all gradients; Lightning's own clipping refuses the fused optimiser."""
        nn.utils.clip_grad_norm_(self.parameters(), self.recipe.optimiser.clip)

    def configure_optimizers(self) -> Any:
        how = self.recipe.optimiser
        plain = [p for p in self.parameters() if p.ndim <= 1]
        decayed = [p for p in self.parameters() if p.ndim > 1]
        groups = [{"params": decayed, "weight_decay": how.weight_decay}, {"params": plain, "weight_decay": 0.0}]
        optimiser = torch.optim.AdamW(groups, lr=how.learning_rate, fused=True)
        warm = max(1, round(how.warm_up * self.steps))

        def factor(step: int) -> float:
            if step < warm:
                return (step + 1) / warm
            share = min(1.0, (step - warm) / max(1, self.steps - warm))
            return float(how.final + (1 - how.final) * 0.5 * (1 + np.cos(np.pi * share)))

        schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, factor)
        return {"optimizer": optimiser, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


def versions() -> dict[str, str]:
    """What made a checkpoint or run."""
    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "torchvision": torchvision.__version__,
        "lightning": lightning.__version__,
        "numpy": np.__version__,
    }


def start(init: str, prevalence: dict[str, float], drop_rate: float) -> CheXNet:
    """The network to begin with: ``scratch``, ``imagenet``, or the folder of a checkpoint. Raises DataError."""
    network = CheXNet(len(NAMES), drop_rate)
    network.start_from_prevalence([prevalence[name] for name in NAMES])
    if init == "imagenet":
        try:
            weights = torchvision.models.densenet121(weights="IMAGENET1K_V1").features.state_dict()
        except OSError as error:
            raise DataError(
                "ImageNet weights could not be fetched, as there is no network; use --init scratch, or fetch them once with "
                "torchvision on this machine while there is one."
            ) from error
        weights["conv0.weight"] = weights["conv0.weight"].sum(1, keepdim=True)
        network.features.load_state_dict(weights, strict=True)
    elif init != "scratch":
        loaded = checkpoint.load(Path(init))
        if loaded.card.findings == NAMES:
            network.load_state_dict(loaded.network.state_dict(), strict=True)
        else:
            network.features.load_state_dict(loaded.network.features.state_dict(), strict=True)
    return network


def _origin(init: str) -> dict[str, Any]:
    """What training starts from, for the card: the word, or the checkpoint's title, weights and recipe."""
    if init in ("scratch", "imagenet"):
        return {"start": init}
    card = cards.read(Path(init))
    return {"start": card.title, "weights": card.weights, "recipe": card.recipe}


def _begin_curves(curves: Path, last: Path) -> None:
    """An empty table, or on a resume the rows of the epochs that the last checkpoint has seen."""
    header = "epoch,finding,part,auroc,loss\n"
    kept = []
    if last.is_file():
        done = torch.load(last, map_location="cpu", weights_only=False)["epoch"]
        rows = curves.read_text(encoding="utf-8").splitlines(keepends=True)[1:]
        kept = [row for row in rows if int(row.split(",", 1)[0]) <= done]
    write_atomically(curves, (header + "".join(kept)).encode())


def fit(table: pd.DataFrame, folder: Path, recipe: Recipe, init: str, out: Path, resume: bool = False) -> Path:
    """Trains and gives the folder of the exported checkpoint, ``out/checkpoint``.

    ``out`` also holds ``recipe.json``, ``curves.csv`` (epoch, finding, part, auroc, loss) and Lightning's own checkpoints, from
    which ``resume`` continues. Raises DataError where ``out`` belongs to another recipe or there is nothing to resume.
    """
    out.mkdir(parents=True, exist_ok=True)
    note, last, curves = out / "recipe.json", out / "last.ckpt", out / "curves.csv"
    images = {side: table.loc[table["split"] == side, "image"] for side in ("train", "validation", "test")}
    begun = {"recipe": recipe.resolved(), "init": _origin(init), "split_hash": split_hash(images)}
    resolved = json.dumps(begun, indent=1)
    if resume and not last.is_file():
        raise DataError(f"There is nothing to resume in {out.name}; start without --resume.")
    if note.is_file() and note.read_text(encoding="utf-8") != resolved:
        raise DataError(
            f"{out.name} holds a run of another recipe, start or split; name a new folder, or use what it was begun with."
        )
    if last.is_file() and not resume:
        raise DataError(f"{out.name} holds a run already; use --resume to go on with it, or name a new folder.")
    write_atomically(note, resolved.encode())
    _begin_curves(curves, last)
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    torch.manual_seed(recipe.seed)
    films = Films(table, folder, recipe)
    films.prepare()
    network = start(init, dict(films.prevalence()), recipe.model.drop_rate).to(memory_format=torch.channels_last)
    model = Training(network, recipe, films.steps(), curves)
    trainer = pl.Trainer(
        max_epochs=recipe.epochs,
        accelerator="cuda" if torch.cuda.is_available() else "cpu",
        devices=1,
        precision=recipe.precision,  # type: ignore[arg-type]
        reload_dataloaders_every_n_epochs=1,
        num_sanity_val_steps=0,
        logger=False,
        use_distributed_sampler=False,
        callbacks=[
            EMAWeightAveraging("cuda" if torch.cuda.is_available() else "cpu", decay=recipe.optimiser.ema),
            ModelCheckpoint(out, filename="last", monitor=None, save_top_k=1, enable_version_counter=False),
            ModelCheckpoint(out, filename="best", monitor="auroc", mode="max", enable_version_counter=False),
            EarlyStopping("auroc", mode="max", patience=recipe.patience or recipe.epochs),
            TQDMProgressBar(refresh_rate=20),
        ],
    )
    with warnings.catch_warnings():
        for message in HARMLESS:
            warnings.filterwarnings("ignore", message=message)
        trainer.fit(model, films, ckpt_path=last if resume else None, weights_only=False if resume else None)
    saved = torch.load(out / "best.ckpt", map_location="cpu", weights_only=False)
    averaged = {k.removeprefix("network."): v for k, v in saved["state_dict"].items() if k.startswith("network.")}
    network.load_state_dict(averaged, strict=True)
    card = Card(
        name=out.name,
        title=recipe.name,
        findings=NAMES,
        input_size=recipe.input_size,
        weights="",
        recipe={**recipe.resolved(), "init": _origin(init), "best_epoch": saved["epoch"]},
        software=versions(),
        created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    )
    checkpoint.save(network, card, out / "checkpoint")
    return out / "checkpoint"
