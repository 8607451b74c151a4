"""The bundled example films."""

import json
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from chexview import settings
from chexview.errors import FilmError
from chexview.films.read import read
from chexview.findings import NAMES, title
from chexview.geometry import Rectangle
from chexview.text.known_labels import KnownLabels
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
    def known_labels(self) -> KnownLabels:
        """NIH's labels of the film: it has no other of the 14 findings."""
        return KnownLabels("NIH's label", self.labels, tuple(name for name in NAMES if name not in self.labels))

    @property
    def opens_on(self) -> str:
        """The finding that is shown at first: what a radiologist boxed, else the first label; "" if there is neither."""
        return next((box.finding for box in self.boxes), self.labels[0] if self.labels else "")

    @property
    def remark(self) -> str:
        """What NIH says of the film."""
        labels = ", ".join(title(name) for name in self.labels)
        return f"{self.note} NIH's labels: {labels}." if labels else self.note


@st.cache_resource(show_spinner=False)
def examples() -> tuple[Example, ...]:
    """The bundled films, those that are there and can be read."""
    folder = settings.load().films
    index = folder / "index.json"
    if not index.is_file():
        return ()
    made = []
    for entry in json.loads(index.read_text("utf-8")):
        path = folder / entry["file"]
        try:
            picture = film_picture(read(path.read_bytes(), path.name), longest=384)
        except (OSError, FilmError):
            continue
        boxes = tuple(
            radiologists_box(box["finding"], Rectangle.of_size(*box["place"])) for box in entry.get("boxes", ())
        )
        made.append(Example(path, entry["title"], tuple(entry["labels"]), entry["note"], picture, boxes))
    return tuple(made)
