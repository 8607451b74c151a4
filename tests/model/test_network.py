"""The class maps are exact: they sum to the logit, and pytorch-grad-cam, asked independently, gives the same maps."""

import cv2
import numpy as np
import pytest
import torch
from pytorch_grad_cam import GradCAM
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from torch import Tensor, nn

from chexview.model.network import CheXNet, Shape
from tests.gradcam import LogitsOnly, hirescam_maps

SMALL = Shape(growth=8, blocks=(2, 2, 2, 2), stem=16)


@pytest.fixture(scope="module")
def network() -> CheXNet:
    torch.manual_seed(0)
    made = CheXNet(5, shape=SMALL)
    for module in made.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.uniform_(-0.3, 0.3)
            module.running_var.uniform_(0.5, 2.0)
    return made.eval()


def films(n: int, size: int) -> Tensor:
    return torch.randint(0, 256, (n, 1, size, size), dtype=torch.uint8, generator=torch.Generator().manual_seed(n))


@pytest.mark.parametrize("size", [32, 96, 224])
def test_maps_and_bias_sum_to_the_logits(network: CheXNet, size: int) -> None:
    logits, maps = network(films(3, size))
    assert maps.shape == (3, 5, size // 32, size // 32)
    torch.testing.assert_close(maps.mean((-2, -1)) + network.classifier.bias, logits, rtol=0, atol=1e-5)


def test_logits_equal_pooling_before_the_linear_layer(network: CheXNet) -> None:
    x = films(2, 128)
    pooled = network.embed(x).mean((-2, -1))
    torch.testing.assert_close(network.classifier(pooled), network(x)[0], rtol=0, atol=1e-5)


def test_the_121_layers_are_there() -> None:
    network = CheXNet(14)
    layers = [m for m in network.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    assert len(layers) == 121
    published = 7_978_856  # torchvision's densenet121 with 1,000 classes and three channels
    ours = published - (1000 - 14) * (1024 + 1) - 2 * 64 * 7 * 7
    assert sum(p.numel() for p in network.parameters()) == ours


def test_hirescam_gives_the_same_maps(network: CheXNet) -> None:
    x = films(1, 160)
    _, maps = network(x)
    np.testing.assert_allclose(hirescam_maps(network, x, list(range(5))), maps[0].detach().numpy(), atol=1e-5)


def test_gradcam_is_the_positive_part_of_the_maps(network: CheXNet) -> None:
    x = films(1, 160).float()
    maps = network(x)[1][0].detach().numpy()
    with GradCAM(LogitsOnly(network), [network.relu]) as cam:
        for k in range(5):
            cam(x, [ClassifierOutputTarget(k)])
            cam_ = cam.compute_cam_per_layer(x, [ClassifierOutputTarget(k)], False)[0][0, 0]
            positive = np.maximum(maps[k], 0)
            if positive.max() > 0:
                scaled = positive - positive.min()
                scaled = cv2.resize(scaled / (1e-7 + scaled.max()), (160, 160))
                np.testing.assert_allclose(cam_, scaled, atol=1e-4)


def test_inputs_may_be_bytes_or_floats(network: CheXNet) -> None:
    x = films(1, 64)
    torch.testing.assert_close(network(x)[0], network(x.float())[0], rtol=0, atol=0)


def test_bfloat16_agrees_with_float32(network: CheXNet) -> None:
    x = films(2, 128)
    exact = network(x)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        rough = network(x)
    assert rough[0].dtype == rough[1].dtype == torch.float32
    spread = exact[1].std().item()
    torch.testing.assert_close(rough[1], exact[1], rtol=0, atol=spread / 5)
    assert (rough[1] - exact[1]).abs().mean() < spread / 50
    torch.testing.assert_close(rough[1].mean((-2, -1)) + network.classifier.bias, rough[0], rtol=0, atol=1e-5)
