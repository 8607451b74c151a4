"""The class maps are exact: they sum to the logit, and pytorch-grad-cam, asked independently, gives the same maps."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from pytorch_grad_cam import GradCAM
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from scipy.special import expit, softmax
from torch import Tensor, nn

from chexview.model import checkpoint
from chexview.model.architecture import STANDARD, Architecture, Pooling
from chexview.model.card import Card
from chexview.model.network import BUILDERS, CheXNet, Shape, build
from chexview.model.predictor import Predictor
from tests.gradcam import LogitsOnly, hirescam_by_hand, hirescam_maps

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


def test_hirescam_of_adaptive_pooling_is_its_closed_form() -> None:
    torch.manual_seed(2)
    sharp = CheXNet(3, shape=SMALL, architecture=Architecture(stride=16, pooling=Pooling.ADAPTIVE)).eval()
    sharp.centre(torch.tensor([0.3, -0.2, 0.1]))
    x = films(1, 96)
    _, maps = sharp(x)
    wanted = hirescam_by_hand(sharp, maps[0].detach().numpy())
    np.testing.assert_allclose(hirescam_maps(sharp, x, [0, 1, 2]), wanted, atol=1e-5)


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


@pytest.mark.parametrize("pooling", Pooling)
@pytest.mark.parametrize("stride", [16, 32])
def test_contributions_and_bias_sum_to_the_logits(pooling: Pooling, stride: int) -> None:
    torch.manual_seed(1)
    network = CheXNet(5, shape=SMALL, architecture=Architecture(stride=stride, pooling=pooling)).eval()
    logits, maps = network(films(3, 96))
    assert maps.shape == (3, 5, 96 // stride, 96 // stride)
    found = network.contributions(maps)
    torch.testing.assert_close(found.sum((-2, -1)) + network.classifier.bias, logits, rtol=0, atol=1e-5)
    torch.testing.assert_close(network.weights(maps).sum((-2, -1)), torch.ones(3, 5), rtol=0, atol=1e-5)


def test_adaptive_pooling_lies_between_the_mean_and_the_maximum() -> None:
    """McFee et al. 2018: sharpness 0 is the mean, a large one the maximum; between them scipy's softmax weights."""
    network = CheXNet(2, shape=SMALL, architecture=Architecture(pooling=Pooling.ADAPTIVE)).eval()
    maps = torch.randn(1, 2, 4, 4, generator=torch.Generator().manual_seed(0)) * 3
    assert network.log_sharpness is not None
    with torch.no_grad():
        network.log_sharpness.copy_(torch.tensor([1e-9, 1000.0]).log())
        pooled = network.contributions(maps).sum((-2, -1))[0]
        torch.testing.assert_close(pooled, torch.stack([maps[0, 0].mean(), maps[0, 1].max()]))
        network.log_sharpness.copy_(torch.tensor([1e-9, 0.7]).log())
        found = network.weights(maps)[0].numpy()
    np.testing.assert_allclose(found[0], 1 / 16, rtol=1e-6)
    np.testing.assert_allclose(found[1].ravel(), softmax(0.7 * maps[0, 1].numpy().ravel()), rtol=1e-5)


def test_pcam_weighs_by_the_chance_of_each_cell() -> None:
    """Ye et al. 2020, equation 3: sigmoid of the cell's own logit, divided by their sum."""
    network = CheXNet(2, shape=SMALL, architecture=Architecture(pooling=Pooling.PCAM)).eval()
    maps = torch.randn(1, 2, 3, 3, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        network.classifier.bias.copy_(torch.tensor([-2.0, 1.0]))
        found = network.weights(maps)[0].numpy()
    chance = expit(maps[0].numpy() + np.array([-2.0, 1.0])[:, None, None])
    np.testing.assert_allclose(found, chance / chance.sum((-2, -1), keepdims=True), rtol=1e-5)


@pytest.mark.parametrize("pooling", [Pooling.ADAPTIVE, Pooling.PCAM])
def test_centring_moves_maps_and_no_logit(pooling: Pooling) -> None:
    network = CheXNet(3, shape=SMALL, architecture=Architecture(pooling=pooling)).eval()
    x = films(2, 96)
    logits, maps = network(x)
    network.centre(torch.tensor([1.0, -2.0, 0.5]))
    moved_logits, moved = network(x)
    torch.testing.assert_close(moved_logits, logits, rtol=0, atol=1e-5)
    torch.testing.assert_close(moved, maps - torch.tensor([1.0, -2.0, 0.5])[:, None, None], rtol=0, atol=1e-5)
    torch.testing.assert_close(
        network.contributions(moved).sum((-2, -1)) + network.classifier.bias, moved_logits, rtol=0, atol=1e-5
    )


def test_maps_of_the_mean_cannot_be_centred(network: CheXNet) -> None:
    with pytest.raises(ValueError, match="no offset"):
        network.centre(torch.zeros(5))


def test_a_smaller_stride_has_the_same_tensors_and_sees_the_same_field() -> None:
    """Yu et al. 2017: dilation keeps weights and receptive field. Every other cell of the finer grid sees what a cell saw before
    the last pooling was left out, where that pooling changes nothing: on features that are constant."""
    torch.manual_seed(0)
    coarse = CheXNet(2, shape=SMALL).eval()
    fine = CheXNet(2, shape=SMALL, architecture=Architecture(stride=16)).eval()
    fine.load_state_dict(coarse.state_dict(), strict=True)
    x = torch.full((1, 1, 256, 256), 90.0)
    middle = coarse(x)[1][..., 4, 4]
    torch.testing.assert_close(fine(x)[1][..., 8, 8], middle, rtol=1e-3, atol=1e-3)


def test_an_architecture_is_added_in_one_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(
        BUILDERS, "tiny", lambda findings, plan, channels, rate: CheXNet(findings, rate, SMALL, channels)
    )
    made = build(3, Architecture("tiny"))
    card = Card("t", "T", ("Mass", "Nodule", "Edema"), 64, "", architecture=Architecture("tiny"))
    checkpoint.save(made, card, tmp_path / "t")
    loaded = checkpoint.load(tmp_path / "t")
    assert loaded.card.architecture.backbone == "tiny"
    logits, maps = Predictor(loaded, torch.device("cpu")).forward(np.zeros((1, 64, 64), np.uint8))
    assert logits.shape == (1, 3) and maps.shape[:2] == (1, 3)
    assert made.classifier.out_features == 3 and build(14).architecture == STANDARD
    with pytest.raises(ValueError, match="'unheard'"):
        build(3, Architecture("unheard"))
    with pytest.raises(ValueError, match="16 or 32"):
        build(3, Architecture(stride=8))
