"""Other saliency methods: pytorch-grad-cam's own maps, and a network that is afterwards as it was before."""

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import pytorch_grad_cam
import torch
from pytorch_grad_cam.utils.image import scale_cam_image
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

from chexview.films.grey import grey
from chexview.films.radiograph import Radiograph, VoiFunction, Window
from chexview.model.cam_methods import QUICK, CamMethod, MethodMap, method_maps
from chexview.model.card import Card
from chexview.model.checkpoint import Checkpoint
from chexview.model.eye import eye
from chexview.model.network import CheXNet, Shape
from chexview.model.predictor import BATCH, Predictor
from tests.gradcam import LogitsOnly, hirescam_by_hand

SMALL = Shape(growth=8, blocks=(1, 1, 1, 1), stem=16)
FINDINGS = ("Mass", "Nodule", "Hernia")
STEPS = 2 * BATCH


def film(seed: int, rows: int = 96, columns: int = 96) -> Radiograph:
    pixels = np.random.default_rng(seed).integers(0, 256, (rows, columns)).astype(np.uint16)
    return Radiograph(pixels, 1.0, 0.0, (Window("all", 127.5, 255.0, VoiFunction.LINEAR_EXACT),), f"{seed:064x}")


@pytest.fixture(scope="module")
def network() -> CheXNet:
    """Small, with other statistics than none, and weights that still ask for gradients, as after training."""
    torch.manual_seed(5)
    made = CheXNet(len(FINDINGS), shape=SMALL)
    for module in made.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.uniform_(-0.3, 0.3)
            module.running_var.uniform_(0.5, 2.0)
    return made.eval()


@pytest.fixture(scope="module")
def small(network: CheXNet) -> Predictor:
    card = Card(name="small", title="Small", findings=FINDINGS, input_size=96, weights="")
    return Predictor(Checkpoint(card, network), torch.device("cpu"))


def state(network: CheXNet) -> list[object]:
    """Everything that an item could leave behind."""
    hooks = [
        len(module._forward_hooks) + len(module._forward_pre_hooks) + len(module._backward_hooks)
        for module in network.modules()
    ]
    weights = [(weight.requires_grad, weight.grad is None, weight._version) for weight in network.parameters()]
    return [sum(hooks), weights, [module.training for module in network.modules()]]


def test_hirescam_is_its_closed_form_cut_off_at_zero(bundled: Predictor, example: Radiograph) -> None:
    """Of pooling by the mean that is the class map; of adaptive pooling see ``hirescam_by_hand``."""
    maps = bundled.read([example])[0].maps
    with bundled.lend() as network:
        by_hand = hirescam_by_hand(network, maps)
    for k, finding in enumerate(bundled.card.findings):
        exact, theirs = method_maps(bundled, example, finding, (CamMethod.CLASS_MAP, CamMethod.HIRESCAM))
        np.testing.assert_allclose(exact.grid, maps[k], atol=1e-5)
        np.testing.assert_allclose(theirs.grid * theirs.grid.size, np.maximum(by_hand[k], 0.0), rtol=1e-3, atol=1e-3)
        assert exact.grid.dtype == theirs.grid.dtype == np.float32
        assert (exact.method, exact.finding) == (CamMethod.CLASS_MAP, finding)


@pytest.mark.parametrize(
    ("method", "kind"),
    [
        (CamMethod.HIRESCAM, pytorch_grad_cam.HiResCAM),
        (CamMethod.GRADCAM_PLUS_PLUS, pytorch_grad_cam.GradCAMPlusPlus),
        (CamMethod.LAYERCAM, pytorch_grad_cam.LayerCAM),
        (CamMethod.EIGENCAM, pytorch_grad_cam.EigenCAM),
        (CamMethod.SCORECAM, pytorch_grad_cam.ScoreCAM),
    ],
)
def test_maps_are_those_of_the_library_run_on_the_whole_network(
    small: Predictor, network: CheXNet, method: CamMethod, kind: Callable[..., pytorch_grad_cam.base_cam.BaseCAM]
) -> None:
    """The library, from the film on and through all of the network, gives what our grid becomes when scaled its way."""
    for output, finding in enumerate(FINDINGS):
        picture = eye(grey(film(output)), 96).picture
        cam = kind(LogitsOnly(network), [network.relu])
        try:
            theirs = cam(torch.from_numpy(picture)[None, None].float(), [ClassifierOutputTarget(output)])
        finally:
            cam.activations_and_grads.release()
            network.zero_grad(set_to_none=True)
        (ours,) = method_maps(small, film(output), finding, (method,))
        np.testing.assert_allclose(scale_cam_image(scale_cam_image(ours.grid[None], (96, 96))), theirs, atol=2e-4)


