"""pytorch-grad-cam asked for what the class maps should be."""

import numpy as np
import numpy.typing as npt
from pytorch_grad_cam import HiResCAM
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from torch import Tensor, nn

from chexview.model.architecture import Pooling
from chexview.model.network import ClassMapNetwork


class LogitsOnly(nn.Module):
    """The network as pytorch-grad-cam wants it: one tensor out."""

    def __init__(self, network: ClassMapNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        return self.network(x)[0]


def hirescam_maps(network: ClassMapNetwork, x: Tensor, findings: list[int]) -> npt.NDArray[np.float32]:
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


def hirescam_by_hand(network: ClassMapNetwork, maps: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """What HiResCAM's maps, times the number of cells, must be, from class maps (K, H, W) of a film, in closed form.

    The logit is ``b + sum of w * M``. Where w is 1 / cells its gradient is constant, and HiResCAM's map is the class map. Where
    w is softmax(a * M), the derivative by a cell is ``w * (1 + a * (M - L))`` with L the weighted mean, and HiResCAM multiplies
    it by what the features give there, the map without its offset.
    """
    exact = np.asarray(maps, np.float64)
    if network.architecture.pooling is Pooling.MEAN:
        return exact
    assert network.log_sharpness is not None and network.offset is not None
    a = np.exp(network.log_sharpness.detach().numpy().astype(np.float64))[:, None, None]
    scaled = np.exp(a * (exact - exact.max((-2, -1), keepdims=True)))
    weights = scaled / scaled.sum((-2, -1), keepdims=True)
    level = (weights * exact).sum((-2, -1), keepdims=True)
    features = exact - network.offset.numpy()[:, None, None]
    return features * weights * (1 + a * (exact - level)) * maps[0].size
