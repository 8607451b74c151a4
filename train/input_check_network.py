"""The input check's network in torch: its recipe, how it is trained, and its export to the weights file's tensors."""

import sys
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from chexview.model.input_check import CELLS, CHANNELS, KINDS, InputKind
from train.corruptions import MIXTURE, vary


@dataclass(frozen=True, slots=True)
class Plan:
    """How it is trained: steps of the check and of its sisters, how many sisters, and pictures drawn of each family."""

    seed: int = 2017
    steps: int = 1500
    sister_steps: int = 700
    sisters: int = 4
    drawn: int = 400
    rate: float = 3e-3
    decay: float = 1e-2
    dropout: float = 0.3


def network(dropout: float) -> nn.Sequential:
    """The network of ``chexview.model.input_check``, with batch norms that its export folds into the convolutions."""
    layers: list[nn.Module] = []
    for before, after in pairwise(CHANNELS):
        layers += [nn.Conv2d(before, after, 3, 2, 1, bias=False), nn.BatchNorm2d(after), nn.ReLU()]
    return nn.Sequential(*layers, nn.Flatten(), nn.Dropout(dropout), nn.Linear(CHANNELS[-1] * CELLS, len(KINDS)))


def export(net: nn.Sequential) -> dict[str, npt.NDArray[np.float32]]:
    """The tensors of the weights file, float32: each batch norm folded into the convolution before it."""
    tensors: dict[str, Tensor] = {}
    for k in range(len(CHANNELS) - 1):
        convolution, norm = net[3 * k], net[3 * k + 1]
        assert isinstance(convolution, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d)
        assert norm.running_mean is not None and norm.running_var is not None
        scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        tensors[f"conv{k}.weight"] = convolution.weight * scale[:, None, None, None]
        tensors[f"conv{k}.bias"] = norm.bias - norm.running_mean * scale
    linear = net[-1]
    assert isinstance(linear, nn.Linear)
    tensors["linear.weight"], tensors["linear.bias"] = linear.weight, linear.bias
    return {name: np.ascontiguousarray(value.detach().numpy(), dtype=np.float32) for name, value in tensors.items()}


def learn(ordinary: Tensor, not_frontal: Tensor, none: Tensor, plan: Plan, steps: int, seed: int) -> nn.Sequential:
    """A network trained on ordinary films, films that are not frontal, and pictures that are none (``halved``)."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    net = network(plan.dropout).to(memory_format=torch.channels_last).train()
    optimiser = torch.optim.AdamW(net.parameters(), lr=plan.rate, weight_decay=plan.decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, plan.rate, total_steps=steps)
    kinds = [kind for kind, count in MIXTURE.items() for _ in range(count)]
    targets = torch.tensor([KINDS.index(kind) for kind in kinds])
    pools = {InputKind.NOT_FRONTAL: not_frontal, InputKind.NOT_CHEST: none}
    for step in range(steps):
        parts = []
        for kind, count in MIXTURE.items():
            pool = pools.get(kind, ordinary)
            parts.append(pool[torch.randint(len(pool), (count,), generator=generator)])
        batch = vary(torch.cat(parts), kinds, generator).contiguous(memory_format=torch.channels_last)
        loss = F.cross_entropy(net(batch), targets)
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
        schedule.step()
        if step % 100 == 99 or step == steps - 1:
            print(f"step {step + 1} of {steps}: loss {loss.item():.3f}", file=sys.stderr)
    return net.eval()
