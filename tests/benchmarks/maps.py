"""What 14 exact class maps cost, beside one plain torchvision forward and beside 14 calls of pytorch-grad-cam's GradCAM."""

import statistics
import time
from collections.abc import Callable

import torch
from pytorch_grad_cam import GradCAM
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from torch import nn
from torchvision.models import densenet121

from chexview.model.network import CheXNet
from chexview.model.predictor import use_all_cores
from tests.gradcam import LogitsOnly

SIZE = 224


def _seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def main() -> None:
    """Prints two RATIO lines: medians of interleaved runs, same dtype, threads and memory format on both sides."""
    use_all_cores()
    torch.manual_seed(0)
    ours = CheXNet(14).eval().to(memory_format=torch.channels_last)
    plain = densenet121(weights=None, num_classes=14)
    plain.features.conv0 = nn.Conv2d(1, 64, kernel_size=7, stride=2, padding=3, bias=False)
    plain = plain.eval().to(memory_format=torch.channels_last)
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
    print(f"RATIO maps_vs_plain_forward {mine / theirs:.3f} <= 1.1")
    with GradCAM(LogitsOnly(ours), [ours.relu]) as cam:

        def by_gradients() -> None:
            for k in range(14):
                cam(film, [ClassifierOutputTarget(k)])

        by_gradients()
        both = [(_seconds(by_gradients), _seconds(with_maps)) for _ in range(3)]
    slow, mine = (statistics.median(column) for column in zip(*both, strict=True))
    print(f"RATIO gradcam_vs_maps {slow / mine:.1f} >= 20")


if __name__ == "__main__":
    main()
