"""``python -m train fit``: a recipe and an index to a checkpoint. Lightning runs the loop; what is ours stands beside it."""

import datetime
import errno
import json
import logging
import platform
import warnings
from collections.abc import Sequence
from pathlib import Path

import lightning
import lightning.pytorch as pl
import numpy as np
import pandas as pd
import torch
import torchvision
from lightning.pytorch.callbacks import (
    Callback,
    EarlyStopping,
    EMAWeightAveraging,
    GradientAccumulationScheduler,
    ModelCheckpoint,
    TQDMProgressBar,
)

from chexview.atomic import write_atomically
from chexview.errors import DataError
from chexview.evaluation.checksums import split_hash
from chexview.model import checkpoint
from chexview.model.card import Card
from chexview.model.network import ClassMapNetwork
from train import regions
from train.dataset import Films, also_columns, check_merge, restricted
from train.devices import Processes, processes, with_parts
from train.recipe import Recipe
from train.start import origin, start
from train.training import Training

HARMLESS = (
    r"The '\w+' does not have many workers",  # batches come from a memory map or from the GPU, in this process
    r"Checkpoint directory .* exists and is not empty",  # recipe.json and curves.csv lie there
    r"`isinstance\(treespec, LeafSpec\)` is deprecated",  # Lightning's own, of PyTorch's trees
)


def versions() -> dict[str, str]:
    """What made a checkpoint or run."""
    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "torchvision": torchvision.__version__,
        "lightning": lightning.__version__,
        "numpy": np.__version__,
    }


def _begin(out: Path, table: pd.DataFrame, recipe: Recipe, init: str, resume: bool) -> None:
    """Claims ``out`` for this recipe, start and split. Raises DataError if it belongs to others."""
    note, last = out / "recipe.json", out / "last.ckpt"
    images = {side: table.loc[table["split"] == side, "image"] for side in ("train", "validation", "test")}
    begun = {"recipe": recipe.resolved(), "init": origin(init), "split_hash": split_hash(images)}
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
    _begin_curves(out / "curves.csv", last)


def _begin_curves(curves: Path, last: Path) -> None:
    """An empty table, or on a resume the rows of the epochs that the last checkpoint has seen."""
    header = "epoch,finding,part,auroc,loss\n"
    kept = []
    if last.is_file():
        done = torch.load(last, map_location="cpu", weights_only=False)["epoch"]
        rows = curves.read_text(encoding="utf-8").splitlines(keepends=True)[1:]
        kept = [row for row in rows if int(row.split(",", 1)[0]) <= done]
    write_atomically(curves, (header + "".join(kept)).encode())


def _callbacks(recipe: Recipe, out: Path, where: Processes) -> list[Callback]:
    begins = np.cumsum([0, *(stage.epochs for stage in recipe.stages[:-1])]).tolist()
    parts = {begin: stage.accumulate for begin, stage in zip(begins, recipe.stages, strict=True)}
    return [
        EMAWeightAveraging(where.device, decay=recipe.optimiser.ema),
        GradientAccumulationScheduler(parts),
        ModelCheckpoint(out, filename="last", monitor=None, save_top_k=1, enable_version_counter=False),
        ModelCheckpoint(out, filename="best", monitor="height", mode="max", enable_version_counter=False),
        EarlyStopping("height", mode="max", patience=recipe.patience or recipe.epochs),
        TQDMProgressBar(refresh_rate=20),
    ]


def _run(trainer: pl.Trainer, model: Training, films: Films, last: Path | None) -> None:
    """Lightning's loop; what stops it is told in one sentence. Raises DataError."""
    try:
        with warnings.catch_warnings():
            for message in HARMLESS:
                warnings.filterwarnings("ignore", message=message)
            trainer.fit(model, films, ckpt_path=last, weights_only=False if last else None)
    except torch.OutOfMemoryError as error:
        stage = model.recipe.stage(trainer.current_epoch)
        raise DataError(
            f"The GPU's memory does not hold {stage.batch_size // stage.accumulate} films of {stage.size} x {stage.size}; set "
            "the stage's accumulate to 0, which finds how many fit. The last finished epoch is kept for --resume."
        ) from error
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise DataError(
            "The disk is full; the last checkpoint that fitted is kept: free some space and go on with --resume."
        ) from error


