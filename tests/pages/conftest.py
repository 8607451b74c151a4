"""The pages with a small checkpoint."""

from pathlib import Path

import pytest
import torch

from chexview.model import checkpoint
from chexview.model.predictor import Predictor


@pytest.fixture
def environment(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHEXVIEW_HOME", str(home))
    monkeypatch.setenv("CHEXVIEW_CHECKPOINT", "random")
    monkeypatch.setenv("CHEXVIEW_DEVICE", "cpu")


@pytest.fixture(scope="module")
def predictor(home: Path) -> Predictor:
    return Predictor(checkpoint.load(home / "checkpoints" / "random"), torch.device("cpu"))
