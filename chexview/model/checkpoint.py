"""Checkpoints: a folder with ``model.safetensors`` (fp16 weights) and ``card.json``. Loading is strict.

PyTorch, which takes seconds to load, is imported by what reads or writes weights; finding checkpoints does without.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from safetensors import SafetensorError

from chexview.atomic import write_atomically
from chexview.errors import CheckpointError
from chexview.model import card as cards
from chexview.model.architecture import Architecture
from chexview.model.card import Card

if TYPE_CHECKING:
    from torch import Tensor

    from chexview.model.network import ClassMapNetwork

WEIGHTS = "model.safetensors"


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """A card and its network, in float32, in evaluation mode, on the CPU."""

    card: Card
    network: ClassMapNetwork


def _exported(network: ClassMapNetwork) -> dict[str, Tensor]:
    """The tensors that are stored: weights in fp16, the running statistics of batch norms in fp32, no step counters."""
    import torch

    tensors = {}
    for name, value in network.state_dict().items():
        if name.endswith("num_batches_tracked"):
            continue
        statistic = name.endswith(("running_mean", "running_var")) or name in {"mean", "std", "log_sharpness", "offset"}
        tensors[name] = value.detach().cpu().to(torch.float32 if statistic else torch.float16).contiguous()
    return tensors


def save(network: ClassMapNetwork, card: Card, folder: Path) -> Card:
    """Writes the checkpoint ``folder`` and gives the card with the digest of the weights filled in."""
    from safetensors.torch import save as save_tensors

    data = save_tensors(_exported(network), metadata={"findings": json.dumps(card.findings)})
    complete = replace(card, weights=hashlib.sha256(data).hexdigest())
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / WEIGHTS, data)
    write_atomically(folder / "card.json", complete.to_json().encode())
    return complete


def fit(network: ClassMapNetwork, tensors: Mapping[str, Tensor], source: str = WEIGHTS) -> None:
    """Loads ``tensors`` strictly. Raises CheckpointError naming the first tensor that is missing, unknown or misshapen."""
    import torch

    own = {name: value for name, value in network.state_dict().items() if not name.endswith("num_batches_tracked")}
    if missing := sorted(set(own) - set(tensors)):
        raise CheckpointError(f"{source} lacks {len(missing)} tensors, {missing[0]} first; nothing was loaded.")
    if strange := sorted(set(tensors) - set(own)):
        raise CheckpointError(
            f"{source} holds {len(strange)} tensors too many, {strange[0]} first; nothing was loaded."
        )
    for name, value in own.items():
        if tensors[name].shape != value.shape:
            shapes = f"{tuple(tensors[name].shape)} in place of {tuple(value.shape)}"
            raise CheckpointError(f"{source}: {name} has shape {shapes}; nothing was loaded.")
        if not torch.isfinite(tensors[name]).all():
            raise CheckpointError(f"{source}: {name} holds numbers that are not finite; nothing was loaded.")
    network.load_state_dict({name: value.float() for name, value in tensors.items()}, strict=False)


def _order(data: bytes) -> list[str]:
    """The findings in the order of the network's outputs, as the weights file itself tells; [] where it does not."""
    length = int.from_bytes(data[:8], "little")
    named = json.loads(data[8 : 8 + length]).get("__metadata__", {}).get("findings", "[]")
    return [str(name) for name in json.loads(named)]


def load(folder: Path) -> Checkpoint:
    """The checkpoint in ``folder``. Raises CheckpointError if anything does not fit exactly."""
    from chexview.model.network import build

    return load_with(folder, build)


def load_with(folder: Path, builder: Callable[[int, Architecture, int], ClassMapNetwork]) -> Checkpoint:
    """``load`` with another ``builder``: from findings, architecture and channels of input to a network, or ValueError."""
    from safetensors.torch import load as load_tensors

    card = cards.read(folder)
    path = folder / WEIGHTS
    if not path.is_file():
        raise CheckpointError(f"{folder.name} has no {WEIGHTS}; copy the whole folder of the checkpoint.")
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != card.weights:
        raise CheckpointError(f"{WEIGHTS} of {folder.name} is not the file its card was written for (SHA-256 differs).")
    try:
        tensors = load_tensors(data)
    except SafetensorError as error:
        raise CheckpointError(f"{WEIGHTS} of {folder.name} is not a safetensors file ({error}).") from error
    if _order(data) != list(card.findings):
        raise CheckpointError(
            f"The card of {folder.name} names other findings, or in another order, than {WEIGHTS} holds."
        )
    first = tensors.get("features.conv0.weight")
    channels = first.shape[1] if first is not None and first.ndim == 4 else 1
    try:
        network = builder(len(card.findings), card.architecture, channels)
    except ValueError as error:
        raise CheckpointError(f"The network of {folder.name} cannot be built: {error}.") from error
    fit(network, tensors)
    return Checkpoint(card, network.eval().requires_grad_(False))


def find(folders: Iterable[Path]) -> dict[str, Path]:
    """Checkpoint folders by name; the first of equal names wins."""
    found: dict[str, Path] = {}
    for parent in folders:
        if parent.is_dir():
            for folder in sorted(parent.iterdir()):
                if (folder / "card.json").is_file():
                    found.setdefault(folder.name, folder)
    return found
