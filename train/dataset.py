"""Films and targets in batches: in the order a seed gives, from the cache of the size the epoch asks for."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import lightning.pytorch as pl
import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from chexview.errors import DataError
from chexview.evaluation.composite import any_label
from chexview.findings import COMPOSITES, NAMES
from train import cache
from train.recipe import Recipe, Stage
from train.regions import RegionTargets
from train.soft_labels import teacher_shares

AGE_SCALE = 20.0
"""Years to one unit of the auxiliary age target, which is centred on 50."""

AUXILIARY = 3
"""Auxiliary targets: sex, view, age; their heads help the features and are dropped from the exported checkpoint."""

ON_DEVICE = 0.5
"""The share of a GPU's free memory that a cache of films may take up; a larger one stays on the disk."""


def labels(table: pd.DataFrame, finding: str) -> npt.NDArray[np.int8]:
    """Int8 (N,): 0, 1, or -1 where unknown, of a finding or of a composite of findings."""
    if finding in COMPOSITES:
        return any_label(np.stack([labels(table, part) for part in COMPOSITES[finding]], axis=-1))
    column = f"label__{finding}"
    return table[column].to_numpy(np.int8) if column in table else np.full(len(table), -1, np.int8)


def targets(table: pd.DataFrame, findings: Sequence[str] = NAMES) -> npt.NDArray[np.float32]:
    """Float32 (N, K): 0, 1, or NaN where unknown."""
    known = np.stack([labels(table, finding) for finding in findings], axis=1).astype(np.float32)
    return np.where(known < 0, np.float32(np.nan), known)


def also_columns(table: pd.DataFrame, names: Sequence[str]) -> list[str]:
    """The columns ``also__<name>__<finding>`` of an index's other label tables. Raises DataError for a name it lacks."""
    found: list[str] = []
    for name in names:
        columns = [column for column in map(str, table.columns) if column.startswith(f"also__{name}__")]
        if not columns:
            raise DataError(f"The index has no label table {name!r}; make it with --also-labels {name}=FILE.")
        found += columns
    return found


def check_merge(table: pd.DataFrame, recipe: Recipe) -> None:
    """Raises DataError if ``model.merge_also`` would average heads of unlike findings."""
    for name in recipe.data.also if recipe.model.merge_also else ():
        if also_columns(table, [name]) != [f"also__{name}__{finding}" for finding in recipe.data.findings]:
            raise DataError(f"model.merge_also needs {name} to have the findings of data.findings, in their order.")


def training_targets(
    table: pd.DataFrame, recipe: Recipe, regions: RegionTargets | None = None, teachers: Sequence[Path] = ()
) -> npt.NDArray[np.float32]:
    """Float32 (N, K + A): what the network learns of each film, and the labels of the A columns of other tables.

    A film's target of a finding is its label, or that of the radiologists who looked at it where ``data.overrule`` says so;
    where teachers gave a probability, their mean takes ``loss.teacher`` of it. NaN where nothing is known.
    """
    findings = recipe.data.findings
    wanted = targets(table, findings)
    if recipe.data.overrule:
        if regions is None:
            raise DataError("data.overrule needs an index with --regions.")
        looked = np.flatnonzero(regions.place >= 0)
        for name in recipe.data.overrule:
            if name in regions.findings:
                present = regions.present[:, regions.findings.index(name)]
                wanted[looked, findings.index(name)] = present[regions.place[looked]]
    share = recipe.loss.teacher
    if bool(share) != bool(teachers):
        raise DataError("loss.teacher and --teacher need each other: a share, and the tables of logits it is for.")
    if share:
        soft = teacher_shares(teachers, table["image"], findings)
        blended = share * soft + (1 - share) * np.where(np.isfinite(wanted), wanted, soft)
        wanted = np.where(np.isfinite(soft), blended, wanted).astype(np.float32)
    also = table[also_columns(table, recipe.data.also)].to_numpy(np.float32).reshape(len(table), -1)
    return np.concatenate([wanted, np.where(also < 0, np.float32(np.nan), also)], axis=1)


def auxiliary(table: pd.DataFrame) -> npt.NDArray[np.float32]:
    """Float32 (N, 3): male, AP view, and age in units of 20 years from 50; NaN where unknown."""
    male = table["sex"].map({"M": 1.0, "F": 0.0})
    bedside = table["view"].map({"AP": 1.0, "PA": 0.0})
    age = (table["age"].where(table["age"] >= 0) - 50.0) / AGE_SCALE
    return np.stack([male, bedside, age], axis=1).astype(np.float32)


def restricted(table: pd.DataFrame, folder: Path, only: str) -> tuple[pd.DataFrame, Path]:
    """The films of one list of the index, on every side of the split, and the folder of their caches; all films for "".

    Raises DataError if the index has no such list.
    """
    if not only:
        return table, folder
    if f"list__{only}" not in table:
        raise DataError(f"The index has no list {only!r}; make it with --flags and a CSV that has such a column.")
    return table[table[f"list__{only}"]].reset_index(drop=True), folder / only


@dataclass(frozen=True, slots=True)
class Place:
    """Which of ``world`` processes this is; each takes its share of every batch."""

    rank: int = 0
    world: int = 1