def test_the_network_is_left_as_it_was(small: Predictor, network: CheXNet) -> None:
    class StopError(Exception):
        pass

    def stop(done: int, total: int) -> None:
        if done == STEPS // 2:
            raise StopError

    before, readings = state(network), small.read([film(1)])[0]
    assert before[0] == 0 and all(weight.grad is None for weight in network.parameters())
    method_maps(small, film(1), "Mass", tuple(CamMethod))
    assert state(network) == before
    with pytest.raises(StopError):
        method_maps(small, film(1), "Mass", tuple(CamMethod), progress=stop)
    assert state(network) == before
    method_maps(small, film(1), "Mass", tuple(CamMethod), cancelled=iter([False] * 6 + [True] * 99).__next__)
    assert state(network) == before
    after = small.read([film(1)])[0]
    assert [score.logit for score in after.findings] == [score.logit for score in readings.findings]
    np.testing.assert_array_equal(after.maps, readings.maps)


def test_a_method_that_fails_leaves_no_hook(
    small: Predictor, network: CheXNet, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise IndexError("inside the library")

    before = state(network)
    monkeypatch.setattr(pytorch_grad_cam.LayerCAM, "get_cam_image", fail)
    with pytest.raises(IndexError, match="inside the library"):
        method_maps(small, film(1), "Mass", (CamMethod.LAYERCAM,))
    assert state(network) == before


def test_progress_counts_all_steps_and_cancel_stops_within_scorecam(small: Predictor, network: CheXNet) -> None:
    seen: list[tuple[int, int]] = []
    whole = method_maps(
        small, film(2), "Nodule", tuple(CamMethod), progress=lambda done, total: seen.append((done, total))
    )
    batches = -(-network.classifier.in_features // BATCH)
    total = len(CamMethod) - 1 + batches
    assert batches > 2 and seen == [(done, total) for done in range(1, total + 1)]
    assert [item.method for item in whole] == list(CamMethod)
    seen.clear()
    part = method_maps(
        small,
        film(2),
        "Nodule",
        tuple(CamMethod),
        progress=lambda done, total: seen.append((done, total)),
        cancelled=lambda: len(seen) >= 7,
    )
    assert [item.method for item in part] == list(CamMethod)[:5]
    assert len(seen) == 7
    assert method_maps(small, film(2), "Nodule", cancelled=lambda: True) == ()


def test_the_control_is_the_same_each_time_and_knows_nothing(small: Predictor) -> None:
    def control(seed: int, finding: str) -> MethodMap:
        return method_maps(small, film(seed), finding, (CamMethod.RANDOM,))[0]

    np.testing.assert_array_equal(control(1, "Mass").grid, control(1, "Mass").grid)
    assert not np.array_equal(control(1, "Mass").grid, control(2, "Mass").grid)
    assert not np.array_equal(control(1, "Mass").grid, control(1, "Nodule").grid)
    assert control(1, "Mass").grid.shape == (3, 3)


def test_weaknesses_are_true(small: Predictor) -> None:
    """EigenCAM is the same for all findings; what is shown peaks at 1 whatever the score; each method says its own."""
    mass, hernia = (method_maps(small, film(3), finding, (CamMethod.EIGENCAM,))[0] for finding in ("Mass", "Hernia"))
    np.testing.assert_array_equal(mass.grid, hernia.grid)
    for item in method_maps(small, film(3), "Hernia", QUICK):
        assert item.shown.min() == 0.0 and item.shown.max() in (0.0, 1.0)
    assert CamMethod.SCORECAM not in QUICK and CamMethod.SCORECAM.is_slow
    assert len({method.weakness for method in CamMethod}) == len(CamMethod)
    assert all(method.unit and (method.paper or method is CamMethod.RANDOM) for method in CamMethod)


def test_a_finding_that_is_not_assessed_is_refused(small: Predictor) -> None:
    with pytest.raises(KeyError):
        method_maps(small, film(1), "Edema")


def test_readings_and_maps_at_once_are_right(small: Predictor) -> None:
    films = [film(seed) for seed in range(4)]
    readings = [small.read([one])[0] for one in films]
    wanted = [method_maps(small, one, "Mass", tuple(CamMethod)) for one in films]
    with ThreadPoolExecutor(4) as pool:
        reads = [pool.submit(small.read, [one]) for one in films * 8]
        running = [pool.submit(method_maps, small, one, "Mass", tuple(CamMethod)) for one in films * 2]
        for i, read in enumerate(reads):
            np.testing.assert_allclose(read.result()[0].maps, readings[i % 4].maps, atol=1e-5)
        for i, found in enumerate(running):
            for ours, alone in zip(found.result(), wanted[i % 4], strict=True):
                np.testing.assert_allclose(ours.grid, alone.grid, atol=1e-4)


def test_others_read_while_scorecam_runs(small: Predictor) -> None:
    """A turn is one forward, not a whole method: a reading inside ScoreCAM's progress would hang otherwise."""
    read: list[int] = []
    method_maps(
        small,
        film(1),
        "Mass",
        (CamMethod.SCORECAM,),
        progress=lambda done, _: read.append(len(small.read([film(done)]))),
    )
    assert len(read) > 2


def test_the_module_imports_without_pytorch_grad_cam() -> None:
    code = "import sys; sys.modules['pytorch_grad_cam'] = None; import chexview.model.cam_methods, chexview.model.preprocessing"
    root = Path(__file__).resolve().parents[2]
    subprocess.run([sys.executable, "-c", code], check=True, cwd=root)
