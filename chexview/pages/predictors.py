"""The one predictor of the process, and that of a run's own checkpoint."""

import threading
from functools import lru_cache
from pathlib import Path

import streamlit as st

from chexview import settings
from chexview.errors import CheckpointError, ChexviewError
from chexview.model import card as cards
from chexview.model.checkpoint_choice import Demand, checkpoint_with, choose_checkpoint, load_predictor
from chexview.model.predictor import Predictor

NETWORK_WANTED = threading.Event()
"""Set when a page first asks for the network, which it does when it has drawn what can be drawn without."""


@st.cache_resource(show_spinner=False)
def _load(folder: Path, device: str | None, half: bool) -> Predictor:
    return load_predictor(folder, settings.load(), Demand.MANY_USERS)


def predictor() -> Predictor:
    """The predictor all sessions share. Raises a ChexviewError in one sentence if there is none."""
    NETWORK_WANTED.set()
    own = settings.load()
    return _load(choose_checkpoint(own), own.device, own.half)


def predictor_of(weights: str) -> Predictor | None:
    """The predictor of the checkpoint with these weights, a SHA-256; None if it is not here or cannot be loaded."""
    own = settings.load()
    folder = checkpoint_with(weights, own)
    try:
        return _load(folder, own.device, own.half) if folder is not None else None
    except CheckpointError:
        return None


def usual_policy() -> str:
    """The policy of the checkpoint that reads films, with which a session starts; "" if there is none."""
    try:
        folder = choose_checkpoint(settings.load())
        return _policy_of(folder, (folder / cards.FILE).stat().st_mtime_ns)
    except (ChexviewError, OSError):
        return ""


@lru_cache(maxsize=16)
def _policy_of(folder: Path, changed: int) -> str:
    return cards.read(folder).default_policy
