"""One film of a worklist, as it stands at one moment: frozen, so that threads and pages may keep it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Self

import numpy as np
import numpy.typing as npt
from PIL import Image

from chexview.films.grey import grey
from chexview.films.radiograph import Radiograph, VoiTable
from chexview.model.reading import Reading

THUMBNAIL = 192
"""Pixels of a thumbnail's longer side."""
OVERSAMPLED = 2
"""Pixels of a large film that go into one of its thumbnail, along each side; the others are skipped, for speed."""


class Status(StrEnum):
    """Where a film stands; the values are for people."""

    WAITING = "waiting"
    READING = "being read"
    READ = "read"
    WITHHELD = "score withheld"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class WorklistEntry:
    """One film without its pixels.

    ``id`` is random, means nothing outside its worklist, and is never given twice. ``reading`` is None unless the film
    is READ, and if there is no checkpoint. ``facts`` is the film with 0 x 0 pixels, whose ``withheld`` also holds
    what the worklist's check says; None until the film is decoded, as is ``thumbnail``, uint8 (rows, columns) under the
    first view. ``failure`` says why the file was refused or the score not computed. ``seconds`` is what decoding,
    checking and scoring took.
    """

    id: str
    name: str
    remark: str = ""
    status: Status = Status.WAITING
    failure: str = ""
    insisted: bool = False
    reading: Reading | None = None
    facts: Radiograph | None = None
    thumbnail: npt.NDArray[np.uint8] | None = None
    seconds: float = 0.0

    @property
    def digest(self) -> str:
        """The SHA-256 of the file, "" until it is decoded."""
        return self.facts.digest if self.facts is not None else ""

    @property
    def objection(self) -> str:
        """Why the score is given only to who insists; it stays when somebody has. "" if nothing speaks against it."""
        return (self.facts.withheld or "") if self.facts is not None else ""

    @property
    def sentence(self) -> str:
        """Why the film is WITHHELD or REFUSED; "" if it is neither."""
        return self.failure or self.objection if self.status in (Status.WITHHELD, Status.REFUSED) else ""

    @property
    def held_back(self) -> str | None:
        """The sentence on why the score is not shown yet, or None."""
        return self.sentence if self.status is Status.WITHHELD else None

    @property
    def is_pending(self) -> bool:
        """Whether the film waits or is being read."""
        return self.status in (Status.WAITING, Status.READING)

    def at(self, policy: str, thresholds: Mapping[str, float]) -> Self:
        """The same film, its reading at the operating points of ``policy``, logits by finding."""
        return self if self.reading is None else replace(self, reading=self.reading.at(policy, thresholds))

    def opened(self, film: Radiograph) -> "OpenEntry":
        """The same film with its pixels."""
        values = {field.name: getattr(self, field.name) for field in fields(WorklistEntry)}
        return OpenEntry(**values, film=replace(film, withheld=self.objection or None))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.id}, {self.status})"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class OpenEntry(WorklistEntry):
    """One film with its pixels. Let go of it soon: who holds it holds its pixels, whatever the worklist's bound."""

    film: Radiograph


def facts(film: Radiograph) -> Radiograph:
    """The film with 0 x 0 pixels, no padding, and nothing that keeps the decoder's buffer in memory."""
    views = tuple(
        replace(view, values=view.values.copy()) if isinstance(view, VoiTable) else view for view in film.views
    )
    return replace(film, pixels=np.zeros((0, 0), np.uint16), padding=None, views=views)


def thumbnail(film: Radiograph) -> npt.NDArray[np.uint8]:
    """The film under its first view, uint8, at most :data:`THUMBNAIL` pixels a side, not writeable."""
    step = max(1, min(film.pixels.shape) // (OVERSAMPLED * THUMBNAIL))
    padding = film.padding[::step, ::step] if film.padding is not None else None
    seen = grey(replace(film, pixels=film.pixels[::step, ::step], padding=padding))
    factor = min(1.0, THUMBNAIL / max(seen.shape))
    rows, columns = (max(1, round(side * factor)) for side in seen.shape)
    if (rows, columns) != seen.shape:
        seen = np.asarray(Image.fromarray(seen).resize((columns, rows), Image.Resampling.BOX))
    small: npt.NDArray[np.uint8] = np.floor(np.clip(seen, 0, 1) * 255 + 0.5).astype(np.uint8)
    small.setflags(write=False)
    return small
