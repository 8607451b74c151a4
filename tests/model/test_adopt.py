"""Adopted checkpoints: files of four public layouts with random weights, and each project's own forward written anew."""

import io
import os
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torchvision.models import densenet121
from torchvision.transforms import Normalize

from chexview import cli
from chexview.errors import CheckpointError
from chexview.findings import NAMES
from chexview.model import checkpoint
from chexview.model.adopt import adopt
from chexview.model.layouts import IMAGENET_MEAN, IMAGENET_STD, LAYOUTS, TORCHXRAYVISION
from chexview.model.predictor import Predictor

SIZE = 64


def random_densenet(outputs: int, channels: int = 3, sigmoid: bool = False) -> nn.Module:
    """torchvision's DenseNet-121 with weights that fp16 holds exactly, and norms that have seen something."""
    torch.manual_seed(3)
    network = densenet121(weights=None, num_classes=outputs)
    if channels == 1:
        network.features.conv0 = nn.Conv2d(1, 64, 7, 2, 3, bias=False)
    if sigmoid:
        network.classifier = nn.Sequential(nn.Linear(1024, outputs), nn.Sigmoid())
    with torch.no_grad():
        for name, value in network.state_dict().items():
            if value.dtype == torch.float32:
                if name.endswith("running_mean"):
                    value.normal_(0, 0.1)
                elif name.endswith("running_var"):
                    value.uniform_(0.8, 1.2)
                else:
                    value.copy_(value.half().float())
    return network.eval()


