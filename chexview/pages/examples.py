"""The bundled example films."""

import json
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from chexview import settings
from chexview.errors import FilmError
from chexview.films.read import read
from chexview.findings import title
from chexview.geometry import Rectangle
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