def _centre(network: ClassMapNetwork, films: Films) -> None:
    """Makes the median cell of training films the zero of each class map, where pooling leaves that open."""
    if network.offset is None:
        return
    batches = films.ordinary_films()
    network.eval()
    with torch.inference_mode():
        maps = torch.cat([network(batch.to(network.mean.device))[1] for batch in batches])
    network.centre(maps.transpose(0, 1).flatten(1).median(dim=1).values)


def _export(network: ClassMapNetwork, out: Path, recipe: Recipe, init: str, films: Films) -> Path:
    """The averaged weights of the best epoch as a checkpoint."""
    saved = torch.load(out / "best.ckpt", map_location="cpu", weights_only=False)
    averaged = {k.removeprefix("network."): v for k, v in saved["state_dict"].items() if k.startswith("network.")}
    network.load_state_dict(averaged, strict=True)
    if recipe.model.merge_also:
        with torch.no_grad():
            for name, own in network.classifier.named_parameters():
                heads = saved["state_dict"][f"also.{name}"].view(len(recipe.data.also), *own.shape)
                own.copy_((own + heads.sum(0)) / (1 + len(heads)))
    _centre(network, films)
    card = Card(
        name=out.name,
        title=recipe.name,
        findings=recipe.data.findings,
        input_size=recipe.input_size,
        weights="",
        architecture=network.architecture,
        recipe={**recipe.resolved(), "init": origin(init), "best_epoch": saved["epoch"]},
        software=versions(),
        created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    )
    checkpoint.save(network, card, out / "checkpoint")
    return out / "checkpoint"


def fit(
    table: pd.DataFrame,
    folder: Path,
    recipe: Recipe,
    init: str,
    out: Path,
    resume: bool = False,
    region_table: regions.RegionTable | None = None,
    teachers: Sequence[Path] = (),
) -> Path:
    """Trains and gives the folder of the exported checkpoint, ``out/checkpoint``.

    ``out`` also holds ``recipe.json``, ``curves.csv`` (epoch, finding, part, auroc, loss) and Lightning's own checkpoints, from
    which ``resume`` continues. ``region_table`` and ``teachers`` (tables of soft labels) are what the recipe's loss may
    want. Under torchrun or SLURM every process calls this; the first one writes. Raises DataError
    where ``out`` belongs to another recipe, there is nothing to resume, or training cannot go on.
    """
    table, folder = restricted(table, folder, recipe.data.only)
    folder.mkdir(parents=True, exist_ok=True)
    where = processes()
    main = where.rank == 0
    out.mkdir(parents=True, exist_ok=True)
    if main:
        _begin(out, table, recipe, init, resume)
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    torch.manual_seed(recipe.seed)
    drawn = regions.region_targets(table["image"].tolist(), region_table) if region_table is not None else None
    check_merge(table, recipe)
    films = Films(table, folder, recipe, drawn, teachers)
    prevalence = films.prevalence()
    network = start(init, prevalence, recipe).to(memory_format=torch.channels_last)
    plan = with_parts(recipe, network, where)
    films.recipe = plan
    if plan.compile and where.accelerator == "cuda":
        network.features.compile()
    model = Training(
        network, plan, list(prevalence.values()), out / "curves.csv", drawn, len(also_columns(table, plan.data.also))
    )
    trainer = pl.Trainer(
        max_epochs=plan.epochs,
        accelerator=where.accelerator,
        devices=where.each,
        num_nodes=where.machines,
        strategy="ddp" if where.world > 1 else "auto",
        precision=plan.precision,  # type: ignore[arg-type]
        reload_dataloaders_every_n_epochs=1,
        check_val_every_n_epoch=plan.validate_every,
        num_sanity_val_steps=0,
        benchmark=where.accelerator == "cuda",  # a stage's batches all have one shape
        logger=False,
        use_distributed_sampler=False,
        callbacks=_callbacks(plan, out, where),
    )
    _run(trainer, model, films, out / "last.ckpt" if resume else None)
    if main:
        _export(network, out, plan, init, films)
    trainer.strategy.barrier("exported")
    return out / "checkpoint"
