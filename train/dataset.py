"""Films and targets in batches: in the order a seed gives, from the cache of the size the epoch asks for."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import lightning.pytorch as pl
import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from chexview.findings import NAMES
from train import cache
from train.recipe import Recipe

AGE_SCALE = 20.0
"""Years to one unit of the auxiliary age target, which is centred on 50."""


def targets(table: pd.DataFrame) -> npt.NDArray[np.float32]:
    """Float32 (N, 14): 0, 1, or NaN where unknown."""
    labels = table[[f"label__{name}" for name in NAMES]].to_numpy(np.float32)
    return np.where(labels < 0, np.float32(np.nan), labels)


def auxiliary(table: pd.DataFrame) -> npt.NDArray[np.float32]:
    """Float32 (N, 3): male, AP view, and age in units of 20 years from 50; NaN where unknown."""
    male = table["sex"].map({"M": 1.0, "F": 0.0})
    bedside = table["view"].map({"AP": 1.0, "PA": 0.0})
    age = (table["age"].where(table["age"] >= 0) - 50.0) / AGE_SCALE
    return np.stack([male, bedside, age], axis=1).astype(np.float32)


class Batches(Dataset[tuple[Tensor, Tensor]]):
    """Batches by lists of rows: films uint8 (B, 1, S, S) and all targets float32 (B, 17)."""

    def __init__(self, films: npt.NDArray[np.uint8], wanted: npt.NDArray[np.float32]) -> None:
        self.films, self.wanted = films, wanted

    def __getitem__(self, rows: list[int]) -> tuple[Tensor, Tensor]:
        order = np.asarray(rows)
        return torch.from_numpy(np.ascontiguousarray(self.films[order]))[:, None], torch.from_numpy(self.wanted[order])

    def __len__(self) -> int:
        return len(self.wanted)


class Order(Sampler[list[int]]):
    """Every row once, in batches; shuffled by ``seed`` and ``epoch`` where ``seed`` is given. The last, small one counts
    in evaluation and is dropped in training."""

    def __init__(self, rows: npt.NDArray[np.intp], batch_size: int, seed: int | None = None, epoch: int = 0) -> None:
        self.rows, self.batch_size, self.seed, self.epoch = rows, min(batch_size, len(rows)), seed, epoch

    def __iter__(self) -> Iterator[list[int]]:
        rows = self.rows
        if self.seed is not None:
            rows = np.random.default_rng([self.seed, self.epoch]).permutation(rows)
        for i in range(len(self)):
            yield rows[i * self.batch_size : (i + 1) * self.batch_size].tolist()

    def __len__(self) -> int:
        whole, rest = divmod(len(self.rows), self.batch_size)
        return whole if self.seed is not None or not rest else whole + 1


class Films(pl.LightningDataModule):
    """The films of an index, at the size of each epoch's stage.

    The first evaluation loader holds the validation films, the second as many training films, fixed and unaugmented, so
    that training and validation AUROC can stand side by side.
    """

    def __init__(self, table: pd.DataFrame, folder: Path, recipe: Recipe) -> None:
        super().__init__()
        self.table, self.folder, self.recipe = table, folder, recipe
        self.caches: dict[int, cache.Cache] = {}
        self.wanted = np.concatenate([targets(table), auxiliary(table)], axis=1)

    def prepare(self) -> None:
        """Makes every cache the recipe will ask for."""
        for size in {stage.size for stage in self.recipe.stages}:
            self.caches[size] = cache.build(self.table, self.folder, size)

    def rows(self, split: str, size: int) -> npt.NDArray[np.intp]:
        """The readable rows of one split."""
        return np.flatnonzero((self.table["split"] == split).to_numpy() & self.caches[size].readable)

    def drawn(self, size: int, epoch: int) -> npt.NDArray[np.intp]:
        """The training rows of one epoch: all with a finding, and the recipe's share of those without, by a seed."""
        rows = self.rows("train", size)
        clean = np.nansum(self.wanted[rows, : len(NAMES)], axis=1) == 0
        keep = round(self.recipe.data.no_finding * int(clean.sum()))
        chosen = np.random.default_rng([self.recipe.seed, epoch, 1]).permutation(rows[clean])[:keep]
        return np.sort(np.concatenate([rows[~clean], chosen]))

    def prevalence(self) -> Mapping[str, float]:
        """The share of training films with each finding, unknowns left out."""
        training = targets(self.table[self.table["split"] == "train"])
        return dict(zip(NAMES, np.nanmean(training, axis=0).tolist(), strict=True))

    def _epoch(self) -> int:
        return self.trainer.current_epoch if self.trainer else 0

    def steps(self) -> int:
        """Optimiser steps of the whole recipe."""
        return sum(
            stage.epochs * len(Order(self.drawn(stage.size, 0), stage.batch_size, seed=0))
            for stage in self.recipe.stages
        )

    def train_dataloader(self) -> DataLoader[tuple[Tensor, Tensor]]:
        epoch = self._epoch()
        stage = self.recipe.stage(epoch)
        order = Order(self.drawn(stage.size, epoch), stage.batch_size, self.recipe.seed, epoch)
        return DataLoader(Batches(self.caches[stage.size].films, self.wanted), sampler=order, batch_size=None)

    def val_dataloader(self) -> list[DataLoader[tuple[Tensor, Tensor]]]:
        size = self.recipe.stage(self._epoch()).size
        validation, training = self.rows("validation", size), self.rows("train", size)
        same = np.random.default_rng(self.recipe.seed).permutation(training)[: len(validation)]
        films = Batches(self.caches[size].films, self.wanted)
        return [DataLoader(films, sampler=Order(np.sort(rows), 64), batch_size=None) for rows in (validation, same)]
