"""Checkpoints that ``fit`` made, and what they give for many films at once."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from chexview.model.architecture import Architecture
from chexview.model.card import Card
from chexview.model.checkpoint import load_with
from chexview.model.network import ClassMapNetwork, build
from train import efficientnet_lite
from train.devices import processes

BATCH = 64


def build_any(findings: int, architecture: Architecture, channels: int) -> ClassMapNetwork:
    """The network of any checkpoint that ``fit`` can make, teachers among them. Raises ValueError."""
    if architecture.backbone in efficientnet_lite.SCALES:
        return efficientnet_lite.EfficientNetLite(findings, architecture)
    return build(findings, architecture, channels)


def open_any(folder: Path) -> tuple[Card, ClassMapNetwork]:
    """The card and network of a checkpoint that ``fit`` made, in evaluation mode on this process's device."""
    loaded = load_with(folder, build_any)
    return loaded.card, loaded.network.to(processes().device).to(memory_format=torch.channels_last)


def outputs(
    network: ClassMapNetwork, films: npt.NDArray[np.uint8], flips: bool = False
) -> Iterator[tuple[Tensor, Tensor]]:
    """Batch by batch, of films uint8 (N, S, S): logits float32 (n, K) on the CPU, and maps (n, K, rows, columns) on the device.

    With ``flips`` the logits are the mean with those of the mirrored films; maps are those of the films as they are.
    """
    device = network.mean.device
    for start in range(0, len(films), BATCH):
        batch = torch.from_numpy(np.ascontiguousarray(films[start : start + BATCH]))[:, None].to(device)
        with torch.inference_mode(), torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
            logits, maps = network(batch.contiguous(memory_format=torch.channels_last))
            if flips:
                logits = (logits + network(batch.flip(-1).contiguous(memory_format=torch.channels_last))[0]) / 2
        yield logits.float().cpu(), maps
