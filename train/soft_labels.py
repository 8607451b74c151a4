"""Soft labels: what a checkpoint says of an index's films, as targets for another to learn from.

Hinton, Vinyals, Dean, "Distilling the knowledge in a neural network", arXiv:1503.02531. A table of soft labels is a parquet
file with a column image and columns ``logit__<finding>``; ``predictions.parquet`` of a validation run is one too.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from scipy.special import expit

from chexview.atomic import write_atomically
from chexview.errors import DataError
from train import cache
from train.inference import open_any, outputs


def write(table: pd.DataFrame, folder: Path, checkpoint: Path, out: Path) -> None:
    """Writes the soft labels of the training and validation films of an index by a checkpoint, averaged over flips."""
    card, network = open_any(checkpoint)
    films = cache.build(table, folder, card.input_size)
    rows = np.flatnonzero((table["split"] != "test").to_numpy() & films.readable)
    logits = torch.cat([batch for batch, _ in outputs(network, np.asarray(films.films[rows]), flips=True)])
    made = pd.DataFrame(logits.numpy(), columns=[f"logit__{name}" for name in card.findings])
    made.insert(0, "image", table["image"].to_numpy()[rows])
    write_atomically(out, made.to_parquet(index=False))


def teacher_shares(paths: Sequence[Path], images: pd.Series, findings: Sequence[str]) -> npt.NDArray[np.float32]:
    """The teachers' probabilities of ``findings`` for ``images``, float32 (N, K): the sigmoid of the mean of those logits
    that the tables hold, NaN where none does. Raises DataError for a table that is none."""
    every = []
    for path in paths:
        try:
            held = pd.read_parquet(path).set_index("image")
            logits = held[[f"logit__{name}" for name in findings]]
        except (OSError, ValueError, KeyError) as error:
            raise DataError(f"{path.name} is no table of soft labels (image, logit__<finding>): {error}.") from error
        every.append(logits[~logits.index.duplicated()].reindex(images).to_numpy(np.float64))
    known = np.isfinite(every)
    counts = known.sum(0)
    means = np.where(known, every, 0.0).sum(0) / np.maximum(counts, 1)
    return np.where(counts > 0, expit(means), np.nan).astype(np.float32)
