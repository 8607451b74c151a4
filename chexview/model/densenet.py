"""DenseNet in torch alone: Huang, Liu, van der Maaten, Weinberger, "Densely Connected Convolutional Networks", CVPR 2017.

The tensors bear the names of torchvision's, and the same seed gives the same weights; the tests hold both side by side. To
import torchvision takes as long as to import torch, which whoever reads one film on the command line would wait for.
"""

from collections import OrderedDict

import torch
from torch import Tensor, nn

BOTTLENECK = 4
"""Channels between the two convolutions of a layer, in growth rates."""


class DenseLayer(nn.Module):
    """One layer: channels (N, C, H, W) to ``growth`` new ones (N, growth, H, W)."""

    def __init__(self, channels: int, growth: int, drop_rate: float) -> None:
        super().__init__()
        between = BOTTLENECK * growth
        self.norm1, self.relu1 = nn.BatchNorm2d(channels), nn.ReLU(inplace=True)
        self.conv1 = nn.Conv2d(channels, between, kernel_size=1, bias=False)
        self.norm2, self.relu2 = nn.BatchNorm2d(between), nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(between, growth, kernel_size=3, padding=1, bias=False)
        self.drop_rate = drop_rate

    def forward(self, x: Tensor) -> Tensor:
        narrow = self.conv1(self.relu1(self.norm1(x)))
        new: Tensor = self.conv2(self.relu2(self.norm2(narrow)))
        if self.drop_rate > 0:
            new = nn.functional.dropout(new, self.drop_rate, self.training)
        return new


class DenseBlock(nn.ModuleDict):
    """Layers, each of which sees the block's input and what all layers before it gave."""

    def __init__(self, layers: int, channels: int, growth: int, drop_rate: float) -> None:
        super().__init__()
        for k in range(layers):
            self.add_module(f"denselayer{k + 1}", DenseLayer(channels + k * growth, growth, drop_rate))

    def forward(self, x: Tensor) -> Tensor:
        found = [x]
        for layer in self.values():
            found.append(layer(torch.cat(found, 1)))
        return torch.cat(found, 1)


class DenseNet(nn.Module):
    """The two parts of a DenseNet, freshly initialised: ``features`` of colour films (N, 3, H, W), ``classifier`` of their means.

    ``growth`` is the channels that each layer adds, ``blocks`` the layers of each block, ``stem`` the channels before the first.
    """

    def __init__(self, growth: int, blocks: tuple[int, ...], stem: int, drop_rate: float, outputs: int) -> None:
        super().__init__()
        parts: OrderedDict[str, nn.Module] = OrderedDict(
            conv0=nn.Conv2d(3, stem, kernel_size=7, stride=2, padding=3, bias=False),
            norm0=nn.BatchNorm2d(stem),
            relu0=nn.ReLU(inplace=True),
            pool0=nn.MaxPool2d(kernel_size=3, stride=2, padding=1),
        )
        channels = stem
        for k, layers in enumerate(blocks, 1):
            parts[f"denseblock{k}"] = DenseBlock(layers, channels, growth, drop_rate)
            channels += layers * growth
            if k < len(blocks):
                parts[f"transition{k}"] = _transition(channels)
                channels //= 2
        parts["norm5"] = nn.BatchNorm2d(channels)
        self.features = nn.Sequential(parts)
        self.classifier = nn.Linear(channels, outputs)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight)
        nn.init.zeros_(self.classifier.bias)


def _transition(channels: int) -> nn.Sequential:
    """Halves the channels and the sides between two blocks."""
    return nn.Sequential(
        OrderedDict(
            norm=nn.BatchNorm2d(channels),
            relu=nn.ReLU(inplace=True),
            conv=nn.Conv2d(channels, channels // 2, kernel_size=1, bias=False),
            pool=nn.AvgPool2d(kernel_size=2, stride=2),
        )
    )