def old_names(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """As torchvision before 0.3 had them, and without step counters, as PyTorch before 0.4.1."""
    return {
        re.sub(r"(denselayer\d+\.(?:norm|relu|conv))([12]\.)", r"\1.\2", name): value
        for name, value in state.items()
        if not name.endswith("num_batches_tracked")
    }


def films() -> Tensor:
    return torch.randint(0, 256, (2, 1, SIZE, SIZE), generator=torch.Generator().manual_seed(1), dtype=torch.uint8)


def by_imagenet(network: nn.Module) -> Callable[[Tensor], Tensor]:
    """ToTensor, three times the same channel, ImageNet's normalisation, network, sigmoid: theirs."""
    normal = Normalize(list(IMAGENET_MEAN), list(IMAGENET_STD))
    return lambda x: network(normal((x.float() / 255).repeat(1, 3, 1, 1)))


def arnoweng(path: Path) -> Callable[[Tensor], Tensor]:
    network = random_densenet(14, sigmoid=True)
    state = {f"module.densenet121.{name}": value for name, value in old_names(network.state_dict()).items()}
    torch.save({"epoch": 3, "arch": "densenet121", "state_dict": state}, path)
    return by_imagenet(network)


def zoogzog(path: Path) -> Callable[[Tensor], Tensor]:
    network = random_densenet(14, sigmoid=True)
    state = {f"module.densenet121.{name}": value for name, value in network.state_dict().items()}
    torch.save(
        {"epoch": 3, "state_dict": state, "best_loss": 0.2, "optimizer": {"state": {}, "param_groups": []}}, path
    )
    return by_imagenet(network)


def jrzech(path: Path) -> Callable[[Tensor], Tensor]:
    network = random_densenet(14, sigmoid=True)
    torch.save(network.state_dict(), path)
    return by_imagenet(network)


def torchxrayvision(path: Path) -> Callable[[Tensor], Tensor]:
    network = random_densenet(18, channels=1)
    torch.save({**network.state_dict(), "op_threshs": torch.full((18,), 0.5)}, path)
    order = [TORCHXRAYVISION.outputs.index(name) for name in NAMES]
    return lambda x: torch.sigmoid(network((2 * (x.float() / 255) - 1) * 1024))[:, order]


MAKERS = {"arnoweng": arnoweng, "zoogzog": zoogzog, "jrzech": jrzech, "torchxrayvision": torchxrayvision}


@pytest.mark.parametrize("layout", list(MAKERS))
def test_our_forward_is_theirs(layout: str, tmp_path: Path) -> None:
    theirs = MAKERS[layout](tmp_path / "weights.pt")
    named = None if layout == "torchxrayvision" else layout
    found = adopt(tmp_path / "weights.pt", tmp_path / "home", "mine", named)
    assert found.layout is LAYOUTS[layout] and found.card.findings == NAMES
    loaded = checkpoint.load(tmp_path / "home" / "mine")
    with torch.inference_mode():
        logits, maps = loaded.network(films())
        wanted = theirs(films())
    torch.testing.assert_close(torch.sigmoid(logits), wanted, rtol=0, atol=1e-5)
    torch.testing.assert_close(maps.mean((-2, -1)) + loaded.network.classifier.bias, logits, rtol=0, atol=1e-4)
    assert wanted.std() > 1e-3
    text = " ".join(found.lines())
    assert found.layout.title in text and "not calibrated" in text and found.layout.note in text
    assert ("Lung Lesion" in text) == (layout == "torchxrayvision")


def test_safetensors_of_the_same_layout(tmp_path: Path) -> None:
    save_file(random_densenet(14, sigmoid=True).state_dict(), tmp_path / "weights.safetensors")
    assert adopt(tmp_path / "weights.safetensors", tmp_path, "mine", "jrzech").layout.name == "jrzech"


def test_an_adopted_checkpoint_scores_but_flags_nothing(tmp_path: Path) -> None:
    jrzech(tmp_path / "weights.pt")
    adopt(tmp_path / "weights.pt", tmp_path, "mine", "jrzech")
    predictor = Predictor(checkpoint.load(tmp_path / "mine"), torch.device("cpu"))
    assert not predictor.card.calibration and not predictor.card.operating_points
    logits, _ = predictor.forward(films()[:, 0].numpy())
    assert logits.shape == (2, 14) and np.isfinite(logits).all()


def saved(value: object) -> bytes:
    data = io.BytesIO()
    torch.save(value, data)
    return data.getvalue()


class Malicious:
    """A pickle that would make a file where it is loaded."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, ("owned",)


def prefixed(network: nn.Module) -> dict[str, Tensor]:
    """As a CheXpert notebook and two of our layouts alike call them."""
    return {f"module.densenet121.{name}": value for name, value in network.state_dict().items()}


def broken(change: Callable[[dict[str, Tensor]], object]) -> bytes:
    state = random_densenet(14, sigmoid=True).state_dict()
    return saved(change(state) or state)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (lambda: saved({"model": Malicious()}), r"re-saves the weights alone with torch\.save\(model\.state_dict\(\)"),
        (lambda: saved(random_densenet(14)), "whole pickled model or other code"),
        (lambda: b"nothing at all", "not a whole file of torch"),
        (lambda: saved({"a": torch.zeros(1)})[:300], "not a whole file of torch"),
        (lambda: saved([1, 2]), "holds a list"),
        (lambda: saved({"weights": {"x": torch.zeros(2)}}), "it holds weights"),
        (lambda: saved({"a": torch.zeros(1)}), "not the weights of a DenseNet-121"),
        (lambda: saved(random_densenet(14).state_dict()), r"name what it is with --layout"),
        (
            lambda: broken(lambda s: {k: v for k, v in s.items() if k != "features.norm5.weight"}),
            "lacks 1 tensors, features.norm5.weight",
        ),
        (lambda: saved({"state_dict": prefixed(random_densenet(14, sigmoid=True))}), "CheXpert's.*--layout"),
        (lambda: broken(lambda s: s.pop("classifier.0.bias") is None), "no bias"),
        (lambda: broken(lambda s: s.update({"classifier.0.bias": torch.zeros(3)})), "one for each of its outputs"),
        (lambda: broken(lambda s: s.update({"classifier.0.weight": torch.ones(14, 1024)})), "was ever trained"),
        (lambda: broken(lambda s: s.update({"extra.weight": torch.zeros(1)})), "1 tensors too many, extra.weight"),
        (
            lambda: broken(lambda s: {k: v * torch.nan if k == "features.conv0.weight" else v for k, v in s.items()}),
            "not finite",
        ),
        (
            lambda: broken(lambda s: {k: v[:, :1] if k == "features.conv0.weight" else v for k, v in s.items()}),
            "input channels",
        ),
        (
            lambda: broken(lambda s: {k: v[:9] if k.startswith("classifier") else v for k, v in s.items()}),
            "has 3 and 9",
        ),
        (lambda: broken(lambda s: s.update({"module.classifier.0.bias": torch.zeros(14)})), "both be called"),
        (lambda: b"\x10\x00\x00\x00\x00\x00\x00\x00{not json", "not a whole safetensors file"),
    ],
)
def test_whatever_is_not_exactly_a_layout_is_refused_in_a_sentence(
    data: Callable[[], bytes], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "weights.pt").write_bytes(data())
    with pytest.raises(CheckpointError, match=words):
        adopt(tmp_path / "weights.pt", tmp_path / "home", "mine", None if "--layout" in words else "jrzech")
    assert not (tmp_path / "home").exists() and not (tmp_path / "owned").exists()


def test_a_layout_can_be_named_and_nothing_is_overwritten(tmp_path: Path) -> None:
    torch.save(random_densenet(14).state_dict(), tmp_path / "plain.pt")
    assert adopt(tmp_path / "plain.pt", tmp_path, "mine", "arnoweng").layout.name == "arnoweng"
    with pytest.raises(CheckpointError, match="already"):
        adopt(tmp_path / "plain.pt", tmp_path, "mine", "arnoweng")
    with pytest.raises(CheckpointError, match="1 input channels and 18 outputs"):
        adopt(tmp_path / "plain.pt", tmp_path, "other", "torchxrayvision")
    with pytest.raises(CheckpointError, match="no layout nothing"):
        adopt(tmp_path / "plain.pt", tmp_path, "other", "nothing")


def test_the_command_adopts_and_lists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CHEXVIEW_HOME", str(tmp_path / "home"))
    zoogzog(tmp_path / "m-25012018.pth.tar")
    assert cli.main(["checkpoint", "adopt", str(tmp_path / "m-25012018.pth.tar"), "--layout", "zoogzog"]) == 0
    assert "CHEXVIEW_CHECKPOINT=m-25012018" in capsys.readouterr().out
    assert cli.main(["checkpoint", "list"]) == 0
    listed = capsys.readouterr().out
    assert (
        "m-25012018  zoogzog/chexnet, adopted, 14 findings, 224 pixels, not validated" in listed
        and "mean AUROC" in listed
    )
    assert cli.main(["checkpoint", "adopt", str(tmp_path / "m-25012018.pth.tar"), "--name", "../x"]) == 2
    assert cli.main(["checkpoint", "adopt", str(tmp_path / "nowhere.pt")]) == 1


def test_outputs_of_torchxrayvision_that_were_never_trained_are_left_out(tmp_path: Path) -> None:
    thresholds = torch.full((18,), torch.nan)
    thresholds[[TORCHXRAYVISION.outputs.index(name) for name in ("Pneumonia", "Lung Opacity")]] = 0.5
    state = random_densenet(18, channels=1).state_dict()
    torch.save({**state, "op_threshs": thresholds}, tmp_path / "rsna.pt")
    found = adopt(tmp_path / "rsna.pt", tmp_path, "rsna")
    assert found.card.findings == ("Pneumonia",) and "Mass" in found.untrained
    assert "never trained: Atelectasis" in " ".join(found.lines())
    torch.save({**state, "op_threshs": thresholds[:3]}, tmp_path / "other.pt")
    with pytest.raises(CheckpointError, match="3 thresholds and 18 outputs"):
        adopt(tmp_path / "other.pt", tmp_path, "other")


@pytest.mark.parametrize("wrapper", ["module.", "_orig_mod.", "model.", "backbone.", "model.module."])
def test_what_training_puts_before_names_is_taken_off(wrapper: str, tmp_path: Path) -> None:
    state = {wrapper + name: value for name, value in random_densenet(14).state_dict().items()}
    torch.save({"state_dict": state}, tmp_path / "weights.ckpt")
    assert adopt(tmp_path / "weights.ckpt", tmp_path, "mine", "jrzech").renamed == len(state)
