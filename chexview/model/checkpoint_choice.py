"""Which checkpoint reads films: one rule for the pages, the command line and the Python API."""

from enum import StrEnum
from pathlib import Path

from chexview.errors import CheckpointError, UnknownCheckpointError, UsageError
from chexview.model import card as cards
from chexview.model import checkpoint
from chexview.model.predictor import (
    Predictor,
    choose_device,
    usable_cores,
    use_all_cores,
    use_cores_side_by_side,
    use_one_core_a_forward,
)
from chexview.settings import Settings


class Demand(StrEnum):
    """What comes to a predictor on a CPU, and so how its forwards share the cores."""

    ONE_CALL = "one call at a time, whose forwards have all cores"
    MANY_FILMS = "one user's batches, a few of them side by side"
    MANY_USERS = "single films of many users, a core to each"


def choose_checkpoint(own: Settings, name: str | None = None) -> Path:
    """The folder of the checkpoint ``name``; without a name, CHEXVIEW_CHECKPOINT's, else the first that is found.

    Raises CheckpointError if there is none at all, UnknownCheckpointError where none has the name.
    """
    found = checkpoint.find(own.checkpoints)
    if not found:
        raise CheckpointError(
            "There is no checkpoint yet, so films have no scores; put one into the folder checkpoints of CHEXVIEW_HOME."
        )
    wanted = name or own.checkpoint or next(iter(found))
    if wanted not in found:
        by = "" if name else ", which CHEXVIEW_CHECKPOINT names"
        raise UnknownCheckpointError(f"There is no checkpoint {wanted}{by}; there are {', '.join(found)}.")
    return found[wanted]


def choose_policy(card: cards.Card, wanted: str | None = None) -> str:
    """The operating points to read with: those ``wanted``, else the card's own; "" where it has none, and no threshold then.

    Raises UsageError for a policy that the card does not have.
    """
    if wanted and wanted not in card.operating_points:
        there = ", ".join(card.operating_points) or "none"
        raise UsageError(f"There is no policy {wanted}; this checkpoint has {there}.")
    return wanted or card.default_policy


def checkpoint_with(weights: str, own: Settings) -> Path | None:
    """The folder of the checkpoint whose weights have this SHA-256; None if none has."""
    for folder in checkpoint.find(own.checkpoints).values():
        try:
            if weights and cards.read(folder).weights == weights:
                return folder
        except CheckpointError:
            continue
    return None


def load_predictor(folder: Path, own: Settings, demand: Demand = Demand.ONE_CALL) -> Predictor:
    """The predictor of a checkpoint, on the device that the settings name, or on the CPU's cores as ``demand`` asks.

    Raises CheckpointError if the checkpoint does not load strictly, SettingsError if there is no such device.
    """
    device = choose_device(own.device)
    at_once = 1
    if device.type != "cpu" or demand is Demand.ONE_CALL:
        use_all_cores()
    elif demand is Demand.MANY_FILMS:
        at_once = use_cores_side_by_side()
    else:
        use_one_core_a_forward()
        at_once = usable_cores()
    return Predictor(checkpoint.load(folder), device, own.half, at_once)