class Batches(Dataset[tuple[Tensor, Tensor, Tensor]]):
    """Batches by lists of rows: films uint8 (B, 1, S, S), targets float32 (B, columns of ``wanted``), and the rows
    themselves int64 (B,).

    ``films`` is a memory map, or a tensor on a GPU. ``softened`` holds blurred films at the places ``place`` gives (-1: none),
    shown in place of the sharp ones where ``soft`` is true.
    """

    def __init__(self, films: npt.NDArray[np.uint8] | Tensor, wanted: npt.NDArray[np.float32]) -> None:
        self.films, self.wanted = films, wanted
        self.softened: npt.NDArray[np.uint8] | None = None
        self.place = np.full(len(wanted), -1, np.intp)
        self.soft = np.zeros(len(wanted), bool)

    def __getitem__(self, rows: list[int]) -> tuple[Tensor, Tensor, Tensor]:
        order = np.asarray(rows)
        where = torch.from_numpy(order)
        if isinstance(self.films, Tensor):
            films = self.films[where.to(self.films.device)]
        else:
            films = torch.from_numpy(np.ascontiguousarray(self.films[order]))
        if self.softened is not None and (hit := np.flatnonzero(self.soft[order])).size:
            blurred = torch.from_numpy(np.ascontiguousarray(self.softened[self.place[order[hit]]]))
            films[torch.from_numpy(hit).to(films.device)] = blurred.to(films.device)
        return films[:, None], torch.from_numpy(self.wanted[order]), where

    def __len__(self) -> int:
        return len(self.wanted)


class Order(Sampler[list[int]]):
    """Every row once, in batches; shuffled by ``seed`` and ``epoch`` where ``seed`` is given.

    In training the last, small batch is dropped, a batch is split evenly between processes, and each share into
    ``accumulate`` parts. In evaluation nothing is dropped; processes whose share is short repeat their last row, and
    whoever gathers the results drops what came twice.
    """

    def __init__(
        self,
        rows: npt.NDArray[np.intp],
        batch_size: int,
        seed: int | None = None,
        epoch: int = 0,
        place: Place = Place(),
        accumulate: int = 1,
    ) -> None:
        self.seed, self.epoch, self.place, self.accumulate = seed, epoch, place, accumulate
        if seed is None:
            self.share = batch_size
            each = math.ceil(len(rows) / place.world)
            self.rows = rows[place.rank * each : (place.rank + 1) * each]
            self.rows = np.concatenate([self.rows, np.repeat(rows[-1:], each - len(self.rows))])
        else:
            parts = place.world * accumulate
            self.rows, self.share = rows, min(batch_size, len(rows)) // parts
            if self.share < 1:
                raise DataError(f"A batch of {batch_size} films cannot be split into {parts} parts.")

    def __iter__(self) -> Iterator[list[int]]:
        if self.seed is None:
            for start in range(0, len(self.rows), self.share):
                yield self.rows[start : start + self.share].tolist()
            return
        shuffled = np.random.default_rng([self.seed, self.epoch]).permutation(self.rows)
        for i in range(len(self)):
            start = (i * self.place.world + self.place.rank) * self.share
            yield shuffled[start : start + self.share].tolist()

    def __len__(self) -> int:
        if self.seed is None:
            return math.ceil(len(self.rows) / self.share)
        return len(self.rows) // (self.share * self.place.world * self.accumulate) * self.accumulate


