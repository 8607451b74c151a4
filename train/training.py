"""The training loop's own part: the loss, the schedule, and AUROC of every finding after each epoch."""

import csv
import math
from pathlib import Path
from typing import Any, cast

import lightning.pytorch as pl
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from chexview.errors import DataError
from chexview.evaluation.curves import auroc
from chexview.model.network import ClassMapNetwork
from train.augment import augment, mixup
from train.dataset import AUXILIARY, Films
from train.recipe import Optimiser, Recipe
from train.regions import RegionTargets, cell_shares, region_loss

PARTS = ("validation", "training")
EARLIER = 1.0
"""What is taken off the height of an epoch at another size than the checkpoint's, so that it is never the best."""


GAIN, OFFSET = 0.1, -3.0
"""To begin with, a class map times the first plus the second is the log-odds that a cell belongs to a region."""

SCALARS = ("log_sharpness", "log_gain", "offset")
"""Parameters of one number a finding, which learn at a rate of their own (``optimiser.scalars``)."""


def _known_bce(logits: Tensor, labels: Tensor, shares: Tensor | None = None) -> Tensor:
    """The mean binary cross-entropy over the known labels (NaN: unknown).

    ``shares`` (K,) of positives weigh the two classes alike: a positive counts ``1 - share``, a negative ``share``.
    """
    known, sure = torch.isfinite(labels), torch.nan_to_num(labels)
    every = F.binary_cross_entropy_with_logits(logits, sure, reduction="none")
    if shares is not None:
        every = every * (sure * (1 - shares) + (1 - sure) * shares)
    return (every * known).sum() / known.sum().clamp(min=1)


def factors(how: Optimiser, recipe: Recipe, steps: list[int]) -> list[float]:
    """The learning rate at every step, as a share of ``how.learning_rate``; ``steps`` are those of each stage.

    A stage with a learning rate of its own begins a new warm-up and cosine; the stages after it go on under that one.
    """
    legs: list[tuple[float, int]] = []
    for stage, count in zip(recipe.stages, steps, strict=True):
        if stage.learning_rate or not legs:
            legs.append(((stage.learning_rate or how.learning_rate) / how.learning_rate, count))
        else:
            legs[-1] = (legs[-1][0], legs[-1][1] + count)
    shares = []
    for peak, count in legs:
        warm = max(1, round(how.warm_up * count))
        for step in range(count):
            if step < warm:
                shares.append(peak * (step + 1) / warm)
            else:
                done = (step - warm) / max(1, count - warm)
                shares.append(peak * (how.final + (1 - how.final) * 0.5 * (1 + math.cos(math.pi * done))))
    return shares


def frozen_modules(network: ClassMapNetwork, blocks: int) -> list[nn.Module]:
    """The stem and the first ``blocks`` dense blocks of a DenseNet with their transitions; [] for 0."""
    names = [name for name, _ in network.features.named_children()] if blocks else []
    return [
        network.features.get_submodule(name)
        for name in names[: names.index(f"transition{blocks}") + 1 if blocks else 0]
    ]


class RegionHead(nn.Module):
    """What turns class maps into log-odds that a cell belongs to a region: ``exp(log_gain) * map + offset``, learnt for each
    finding, and class maps of those findings with regions that the network has no output for."""

    def __init__(self, targets: RegionTargets, findings: tuple[str, ...], channels: int) -> None:
        super().__init__()
        self.targets = targets
        self.columns = [findings.index(name) if name in findings else -1 for name in targets.findings]
        others = sum(column < 0 for column in self.columns)
        self.others = nn.Parameter(torch.zeros(others, channels))
        self.log_gain = nn.Parameter(torch.full((len(self.columns),), math.log(GAIN)))
        self.offset = nn.Parameter(torch.full((len(self.columns),), OFFSET))

    def forward(self, features: Tensor, maps: Tensor) -> Tensor:
        """Features (B, C, H, W) and class maps (B, K, H, W) to log-odds (B, R, H, W)."""
        extra = torch.einsum("rc,bchw->brhw", self.others, features.float())
        drawn, used = [], 0
        for column in self.columns:
            drawn.append(maps[:, column] if column >= 0 else extra[:, used])
            used += column < 0
        gain, offset = self.log_gain.exp()[:, None, None], self.offset[:, None, None]
        return torch.stack(drawn, dim=1) * gain + offset

    def loss(self, features: Tensor, maps: Tensor, rows: Tensor, theta: Tensor) -> Tensor:
        """The region loss of those films of a batch that were looked at; ``rows`` are the films', ``theta`` moved them."""
        place = self.targets.place[rows.cpu().numpy()]
        looked = np.flatnonzero(place >= 0)
        if not len(looked):
            return maps.sum() * 0
        where, device = torch.from_numpy(looked).to(maps.device), maps.device
        masks = torch.from_numpy(self.targets.masks[place[looked]]).to(device, non_blocking=True)
        placed = torch.from_numpy(self.targets.placed[place[looked]]).to(device)
        shares = cell_shares(masks, theta[torch.from_numpy(looked)], (maps.shape[-2], maps.shape[-1]))
        return region_loss(self(features[where], maps[where]), shares, placed)


