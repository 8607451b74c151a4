"""The DenseNet is torchvision's, bit for bit: its names, its weights of a seed, its features and their gradients."""

import pytest
import torch
import torchvision
from torch import Tensor, nn

from chexview.model.densenet import DenseNet

SHAPES = [(8, (2, 3, 2, 2), 16), (32, (6, 12, 24, 16), 64)]


def pair(growth: int, blocks: tuple[int, ...], stem: int, drop_rate: float) -> tuple[nn.Module, nn.Module]:
    """Ours and torchvision's, made with the same seed."""
    torch.manual_seed(3)
    ours = DenseNet(growth, blocks, stem, drop_rate, 5)
    torch.manual_seed(3)
    return ours, torchvision.models.DenseNet(growth, blocks, stem, drop_rate=drop_rate, num_classes=5)


def seen(network: nn.Module, films: Tensor) -> tuple[Tensor, Tensor]:
    """The features of ``films`` and the first convolution's gradient of their sum, with dropout of a seed."""
    torch.manual_seed(4)
    features = network.features(films)
    return features, torch.autograd.grad(features.sum(), network.features.conv0.weight)[0]


@pytest.mark.parametrize("shape", SHAPES)
def test_names_and_weights_of_a_seed_are_torchvisions(shape: tuple[int, tuple[int, ...], int]) -> None:
    ours, theirs = (network.state_dict() for network in pair(*shape, 0.0))
    assert list(ours) == list(theirs)
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


@pytest.mark.parametrize("training", [False, True])
def test_features_and_gradients_are_torchvisions(training: bool) -> None:
    films = torch.rand(2, 3, 64, 96, generator=torch.Generator().manual_seed(1))
    ours, theirs = (seen(network.train(training), films) for network in pair(*SHAPES[0], 0.3))
    assert ours[0].abs().max() > 0.1
    assert torch.equal(ours[0], theirs[0])
    assert torch.equal(ours[1], theirs[1])
