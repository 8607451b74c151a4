"""What a study asks: which films, in which order for whom, and which findings. It is drawn up once and never changed."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import Any

import numpy as np

from chexview.errors import StudyError
from chexview.findings import COMPOSITES, NAMES
from chexview.schema import build, decode, encode

FILE = "study.json"
SCHEMA = 1
FILMS = 2000
"""The most films that a study may have."""
LONGEST = 80
"""Letters of a title and of a reader's name."""


class Confidence(IntEnum):
    """The five steps of an answer; the values are stored and are what ROC curves are made of."""

    SURELY_ABSENT = 1
    PROBABLY_ABSENT = 2
    UNDECIDED = 3
    PROBABLY_PRESENT = 4
    SURELY_PRESENT = 5


@dataclass(frozen=True, slots=True)
class StudyFilm:
    """A film: ``id`` is its name in a run's or a reference's tables, else the SHA-256 of the user's own file, never its name.

    ``patient`` groups films of one patient; "" makes the film a patient of its own. ``is_own`` says that the study's folder
    holds the file.
    """

    id: str
    patient: str = ""
    is_own: bool = False


@dataclass(frozen=True)
class StudyDesign:
    """A study's ``study.json``. ``seed`` makes every reader's order reproducible; ``made`` is the time, ISO 8601;
    ``run`` names the validation run whose names and labels the films have, "" if there is none."""

    title: str
    seed: int
    films: tuple[StudyFilm, ...]
    findings: tuple[str, ...]
    made: str
    run: str = ""
    schema_version: int = SCHEMA

    def to_json(self) -> str:
        """The text of ``study.json``."""
        return encode(self)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the text: studies with the same digest ask the same, and can be merged."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def order(self, reader: str) -> tuple[StudyFilm, ...]:
        """The films in the order in which a reader gets them: by seed and name alone, the same every time."""
        key = hashlib.sha256(f"{self.seed}\n{reader}".encode()).digest()
        drawn = np.random.default_rng(int.from_bytes(key)).permutation(len(self.films))
        return tuple(self.films[place] for place in drawn)

    def patients(self, films: Sequence[str]) -> list[str]:
        """Whose the films with these ids are; a film without a patient is one of its own."""
        owners = {film.id: film.patient or f"film {film.id}" for film in self.films}
        return [owners[film] for film in films]


def parse(text: str | bytes) -> StudyDesign:
    """From the text of ``study.json``. Raises StudyError naming key and value."""
    data: dict[str, Any] = decode(text, FILE, StudyError)
    if data.get("schema_version") != SCHEMA:
        raise StudyError(f"{FILE} is not of schema version {SCHEMA}; open the study with the CheXView that made it.")
    design = build(StudyDesign, data, FILE, StudyError)
    check(design)
    return design


def check(design: StudyDesign) -> None:
    """What must hold of a design. Raises StudyError in one sentence."""
    check_words(design.title, "A study's title")
    if not 1 <= len(design.films) <= FILMS:
        raise StudyError(f"A study needs 1 to {FILMS:,} films.")
    if len({film.id for film in design.films}) < len(design.films):
        raise StudyError("A film is in the study twice; name each once.")
    if not all(film.id and film.id.isprintable() for film in design.films):
        raise StudyError("A film of the study has no name that can be written.")
    if not design.findings or len(set(design.findings)) < len(design.findings):
        raise StudyError("A study needs findings, each once.")
    if strange := [name for name in design.findings if name not in (*NAMES, *COMPOSITES)]:
        raise StudyError(f"{strange[0][:40]!r} is not a finding that CheXView knows.")


def check_words(words: str, what: str) -> None:
    """A title or a reader's name. Raises StudyError, which begins with ``what``."""
    if words != words.strip() or not 1 <= len(words) <= LONGEST or not words.isprintable():
        raise StudyError(f"{what} needs 1 to {LONGEST} letters.")