class Films(pl.LightningDataModule):
    """The films of an index, at the size of each epoch's stage.

    The first evaluation loader holds the validation films, the second as many training films, fixed and unaugmented, so
    that training and validation AUROC can stand side by side.
    """

    def __init__(
        self,
        table: pd.DataFrame,
        folder: Path,
        recipe: Recipe,
        regions: RegionTargets | None = None,
        teachers: Sequence[Path] = (),
    ) -> None:
        super().__init__()
        self.regions = regions
        self.table, self.folder, self.recipe = table, folder, recipe
        self.caches: dict[int, cache.Cache] = {}
        self.softened: dict[int, cache.Cache] = {}
        self.truth = targets(table, recipe.data.findings)
        self.wanted = np.concatenate([training_targets(table, recipe, regions, teachers), auxiliary(table)], axis=1)
        self.resident: tuple[int, Tensor] | None = None
        if recipe.data.soften and "list__sharp" not in table:
            raise DataError("data.soften needs an index with a list 'sharp'; make it with --flags.")

    def prepare_data(self) -> None:
        """Makes every cache the recipe will ask for, once on each machine."""
        for stage in self.recipe.stages:
            cache.build(self.table, self.folder, stage.size)
            if self.recipe.data.soften:
                cache.build(self._sharp(), self.folder, stage.size, softened=True)

    def setup(self, stage: str | None = None) -> None:
        """Opens the caches that ``prepare_data`` made."""
        for plan in self.recipe.stages:
            self.caches[plan.size] = cache.build(self.table, self.folder, plan.size)
            if self.recipe.data.soften:
                self.softened[plan.size] = cache.build(self._sharp(), self.folder, plan.size, softened=True)

    def _sharp(self) -> pd.DataFrame:
        return self.table[self.table["list__sharp"] & (self.table["split"] == "train")].reset_index(drop=True)

    @property
    def place(self) -> Place:
        """This process among those of the trainer."""
        return Place(self.trainer.global_rank, self.trainer.world_size) if self.trainer else Place()

    def rows(self, split: str, size: int) -> npt.NDArray[np.intp]:
        """The readable rows of one split."""
        return np.flatnonzero((self.table["split"] == split).to_numpy() & self.caches[size].readable)

    def drawn(self, stage: Stage, epoch: int) -> npt.NDArray[np.intp]:
        """The training rows of one epoch: all with a finding, the stage's share of those without, by a seed, and those that
        radiologists looked at as often as the stage says."""
        rows = self.rows("train", stage.size)
        clean = np.nansum(self.truth[rows], axis=1) == 0
        if self.regions is not None and stage.looked_at > 1:
            looked = self.regions.place[rows] >= 0
            again = np.repeat(rows[looked], stage.looked_at - 1)
            rows, clean = rows[~looked | ~clean], clean[~looked | ~clean]
            rows, clean = np.concatenate([rows, again]), np.concatenate([clean, np.zeros(len(again), bool)])
        keep = round(stage.no_finding * int(clean.sum()))
        chosen = np.random.default_rng([self.recipe.seed, epoch, 1]).permutation(rows[clean])[:keep]
        return np.sort(np.concatenate([rows[~clean], chosen]))

    def ordinary_films(self) -> list[Tensor]:
        """Up to 256 training films of the last size as batches uint8 (B, 1, S, S), drawn by the recipe's seed: what most films
        look like."""
        size = self.recipe.input_size
        rows = np.random.default_rng(self.recipe.seed).permutation(self.rows("train", size))[:256]
        films = torch.from_numpy(np.ascontiguousarray(self.caches[size].films[np.sort(rows)]))[:, None]
        return [films[start : start + 32] for start in range(0, len(films), 32)]

    def prevalence(self) -> Mapping[str, float]:
        """The share of training films with each finding, unknowns left out. Raises DataError if none are known."""
        findings = self.recipe.data.findings
        known = self.truth[(self.table["split"] == "train").to_numpy()]
        if blank := [name for k, name in enumerate(findings) if not np.isfinite(known[:, k]).any()]:
            raise DataError(f"No training film has a known label for {blank[0]}; leave it out of data.findings.")
        return dict(zip(findings, np.nanmean(known, axis=0).tolist(), strict=True))

    def _epoch(self) -> int:
        return self.trainer.current_epoch if self.trainer else 0

    def steps(self) -> list[int]:
        """Optimiser steps of each stage of the recipe."""
        return [
            stage.epochs * len(Order(self.drawn(stage, 0), stage.batch_size, seed=0)) for stage in self.recipe.stages
        ]

    def _films(self, size: int) -> npt.NDArray[np.uint8] | Tensor:
        """The cache of ``size``: on the GPU if there is one with room for it, else where it lies."""
        films = self.caches[size].films
        device = self.trainer.strategy.root_device if self.trainer else torch.device("cpu")
        if device.type != "cuda":
            return films
        if self.resident is None or self.resident[0] != size:
            self.resident = None
            if films.nbytes > ON_DEVICE * torch.cuda.mem_get_info(device)[0]:
                return films
            whole = torch.empty(films.shape, dtype=torch.uint8, device=device)
            for start in range(0, len(films), 1024):
                whole[start : start + 1024] = torch.from_numpy(np.ascontiguousarray(films[start : start + 1024]))
            self.resident = (size, whole)
        return self.resident[1]

    def train_dataloader(self) -> DataLoader[tuple[Tensor, Tensor, Tensor]]:
        epoch = self._epoch()
        stage = self.recipe.stage(epoch)
        order = Order(self.drawn(stage, epoch), stage.batch_size, self.recipe.seed, epoch, self.place, stage.accumulate)
        films = Batches(self._films(stage.size), self.wanted)
        if self.recipe.data.soften:
            films.softened = self.softened[stage.size].films
            rows = np.flatnonzero((self.table["list__sharp"] & (self.table["split"] == "train")).to_numpy())
            films.place[rows[self.softened[stage.size].readable]] = np.flatnonzero(self.softened[stage.size].readable)
            chance = np.random.default_rng([self.recipe.seed, epoch, 2]).random(len(films))
            films.soft = (films.place >= 0) & (chance < self.recipe.data.soften)
        return DataLoader(films, sampler=order, batch_size=None)

    def val_dataloader(self) -> list[DataLoader[tuple[Tensor, Tensor, Tensor]]]:
        size = self.recipe.stage(self._epoch()).size
        validation, training = self.rows("validation", size), self.rows("train", size)
        same = np.random.default_rng(self.recipe.seed).permutation(training)[: len(validation)]
        films = Batches(self._films(size), self.truth)
        return [
            DataLoader(films, sampler=Order(np.sort(rows), 64, place=self.place), batch_size=None)
            for rows in (validation, same)
        ]
