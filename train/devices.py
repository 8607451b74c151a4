"""Where training runs: the processes that torchrun or SLURM started, the device of each, and what fits into its memory."""

import copy
import os
from dataclasses import dataclass, replace

import torch

from chexview.errors import DataError
from chexview.model.network import ClassMapNetwork
from train.recipe import Recipe, Stage

AUTOCAST = {"bf16-mixed": torch.bfloat16, "16-mixed": torch.float16}


@dataclass(frozen=True, slots=True)
class Processes:
    """How many processes train together: ``each`` on each of ``machines``; this one is number ``rank`` of all and number
    ``local`` on its machine."""

    each: int = 1
    machines: int = 1
    rank: int = 0
    local: int = 0

    @property
    def world(self) -> int:
        """All processes."""
        return self.each * self.machines

    @property
    def accelerator(self) -> str:
        """Lightning's word for the device."""
        return "cuda" if torch.cuda.is_available() else "cpu"

    @property
    def device(self) -> torch.device:
        """This process's own."""
        return torch.device("cuda", self.local) if torch.cuda.is_available() else torch.device("cpu")


def processes() -> Processes:
    """The processes that torchrun (``WORLD_SIZE``, ``LOCAL_WORLD_SIZE``) or SLURM (``SLURM_NTASKS``, ``SLURM_NNODES``)
    started; one where neither did. Raises DataError if machines have unlike numbers of them."""
    if "LOCAL_WORLD_SIZE" in os.environ and "WORLD_SIZE" in os.environ:
        world, each = int(os.environ["WORLD_SIZE"]), int(os.environ["LOCAL_WORLD_SIZE"])
        machines, rank, local = world // each, int(os.environ["RANK"]), int(os.environ["LOCAL_RANK"])
    elif int(os.environ.get("SLURM_NTASKS", "1")) > 1:
        world, machines = int(os.environ["SLURM_NTASKS"]), int(os.environ.get("SLURM_NNODES", "1"))
        each, rank, local = world // machines, int(os.environ["SLURM_PROCID"]), int(os.environ["SLURM_LOCALID"])
    else:
        return Processes()
    if each * machines != world:
        raise DataError(f"{world} processes do not spread evenly over {machines} machines; start as many on each.")
    return Processes(each, machines, rank, local)


def _fits(network: ClassMapNetwork, films: int, size: int, precision: str, device: torch.device) -> bool:
    """Whether one forward and backward of ``films`` films fits into the GPU's memory."""
    try:
        with torch.autocast(device.type, dtype=AUTOCAST.get(precision), enabled=precision in AUTOCAST):
            batch = torch.randint(0, 256, (films, 1, size, size), dtype=torch.uint8, device=device).float()
            logits, _ = network(batch.contiguous(memory_format=torch.channels_last))
            logits.sum().backward()
    except torch.OutOfMemoryError:
        return False
    finally:
        network.zero_grad(set_to_none=True)
        if device.type == "cuda":
            torch.cuda.empty_cache()
    return True


def fewest_parts(network: ClassMapNetwork, stage: Stage, precision: str, device: torch.device) -> int:
    """In how many parts a batch of ``stage`` must be computed so that each fits into memory: 1, 2, 4 and so on.

    On a CPU it is 1: memory there is not a wall. Raises DataError if not even 2 films fit.
    """
    if device.type != "cuda":
        return 1
    parts = 1
    while stage.batch_size % parts == 0 and stage.batch_size // parts >= 2:
        if _fits(network, stage.batch_size // parts, stage.size, precision, device):
            return parts
        parts *= 2
    raise DataError(
        f"The GPU's memory does not hold {max(2, 2 * stage.batch_size // parts)} films of {stage.size} x {stage.size}; use a "
        "smaller size, bf16-mixed, or a GPU with more memory."
    )


def with_parts(recipe: Recipe, network: ClassMapNetwork, where: Processes) -> Recipe:
    """The recipe with every ``accumulate = 0`` replaced by what was found. Raises DataError with more than one process."""
    if all(stage.accumulate for stage in recipe.stages):
        return recipe
    if where.world > 1:
        raise DataError("accumulate = 0 searches on one GPU; give the number of parts where several train together.")
    probe = copy.deepcopy(network).to(where.device).to(memory_format=torch.channels_last).train()
    stages = tuple(
        stage
        if stage.accumulate
        else replace(stage, accumulate=fewest_parts(probe, stage, recipe.precision, where.device))
        for stage in recipe.stages
    )
    return replace(recipe, stages=stages)
