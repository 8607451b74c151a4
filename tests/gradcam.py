"""pytorch-grad-cam asked for what the class maps should be."""

import numpy as np
import numpy.typing as npt
from pytorch_grad_cam import HiResCAM
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from torch import Tensor, nn

from chexview.model.network import CheXNet


class LogitsOnly(nn.Module):
    """The network as pytorch-grad-cam wants it: one tensor out."""

    def __init__(self, network: CheXNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        return self.network(x)[0]


def hirescam_maps(network: CheXNet, x: Tensor, findings: list[int]) -> npt.NDArray[np.float32]:
    """HiResCAM's unscaled maps (findings, rows, columns) of one film ``x`` (1, 1, S, S), times the number of cells.

    Draelos and Carin, 2020: activations times gradients, summed over channels; the gradient of a mean over cells carries
    a factor of one over their number.
    """
    maps = []
    with HiResCAM(LogitsOnly(network), [network.relu]) as cam:
        for k in findings:
            cam(x.float().requires_grad_(True), [ClassifierOutputTarget(k)])
            seen = cam.activations_and_grads
            product = (seen.activations[0] * seen.gradients[0]).sum(1)[0].numpy()
            maps.append(product * product.size)
    return np.stack(maps)