class Training(pl.LightningModule):
    """The network, its loss, its optimiser, and AUROC of every finding at the end of each epoch."""

    shares: Tensor

    def __init__(
        self,
        network: ClassMapNetwork,
        recipe: Recipe,
        prevalence: list[float],
        curves: Path,
        regions: RegionTargets | None = None,
        also: int = 0,
    ) -> None:
        super().__init__()
        channels = network.classifier.in_features
        self.network, self.recipe, self.curves = network, recipe, curves
        weighs = recipe.model.auxiliary > 0
        self.auxiliary = nn.Linear(channels, AUXILIARY) if weighs else None
        self.also = nn.Linear(channels, also) if recipe.loss.also else None
        self.region_head: RegionHead | None = None
        if recipe.loss.regions:
            if regions is None:
                raise DataError("loss.regions needs an index with --regions.")
            self.region_head = RegionHead(regions, recipe.data.findings, channels)
        self.frozen = frozen_modules(network, recipe.model.frozen_blocks)
        for module in self.frozen:
            module.requires_grad_(False)
        self.seen: list[list[tuple[Tensor, Tensor, Tensor]]] = [[] for _ in PARTS]
        self.register_buffer("shares", torch.tensor(prevalence), persistent=False)

    def on_train_epoch_start(self) -> None:
        for module in self.frozen:
            module.eval()  # their batch norms keep the statistics they start with

    def losses(self, films: Tensor, wanted: Tensor, rows: Tensor | None = None, theta: Tensor | None = None) -> Tensor:
        """Binary cross-entropy over known targets, plus the weighted losses of regions, other label tables and sex, view, age.

        ``wanted`` is float32 (B, K + A + 3); ``rows`` and ``theta`` say which films these are and how they were moved, where
        the recipe has a region loss.
        """
        features = self.network.embed(films)
        logits, maps = self.network.score(features)
        count = logits.shape[1]
        labels, others, extra = wanted[:, :count], wanted[:, count:-AUXILIARY], wanted[:, -AUXILIARY:]
        loss = _known_bce(logits, labels, self.shares if self.recipe.loss.class_weights else None)
        if self.auxiliary is not None:
            guess = self.auxiliary(features.float().mean((-2, -1)))
            known, sure = torch.isfinite(extra), torch.nan_to_num(extra)
            yes_no = F.binary_cross_entropy_with_logits(guess[:, :2], sure[:, :2], reduction="none")
            years = F.smooth_l1_loss(guess[:, 2:], sure[:, 2:], reduction="none")
            each = torch.cat([yes_no, years], dim=1) * known
            loss = loss + self.recipe.model.auxiliary * (each.sum(0) / known.sum(0).clamp(min=1)).sum()
        if self.also is not None:
            loss = loss + self.recipe.loss.also * _known_bce(self.also(features.float().mean((-2, -1))), others)
        if self.region_head is not None and rows is not None and theta is not None:
            loss = loss + self.recipe.loss.regions * self.region_head.loss(features, maps, rows, theta)
        return loss

    def training_step(self, batch: tuple[Tensor, Tensor, Tensor], index: int) -> Tensor:
        films, wanted, rows = batch
        draw = [self.recipe.seed, self.current_epoch, index, self.global_rank]
        seed = int(np.random.SeedSequence(draw).generate_state(1)[0])
        torch.manual_seed(seed)  # dropout, alike after a resume
        generator = torch.Generator().manual_seed(seed)
        films, theta = augment(films, self.recipe.augmentation, generator)
        films, wanted = mixup(films, wanted, self.recipe.augmentation.mixup, generator)
        loss = self.losses(films.to(memory_format=torch.channels_last), wanted, rows, theta)
        if not torch.isfinite(loss):
            raise DataError(
                f"The loss is not a finite number in epoch {self.current_epoch}; the last checkpoint is kept, "
                "lower optimiser.learning_rate or use precision 32-true."
            )
        self.log("loss", loss, prog_bar=True)
        return loss

    def validation_step(self, batch: tuple[Tensor, Tensor, Tensor], _: int, dataloader_idx: int = 0) -> None:
        films, truth, rows = batch
        logits, _maps = self.network(films.to(memory_format=torch.channels_last))
        self.seen[dataloader_idx].append((rows, logits.float(), truth))

    def _gathered(self, part: int) -> tuple[Tensor, Tensor]:
        """Logits and labels of every film of a part, each once, from all processes, on the CPU."""
        rows, logits, labels = (torch.cat(column) for column in zip(*self.seen[part], strict=True))
        self.seen[part].clear()
        if self.trainer.world_size > 1:
            rows, logits, labels = (cast(Tensor, self.all_gather(x)).flatten(0, 1) for x in (rows, logits, labels))
        _, first = np.unique(rows.cpu().numpy(), return_index=True)
        return logits.cpu()[first], labels.cpu()[first]

    def on_validation_epoch_end(self) -> None:
        table, means, losses = [], [], []
        for p, part in enumerate(PARTS):
            logits, labels = self._gathered(p)
            values, costs = [], []
            for k, name in enumerate(self.recipe.data.findings):
                known = torch.isfinite(labels[:, k])
                y, z = labels[known, k], logits[known, k]
                area = auroc(y.numpy() > 0, z.numpy().astype(np.float64))
                costs.append(F.binary_cross_entropy_with_logits(z, y).item())
                table.append([self.current_epoch, name, part, area, costs[-1]])
                values.append(area)
            means.append(float(np.nanmean(values)))
            losses.append(float(np.nanmean(costs)))
        self.log("auroc", means[0], prog_bar=True)
        self.log("training_auroc", means[1], prog_bar=True)
        last = self.recipe.stage(self.current_epoch).size == self.recipe.input_size
        self.log("height", means[0] - (0.0 if last else EARLIER))
        self.log("validation_loss", losses[0])
        if self.trainer.is_global_zero and not self.trainer.sanity_checking:
            with self.curves.open("a", newline="", encoding="utf-8") as file:
                csv.writer(file, lineterminator="\n").writerows(table)

    def configure_gradient_clipping(self, optimizer: Any, *_: Any, **__: Any) -> None:
        """Clips the norm of all gradients; Lightning's own clipping refuses the fused optimiser."""
        nn.utils.clip_grad_norm_(self.parameters(), self.recipe.optimiser.clip)

    def configure_optimizers(self) -> Any:
        how = self.recipe.optimiser
        named = {name: p for name, p in self.named_parameters() if p.requires_grad}
        scalars = [p for name, p in named.items() if name.rpartition(".")[-1] in SCALARS]
        plain = [p for name, p in named.items() if p.ndim <= 1 and name.rpartition(".")[-1] not in SCALARS]
        decayed = [p for p in named.values() if p.ndim > 1]
        groups: list[dict[str, Any]] = [
            {"params": decayed, "weight_decay": how.weight_decay},
            {"params": plain, "weight_decay": 0.0},
        ]
        if scalars:
            groups.append({"params": scalars, "weight_decay": 0.0, "lr": how.learning_rate * how.scalars})
        kind = torch.optim.AdamW if how.name == "adamw" else torch.optim.Adam
        optimiser = kind(groups, lr=how.learning_rate, fused=True)
        if how.schedule == "plateau":
            plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(optimiser, factor=0.1, patience=0)
            return {"optimizer": optimiser, "lr_scheduler": {"scheduler": plateau, "monitor": "validation_loss"}}
        films = self.trainer.datamodule  # type: ignore[attr-defined]
        assert isinstance(films, Films)
        shares = factors(how, self.recipe, films.steps())
        schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: shares[min(step, len(shares) - 1)])
        return {"optimizer": optimiser, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}
