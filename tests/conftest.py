"""What many tests need: a small checkpoint with known numbers, and the shared data where they exist; how processes share tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from chexview.findings import NAMES
from chexview.settings import BUNDLED, PacsSettings

if TYPE_CHECKING:  # the process that only hands out tests loads no PyTorch
    from chexview.evaluation.run import ValidationRun
    from tests.pacs.fake_server import FakePacs

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """With ``-n`` each process, and what it starts, has one thread: threads that wait for a core are many times slower."""
    if getattr(config.option, "numprocesses", None):
        os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:
    """With ``-n`` a file's tests stay together, and so do all that drive the browser: they share a server and Chromium."""
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.split("::")[0]
            return "tests/browser" if file.startswith("tests/browser/") else file

    config.option.loadscopereorder = False
    return ByFile(config, log)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The shared data beside the repository; skips, saying so, where it is not there."""
    if not SHARED.is_dir():
        pytest.skip("the shared data folder is not beside the repository")
    return SHARED


@pytest.fixture(scope="session")
def bundled_run() -> ValidationRun:
    """The run of the bundled checkpoint, whatever its name; skips where none is bundled."""
    from chexview.evaluation.run import load_run

    found = [load_run(BUNDLED / "runs" / item.name) for item in sorted((BUNDLED / "checkpoints").iterdir())]
    if not found:
        pytest.skip("no checkpoint is bundled")
    return found[0]


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CHEXVIEW_HOME whose checkpoint ``random`` has random weights, a calibration, and operating points for two policies."""
    import torch

    from chexview.calibration import Calibration
    from chexview.model import checkpoint
    from chexview.model.card import Card
    from chexview.model.network import CheXNet

    folder = tmp_path_factory.mktemp("home")
    torch.manual_seed(3)
    network = CheXNet(len(NAMES))
    with torch.no_grad():
        network.classifier.bias.copy_(torch.linspace(-2, 1, len(NAMES)))
    card = Card(
        name="random",
        title="Random weights",
        findings=NAMES,
        input_size=64,
        weights="",
        calibration={name: Calibration(0.5 + 0.1 * k, -0.2 * k) for k, name in enumerate(NAMES)},
        operating_points={
            "specificity_90": {name: -2.0 + 0.25 * k for k, name in enumerate(NAMES)},
            "youden": {name: -3.0 + 0.25 * k for k, name in enumerate(NAMES)},
        },
        default_policy="specificity_90",
        heatmap_scales=dict.fromkeys(NAMES, 4.0),
    )
    checkpoint.save(network, card, folder / "checkpoints" / "random")
    return folder


@pytest.fixture(scope="module")
def served_pacs() -> Iterator[tuple[FakePacs, PacsSettings]]:
    """A PACS of this process, empty at first, and the settings that lead to it."""
    from tests.pacs.fake_server import FakePacs, serving_pacs

    pacs = FakePacs()
    with serving_pacs(pacs) as own:
        yield pacs, own
