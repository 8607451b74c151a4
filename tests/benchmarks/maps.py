"""What 14 exact class maps cost, beside one plain torchvision forward and beside 14 calls of pytorch-grad-cam's GradCAM."""

import statistics
import time
from collections.abc import Callable

import torch
from pytorch_grad_cam import GradCAM
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from torch import Tensor, nn

from chexview.model.architecture import STANDARD, Architecture, Pooling
from chexview.model.network import CheXNet
from chexview.model.predictor import use_all_cores
from tests.gradcam import LogitsOnly

ARCHITECTURES = {"": STANDARD, "_fine": Architecture(stride=16, pooling=Pooling.ADAPTIVE)}
"""Of today's bundled checkpoint and of adopted ones; each beside a plain forward of the same backbone."""

SIZE = 224


class Plain(nn.Module):
    """The same features, pooled by the mean before one linear layer, and no maps."""

    def __init__(self, network: CheXNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        network = self.network
        pooled = nn.functional.adaptive_avg_pool2d(network.embed(x), 1).flatten(1)
        return nn.functional.linear(pooled, network.classifier.weight, network.classifier.bias)


def _seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def main() -> None:
    """Prints two RATIO lines an architecture: medians of interleaved runs, same dtype, threads and memory format on both sides."""
    use_all_cores()
    for suffix, architecture in ARCHITECTURES.items():
        torch.manual_seed(0)
        measure(CheXNet(14, architecture=architecture).eval().to(memory_format=torch.channels_last), suffix)


def measure(ours: CheXNet, suffix: str) -> None:
    """Prints the RATIO lines of one network."""
    plain = Plain(ours)
    film = torch.rand(1, 1, SIZE, SIZE).to(memory_format=torch.channels_last)

    def with_maps() -> None:
        with torch.inference_mode():
            ours(film)

    def without() -> None:
        with torch.inference_mode():
            plain(film)

    for call in (with_maps, without) * 3:
        call()
    pairs = [(_seconds(with_maps), _seconds(without)) for _ in range(25)]
    mine, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"RATIO maps_vs_plain_forward{suffix} {mine / theirs:.3f} <= 1.1")
    with GradCAM(LogitsOnly(ours), [ours.relu]) as cam:

        def by_gradients() -> None:
            for k in range(14):
                cam(film, [ClassifierOutputTarget(k)])

        by_gradients()
        both = [(_seconds(by_gradients), _seconds(with_maps)) for _ in range(3)]
    slow, mine = (statistics.median(column) for column in zip(*both, strict=True))
    print(f"RATIO gradcam_vs_maps{suffix} {slow / mine:.1f} >= 20")


if __name__ == "__main__":
    main()
