"""The one predictor of the process, the bundled example films, and what earlier films that scored alike had."""

import json
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from chexview import settings
from chexview.errors import CheckpointError, FilmError, RunError
from chexview.evaluation.calibration import similar_films
from chexview.evaluation.run import list_runs, load_run
from chexview.films.read import read
from chexview.findings import title
from chexview.geometry import Rectangle
from chexview.model.checkpoint_choice import checkpoint_with, choose_checkpoint, load_predictor
from chexview.model.predictor import Predictor
from chexview.viewer.pictures import film_picture
from chexview.viewer.scene import Box, radiologists_box
from chexview.web.media_store import MediaItem


@dataclass(frozen=True, slots=True)
class Example:
    """A bundled film: its file, what it shows, its labels, and a small picture of it."""

    path: Path
    title: str
    labels: tuple[str, ...]
    note: str
    picture: MediaItem
    boxes: tuple[Box, ...] = ()

    @property
    def remark(self) -> str:
        """What NIH says of the film."""
        labels = ", ".join(title(name) for name in self.labels)
        return f"{self.note} NIH's labels: {labels}." if labels else self.note


@st.cache_resource(show_spinner="Loading the checkpoint")
def _load(folder: Path, device: str | None, half: bool) -> Predictor:
    return load_predictor(folder, settings.load())


def predictor() -> Predictor:
    """The predictor all sessions share. Raises a ChexviewError in one sentence where there is none."""
    own = settings.load()
    return _load(choose_checkpoint(own), own.device, own.half)


def predictor_of(weights: str) -> Predictor | None:
    """The predictor of the checkpoint with these weights, a SHA-256; None where it is not here or cannot be loaded."""
    own = settings.load()
    folder = checkpoint_with(weights, own)
    try:
        return _load(folder, own.device, own.half) if folder is not None else None
    except CheckpointError:
        return None


@st.cache_resource(show_spinner=False)
def examples() -> tuple[Example, ...]:
    """The bundled films, those that are there and can be read."""
    folder = settings.load().films
    index = folder / "index.json"
    if not index.is_file():
        return ()
    made = []
    for told in json.loads(index.read_text("utf-8")):
        path = folder / told["file"]
        try:
            picture = film_picture(read(path.read_bytes(), path.name), longest=384)
        except (OSError, FilmError):
            continue
        boxes = tuple(
            radiologists_box(box["finding"], Rectangle.of_size(*box["place"])) for box in told.get("boxes", ())
        )
        made.append(Example(path, told["title"], tuple(told["labels"]), told["note"], picture, boxes))
    return tuple(made)


def alike(checkpoint_digest: str, finding: str, logit: float) -> str:
    """What became of validation films that scored alike, with its source; "" where no run of these weights is there."""
    for listing in list_runs(settings.load().runs):
        if listing.meta is None or listing.meta.checkpoint.weights != checkpoint_digest:
            continue
        try:
            found = similar_films(load_run(listing.folder), finding, logit)
        except RunError:
            continue
        if found is not None:
            beyond = " Its score lies outside all that occur there." if found.beyond else ""
            counts = f"{found.share.films} films of {found.share.patients} patients"
            text = found.text[0].upper() + found.text[1:]
            return f"{text}. Source: {listing.meta.title}, {counts}.{beyond}"
    return ""
