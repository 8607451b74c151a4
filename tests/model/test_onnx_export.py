"""An exported ONNX file gives in ONNX Runtime what the network gives in PyTorch."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from chexview.cli import main
from chexview.model import checkpoint

onnxruntime = pytest.importorskip("onnxruntime")
pytest.importorskip("onnxscript")

SIZE = 64


@pytest.fixture(autouse=True)
def _own(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHEXVIEW_HOME", str(home))


@pytest.mark.parametrize("films", [1, 5])
def test_onnx_runtime_gives_the_same_logits_and_maps(
    home: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str], films: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "random.onnx"
    if not path.exists():
        assert main(["checkpoint", "export", "random", "--onnx", str(path)]) == 0
        assert "random.onnx" in capsys.readouterr().out
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    pictures = np.random.default_rng(films).integers(0, 256, (films, 1, SIZE, SIZE)).astype(np.uint8)
    logits, maps = session.run(["logits", "maps"], {"film": pictures})
    loaded = checkpoint.load(home / "checkpoints" / "random")
    with torch.inference_mode():
        wanted_logits, wanted_maps = loaded.network(torch.from_numpy(pictures))
    assert logits.shape == (films, 14) and maps.shape == (films, 14, 2, 2)
    np.testing.assert_allclose(logits, wanted_logits.numpy(), atol=1e-4)
    np.testing.assert_allclose(maps, wanted_maps.numpy(), atol=1e-4)
    assert np.ptp(logits) > 0.1
    metadata = session.get_modelmeta().custom_metadata_map
    assert json.loads(metadata["card"])["weights"] == loaded.card.weights
    assert metadata["findings"].split(",") == list(loaded.card.findings)


def test_wrong_calls_say_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["checkpoint", "export", "other", "--onnx", str(tmp_path / "x.onnx")]) == 2
    assert "no checkpoint other" in capsys.readouterr().err
    assert main(["checkpoint", "export", "random", "--onnx", str(tmp_path / "none" / "x.onnx")]) == 2
    assert "no folder none" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    assert main(["checkpoint", "export", "random", "--onnx", str(tmp_path / "x.onnx")]) == 2
    assert "chexview[onnx]" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
