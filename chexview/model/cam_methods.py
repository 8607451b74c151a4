"""Other saliency methods: the maps that pytorch-grad-cam makes of a film, beside the exact class map.

The class map *is* the logit, cell by cell (:mod:`chexview.model.network`); the others are what papers show in its place. They
look at the network's last ReLU, which does not work in place: beside one that does, pytorch-grad-cam keeps activations that the
network changes afterwards (or not, on CUDA). They work on a twin of the network: its own modules on the same weights. Hooks and
gradients never touch the network that readings come from, and others read on while a slow map is made.

The library gives every map cut off at 0, stretched over the input and scaled from its own lowest to its own highest value
(``scale_cam_image``). Here the grid of cells before that is stored, cut off at 0. What its numbers mean is said by
:attr:`CamMethod.unit`; only the class map and HiResCAM speak in logits.
"""

import copy
import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from chexview.films.grey import grey
from chexview.films.radiograph import Radiograph
from chexview.model.eye import eye
from chexview.model.network import ClassMapNetwork
from chexview.model.predictor import BATCH, Predictor

Floats = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint8]


class CamMethod(StrEnum):
    """Where a map comes from; the values are names that papers use."""

    CLASS_MAP = "class map"
    HIRESCAM = "HiResCAM"
    GRADCAM_PLUS_PLUS = "GradCAM++"
    LAYERCAM = "LayerCAM"
    EIGENCAM = "EigenCAM"
    SCORECAM = "ScoreCAM"
    RANDOM = "random control"

    @property
    def paper(self) -> str:
        """Where it was published; "" for the control."""
        return _ABOUT[self].paper

    @property
    def weakness(self) -> str:
        """What is known against it, in one line."""
        return _ABOUT[self].weakness

    @property
    def unit(self) -> str:
        """What a cell's number means."""
        return _ABOUT[self].unit

    @property
    def is_slow(self) -> bool:
        """Whether it takes a forward for every channel of the last feature map."""
        return self is CamMethod.SCORECAM


@dataclass(frozen=True, slots=True)
class _About:
    paper: str
    unit: str
    weakness: str


_NO_UNIT = "no unit: large only beside the other cells of the same map"

_ABOUT: dict[CamMethod, _About] = {
    CamMethod.CLASS_MAP: _About(
        "Zhou et al., CVPR 2016",
        "logits: the mean over all cells, plus the bias, is the logit",
        "It adds up to the score, which may be wrong; and a cell sees far beyond its own square of the film.",
    ),
    CamMethod.HIRESCAM: _About(
        "Draelos and Carin, 2020",
        "logits: a cell's share of the logit, of which the part that speaks against the finding is cut off",
        "It is this network's class map over again, less what speaks against the finding; an agreement proves nothing.",
    ),
    CamMethod.GRADCAM_PLUS_PLUS: _About(
        "Chattopadhay et al., WACV 2018",
        _NO_UNIT,
        "It is shown from its own lowest to its own highest value, so that a finding at 1 % glows like one at 90 %; channels that "
        "speak against the finding are left out.",
    ),
    CamMethod.LAYERCAM: _About(
        "Jiang et al., IEEE TIP 2021",
        _NO_UNIT,
        "It leaves out whatever speaks against the finding, so that it glows where the class map sums to nothing.",
    ),
    CamMethod.EIGENCAM: _About(
        "Muhammad and Yeasin, IJCNN 2020",
        _NO_UNIT,
        "It does not depend on the finding and so is the same for all; the sign of its component is arbitrary, so that it may show "
        "the background.",
    ),
    CamMethod.SCORECAM: _About(
        "Wang et al., CVPR Workshops 2020",
        _NO_UNIT,
        "It is slow, one forward for every channel; films dimmed by a channel are like none in training, and the softmax over "
        "their scores lets few channels count.",
    ),
    CamMethod.RANDOM: _About(
        "",
        "no unit: chance, the same for a film and finding each time",
        "It knows nothing of film or network: what looks no better than this shows nothing.",
    ),
}

QUICK: tuple[CamMethod, ...] = tuple(method for method in CamMethod if not method.is_slow)


@dataclass(frozen=True, slots=True, eq=False)
class MethodMap:
    """One method's map of one finding of one film.

    ``grid`` is float32 (rows, columns) of the network's input, as a reading's maps; the class map is signed, all others are at
    least 0 and not scaled. ``seconds`` leaves out the forward that the quick ones share.
    """

    method: CamMethod
    finding: str
    grid: Floats
    seconds: float

    @property
    def shown(self) -> Floats:
        """The grid as papers show it: from 0, or its lowest value, to 1 at its highest. It says nothing about how sure it is."""
        above = np.maximum(self.grid, 0.0)
        above = above - above.min()
        peak = float(above.max())
        return np.asarray(above / peak if peak > 0.0 else above, np.float32)


class _CancelledError(Exception):
    """The user does not want it any more."""


