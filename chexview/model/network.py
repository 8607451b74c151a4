"""DenseNet-121 whose class maps add up to its logits.

Zhou et al., "Learning Deep Features for Discriminative Localization", CVPR 2016: where a network ends in global average
pooling and one linear layer, the linear layer can be applied at every position first, and the mean of the resulting
class map plus the bias *is* the logit. One forward therefore gives the maps of all findings at no cost.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor, nn
from torchvision.models import DenseNet

if TYPE_CHECKING:
    from collections.abc import Sequence

GRID = 32
"""Pixels of input to one cell of a class map; input sizes are multiples of it."""

MEAN, STD = 0.5, 0.25
"""Grey level and spread (of 0 to 1) that films are centred and scaled to; close to NIH's own."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A DenseNet's growth rate, layers in each of its four blocks, and channels of its stem."""

    growth: int
    blocks: tuple[int, int, int, int]
    stem: int


DENSENET_121 = Shape(growth=32, blocks=(6, 12, 24, 16), stem=64)


class CheXNet(nn.Module):
    """DenseNet-121 (Huang et al., CVPR 2017) on one grey channel, with exact class maps.

    ``forward`` takes grey levels 0 to 255, uint8 or float, of shape (N, 1, S, S), S a multiple of 32, and gives the pair
    ``logits`` (N, K) and ``maps`` (N, K, S/32, S/32) with ``maps.mean((-2, -1)) + bias == logits`` to float rounding.
    Scaling lives inside as buffers, so that no caller can get it wrong; with more ``channels`` than one (adopted networks), each
    has its own, and the one film goes to all of them. The last ReLU is a module of its own that does
    not work in place: hooks on ``relu`` see what the class maps are made of.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, findings: int, drop_rate: float = 0.0, shape: Shape = DENSENET_121, channels: int = 1) -> None:
        super().__init__()
        whole = DenseNet(shape.growth, shape.blocks, shape.stem, drop_rate=drop_rate, num_classes=findings)
        self.features = whole.features
        self.features.conv0 = nn.Conv2d(channels, shape.stem, kernel_size=7, stride=2, padding=3, bias=False)
        nn.init.kaiming_normal_(self.features.conv0.weight)
        self.relu = nn.ReLU(inplace=False)
        self.classifier = whole.classifier
        each = () if channels == 1 else (channels, 1, 1)
        self.register_buffer("mean", torch.full(each, 255.0 * MEAN))
        self.register_buffer("std", torch.full(each, 255.0 * STD))

    def embed(self, x: Tensor) -> Tensor:
        """Grey levels (N, 1, S, S) to the last feature maps (N, 1024, S/32, S/32), after the ReLU."""
        normal = (x.to(self.mean.dtype) - self.mean) / self.std
        return cast(Tensor, self.relu(self.features(normal)))

    def score(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Feature maps to ``(logits, maps)``; in float32 whatever the features' precision."""
        with torch.autocast(features.device.type, enabled=False):
            weight = self.classifier.weight[:, :, None, None]
            maps = nn.functional.conv2d(features.float(), weight.float())
            return maps.mean((-2, -1)) + self.classifier.bias.float(), maps

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self.score(self.embed(x))

    def start_from_prevalence(self, prevalence: "Sequence[float]") -> None:
        """Sets the biases to the log-odds of ``prevalence`` (K values in 0 to 1), so that training starts calibrated."""
        p = torch.tensor(prevalence, dtype=torch.float32).clamp(1e-4, 1 - 1e-4)
        with torch.no_grad():
            self.classifier.weight.mul_(0.1)
            self.classifier.bias.copy_(torch.log(p / (1 - p)))
