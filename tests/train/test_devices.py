"""Processes as torchrun and SLURM tell of them, and the search for what fits into memory."""

import pytest
import torch

from chexview.errors import DataError
from chexview.model.network import CheXNet, Shape
from train import devices
from train.devices import Processes, fewest_parts, processes, with_parts
from train.recipe import Stage, parse

GPU = torch.device("cuda", 0)
TINY = Shape(growth=4, blocks=(1, 1, 1, 1), stem=8)


@pytest.fixture(autouse=True)
def nobody_started_us(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WORLD_SIZE", "LOCAL_WORLD_SIZE", "RANK", "LOCAL_RANK", "SLURM_NTASKS", "SLURM_NNODES"):
        monkeypatch.delenv(name, raising=False)


def test_alone() -> None:
    assert processes() == Processes() and processes().world == 1


def test_torchrun(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"WORLD_SIZE": 8, "LOCAL_WORLD_SIZE": 4, "RANK": 6, "LOCAL_RANK": 2}.items():
        monkeypatch.setenv(name, str(value))
    assert processes() == Processes(each=4, machines=2, rank=6, local=2) and processes().world == 8


def test_slurm(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"NTASKS": 6, "NNODES": 3, "PROCID": 5, "LOCALID": 1}.items():
        monkeypatch.setenv(f"SLURM_{name}", str(value))
    assert processes() == Processes(each=2, machines=3, rank=5, local=1)
    monkeypatch.setenv("SLURM_NNODES", "4")
    with pytest.raises(DataError, match="6 processes do not spread evenly over 4 machines"):
        processes()


@pytest.mark.parametrize(("room", "parts"), [(64, 1), (63, 2), (16, 4), (5, 16), (2, 32)])
def test_the_largest_part_that_fits_is_found(room: int, parts: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "_fits", lambda network, films, *_: films <= room)
    assert fewest_parts(CheXNet(1, shape=TINY), Stage(224, 1, 64), "32-true", GPU) == parts


def test_where_nothing_fits_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "_fits", lambda *_: False)
    with pytest.raises(DataError, match="does not hold 2 films of 1024 x 1024"):
        fewest_parts(CheXNet(1, shape=TINY), Stage(1024, 1, 64), "32-true", GPU)


def test_too_little_memory_is_seen_and_no_gradient_stays() -> None:
    network = CheXNet(1, shape=TINY)
    assert devices._fits(network, 2, 32, "bf16-mixed", torch.device("cpu"))
    assert all(p.grad is None for p in network.parameters())

    def full(_: torch.Tensor) -> None:
        raise torch.OutOfMemoryError

    network.forward = full  # type: ignore[method-assign,assignment]
    assert not devices._fits(network, 2, 32, "32-true", torch.device("cpu"))


def test_a_search_replaces_zero_only_and_needs_one_process() -> None:
    plan = parse(
        'name = "x"\nstages = [{ size = 32, epochs = 1, accumulate = 0 }, { size = 64, epochs = 1, accumulate = 4 }]\n'
    )
    found = with_parts(plan, CheXNet(14), Processes())
    assert [stage.accumulate for stage in found.stages] == [
        1 if not torch.cuda.is_available() else found.stages[0].accumulate,
        4,
    ]
    with pytest.raises(DataError, match="one GPU"):
        with_parts(plan, CheXNet(14), Processes(each=2))