def method_maps(
    predictor: Predictor,
    film: Radiograph,
    finding: str,
    methods: Sequence[CamMethod] = QUICK,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> tuple[MethodMap, ...]:
    """The maps of ``finding`` by each of ``methods``, in their order; where it was cancelled, those that were finished by then.

    ``progress(done, total)`` counts steps: one a method, and one for each batch of ScoreCAM's forwards. ``cancelled()`` is asked
    before each step. All is in full precision, save the class map, which is the reading's own. Raises KeyError if the
    checkpoint does not assess the finding. Takes a turn for every forward, never for a whole method.
    """
    if finding not in predictor.card.findings:
        raise KeyError(finding)
    output = predictor.card.findings.index(finding)
    picture = eye(grey(film), predictor.card.input_size).picture
    with predictor.lend() as network:
        twin = _twin(network)
    channels = twin.classifier.weight.shape[1]
    total = sum(-(-channels // BATCH) if method.is_slow else 1 for method in methods)
    steps = _Steps(total, progress or (lambda done, total: None), cancelled or (lambda: False))
    x = torch.from_numpy(picture)[None, None].float().to(predictor.device)
    features: Tensor | None = None
    found: list[MethodMap] = []
    try:
        for method in methods:
            steps.check()
            if features is None and method not in (CamMethod.CLASS_MAP, CamMethod.RANDOM):
                with predictor.lend() as network, torch.no_grad():
                    features = network.embed(x)
            start = time.perf_counter()
            if method is CamMethod.CLASS_MAP:
                grid = predictor.forward(picture[None])[1][0, output]
            elif method is CamMethod.RANDOM:
                grid = _random(film.digest, finding, len(picture) // predictor.card.architecture.stride)
            else:
                assert features is not None
                weights = _score_weights(predictor, x, output, steps) if method is CamMethod.SCORECAM else None
                grid = _grid(_CAMS[method], _Head(twin), features, output, weights)
            found.append(MethodMap(method, finding, grid, time.perf_counter() - start))
            if not method.is_slow:
                steps.done()
    except _CancelledError:
        pass
    return tuple(found)


@dataclass(slots=True)
class _Steps:
    """How far it is, and whether it should go on."""

    total: int
    progress: Callable[[int, int], None]
    cancelled: Callable[[], bool]
    finished: int = 0

    def check(self) -> None:
        if self.cancelled():
            raise _CancelledError

    def done(self) -> None:
        self.finished += 1
        self.progress(self.finished, self.total)


def _twin(network: ClassMapNetwork) -> ClassMapNetwork:
    """A network of its own modules on the same weights; they ask for no gradient, and nothing done to it touches the first."""
    memo: dict[int, Any] = {id(weight): nn.Parameter(weight.detach(), False) for weight in network.parameters()}
    memo |= {id(buffer): buffer for buffer in network.buffers()}
    return copy.deepcopy(network, memo)


class _Head(nn.Module):
    """The network from its last feature maps on. A gradient at the last ReLU needs nothing before it."""

    def __init__(self, network: ClassMapNetwork) -> None:
        super().__init__()
        self.relu = cast(nn.Module, network.relu)
        self.network = network

    def forward(self, features: Tensor) -> Tensor:
        """Feature maps, which the ReLU leaves as they are, to logits."""
        return self.network.score(self.relu(features))[0]


_CAMS = {
    CamMethod.HIRESCAM: "HiResCAM",
    CamMethod.GRADCAM_PLUS_PLUS: "GradCAMPlusPlus",
    CamMethod.LAYERCAM: "LayerCAM",
    CamMethod.EIGENCAM: "EigenCAM",
    CamMethod.SCORECAM: "ScoreCAM",
}
"""pytorch-grad-cam's classes; imported only when asked for, as training does without them."""

_Weigh = Callable[..., Floats]


def _grid(name: str, head: _Head, features: Tensor, output: int, weights: _Weigh | None) -> Floats:
    """What pytorch-grad-cam's class ``name`` gives on the cells of ``features``, before it scales and stretches it.

    ``weights`` stands in for its ``get_cam_weights``. It leaves no hook behind, whatever happens.
    """
    import pytorch_grad_cam
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    cam: Any = getattr(pytorch_grad_cam, name)(head, [head.relu])
    theirs = cam.get_cam_image
    kept: list[Floats] = []

    def keep(*given: Any) -> Floats:
        kept.append(theirs(*given))
        return kept[-1]

    cam.get_cam_image = keep
    if weights is not None:
        cam.get_cam_weights = weights
    try:
        with torch.enable_grad():
            cam(features.clone().requires_grad_(cam.uses_gradients), [ClassifierOutputTarget(output)])
    finally:
        cam.activations_and_grads.release()
        vars(cam).pop("get_cam_image")
    return np.asarray(np.maximum(kept[0][0], 0.0), np.float32)


def _score_weights(predictor: Predictor, x: Tensor, output: int, steps: _Steps) -> _Weigh:
    """ScoreCAM's ``get_cam_weights``, a batch of channels at a time.

    The library holds the film dimmed by all channels at once (3 GB at 416 pixels), draws a progress bar on standard error and
    cannot be stopped. The numbers are the same: the softmax over channels of the logits of the films that each of them dims.
    """

    def weigh(_: Tensor, layers: object, targets: object, activations: Floats, gradients: object) -> Floats:
        logits = []
        for start in range(0, activations.shape[1], BATCH):
            steps.check()
            part = torch.from_numpy(activations[0, start : start + BATCH, None]).to(x.device)
            masks = nn.functional.interpolate(part, x.shape[-2:], mode="bilinear", align_corners=True)
            low, high = masks.amin((-2, -1), keepdim=True), masks.amax((-2, -1), keepdim=True)
            dimmed = (x * (masks - low) / (high - low + 1e-8)).contiguous(memory_format=torch.channels_last)
            with predictor.lend() as network, torch.inference_mode():
                logits.append(network(dimmed)[0][:, output].cpu())
            steps.done()
        return np.asarray(torch.softmax(torch.cat(logits), 0)[None].numpy(), np.float32)

    return weigh


def _random(digest: str, finding: str, cells: int) -> Floats:
    """Independent cells, even from 0 to 1, seeded by film and finding."""
    seed = int.from_bytes(hashlib.sha256(f"{digest} {finding}".encode()).digest()[:8])
    return np.random.default_rng(seed).random((cells, cells), np.float32)
