"""DenseNet-121 whose cells' contributions add up to its logits.

Zhou et al., "Learning Deep Features for Discriminative Localization", CVPR 2016: where a network ends in pooling and one
linear layer, the linear layer can be applied at every position first. The logit then is the bias plus the weighted sum of
the resulting class map's cells, and each term of that sum is the cell's *contribution*. One forward gives the maps and
contributions of all findings at no cost. :mod:`chexview.model.architecture` names the ways to weigh the cells.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor, nn

from chexview.model.architecture import STANDARD, STRIDES, Architecture, Pooling
from chexview.model.densenet import DenseNet

if TYPE_CHECKING:
    from collections.abc import Sequence

SHARPNESS = 0.2
"""The sharpness ``a`` of adaptive pooling to begin with. Its logarithm is learnt, so that it stays above 0 and can always grow
again: clamped at 0 it would stay the mean for ever."""

MEAN, STD = 0.5, 0.25
"""Grey level and spread (of 0 to 1) that films are centred and scaled to; close to NIH's own."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A DenseNet's growth rate, layers in each of its four blocks, and channels of its stem."""

    growth: int
    blocks: tuple[int, int, int, int]
    stem: int


DENSENET_121 = Shape(growth=32, blocks=(6, 12, 24, 16), stem=64)


class ClassMapNetwork(nn.Module):
    """A convolutional network whose last linear layer is applied at every position, so that contributions add up to logits.

    A subclass has ``embed``; its ``classifier`` is a linear layer on the channels that ``embed`` gives.
    ``forward`` takes grey levels 0 to 255, uint8 or float, of shape (N, 1, S, S), S a multiple of 32, and gives the pair
    ``logits`` (N, K) and ``maps`` (N, K, S/stride, S/stride); ``contributions(maps)`` has the shape of the maps, and
    ``contributions.sum((-2, -1)) + bias == logits`` to float rounding. With pooling by the mean the contributions are
    ``maps / cells``. Scaling lives inside as buffers, so that no caller can get it wrong; with more ``channels`` than one
    (adopted networks), each has its own, and the one film goes to all of them.
    """

    mean: Tensor
    std: Tensor
    offset: Tensor | None

    def __init__(
        self, architecture: Architecture, features: nn.Module, classifier: nn.Linear, channels: int = 1
    ) -> None:
        super().__init__()
        self.architecture, self.features, self.classifier = architecture, features, classifier
        self.log_sharpness: nn.Parameter | None = None
        if architecture.pooling is Pooling.ADAPTIVE:
            self.log_sharpness = nn.Parameter(torch.full((classifier.out_features,), math.log(SHARPNESS)))
        centred = architecture.pooling is not Pooling.MEAN
        self.register_buffer("offset", torch.zeros(classifier.out_features) if centred else None)
        each = () if channels == 1 else (channels, 1, 1)
        self.register_buffer("mean", torch.full(each, 255.0 * MEAN))
        self.register_buffer("std", torch.full(each, 255.0 * STD))

    def embed(self, x: Tensor) -> Tensor:
        """Grey levels (N, 1, S, S) to the last feature maps (N, C, S/stride, S/stride)."""
        raise NotImplementedError

    def normal(self, x: Tensor) -> Tensor:
        """Grey levels 0 to 255 centred and scaled as the network was trained to see them."""
        return (x.to(self.mean.dtype) - self.mean) / self.std

    def weights(self, maps: Tensor) -> Tensor:
        """What each cell of class maps (N, K, H, W) weighs in its finding's logit: the same shape, each map's sum is 1."""
        cells = maps.shape[-2] * maps.shape[-1]
        if self.architecture.pooling is Pooling.MEAN:
            return torch.full_like(maps, 1.0 / cells)
        if self.log_sharpness is not None:
            scaled = self.log_sharpness.float().exp()[:, None, None] * maps
            return scaled.flatten(-2).softmax(-1).view_as(maps)
        chance = torch.sigmoid(maps + self.classifier.bias.float()[:, None, None])
        return chance / chance.sum((-2, -1), keepdim=True)

    def contributions(self, maps: Tensor) -> Tensor:
        """What each cell of class maps (N, K, H, W) adds to its finding's logit, in units of the logit: the same shape."""
        return self.weights(maps) * maps

    def score(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Feature maps to ``(logits, maps)``; in float32 whatever the features' precision."""
        with torch.autocast(features.device.type, enabled=False):
            weight = self.classifier.weight[:, :, None, None]
            maps = nn.functional.conv2d(features.float(), weight.float(), self.offset)
            return self.contributions(maps).sum((-2, -1)) + self.classifier.bias.float(), maps

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self.score(self.embed(x))

    def centre(self, ordinary: Tensor) -> None:
        """Makes ``ordinary`` (K,), the level of each class map on ordinary ground, its zero; every logit stays as it is.

        The weights of a map's cells add up to 1 and do not change when all of its cells move together, so that what the
        cells lose the bias gains. A contribution then says what a cell adds to that of an ordinary one. Raises ValueError
        where cells are pooled by the mean, whose class maps are HiResCAM's as they are.
        """
        if self.offset is None:
            raise ValueError("class maps that are pooled by the mean have no offset")
        with torch.no_grad():
            self.offset.sub_(ordinary)
            self.classifier.bias.add_(ordinary)

    def start_from_prevalence(self, prevalence: "Sequence[float]") -> None:
        """Sets the biases to the log-odds of ``prevalence`` (K values in 0 to 1), so that training starts calibrated."""
        p = torch.tensor(prevalence, dtype=torch.float32).clamp(1e-4, 1 - 1e-4)
        with torch.no_grad():
            self.classifier.weight.mul_(0.1)
            self.classifier.bias.copy_(torch.log(p / (1 - p)))


class CheXNet(ClassMapNetwork):
    """DenseNet-121 (Huang et al., CVPR 2017) on one grey channel, with class maps whose contributions add up.

    The last ReLU is a module of its own that does not work in place: hooks on ``relu`` see what the class maps are made
    of. Raises ValueError for an ``architecture`` that a DenseNet cannot be built with.
    """

    def __init__(
        self,
        findings: int,
        drop_rate: float = 0.0,
        shape: Shape = DENSENET_121,
        channels: int = 1,
        architecture: Architecture = STANDARD,
    ) -> None:
        if architecture.stride not in STRIDES:
            raise ValueError(f"the stride must be 16 or 32, not {architecture.stride}")
        whole = DenseNet(shape.growth, shape.blocks, shape.stem, drop_rate, findings)
        features = whole.features
        features.conv0 = nn.Conv2d(channels, shape.stem, kernel_size=7, stride=2, padding=3, bias=False)
        nn.init.kaiming_normal_(features.conv0.weight)
        if architecture.stride == 16:
            _dilate(features)
        super().__init__(architecture, features, whole.classifier, channels)
        self.relu = nn.ReLU(inplace=False)

    def embed(self, x: Tensor) -> Tensor:
        return cast(Tensor, self.relu(self.features(self.normal(x))))


def _dilate(features: nn.Sequential) -> None:
    """Halves the stride of DenseNet's features: no pooling after block 3, and the 3 x 3 convolutions of block 4 dilated by 2.

    The weights and the receptive field stay (Yu, Koltun, Funkhouser, "Dilated residual networks", CVPR 2017).
    """
    cast(nn.Sequential, features.transition3).pool = nn.Identity()
    for module in cast(nn.Module, features.denseblock4).modules():
        if isinstance(module, nn.Conv2d) and module.kernel_size == (3, 3):
            module.dilation, module.padding = (2, 2), (2, 2)


def _densenet121(findings: int, architecture: Architecture, channels: int, drop_rate: float) -> CheXNet:
    return CheXNet(findings, drop_rate, DENSENET_121, channels, architecture)


BUILDERS: dict[str, Callable[[int, Architecture, int, float], ClassMapNetwork]] = {"densenet121": _densenet121}
"""A network for each backbone that a card may name: from the number of findings, the architecture, the channels of input, and
the drop rate."""


def build(
    findings: int, architecture: Architecture = STANDARD, channels: int = 1, drop_rate: float = 0.0
) -> ClassMapNetwork:
    """The network that ``architecture`` names, freshly initialised. Raises ValueError for one that cannot be built."""
    if architecture.backbone not in BUILDERS:
        raise ValueError(f"the backbone {architecture.backbone!r} is not one of {', '.join(BUILDERS)}")
    return BUILDERS[architecture.backbone](findings, architecture, channels, drop_rate)
