"""What readers answer, and the advice that they then saw: one line of JSON each."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from chexview.errors import StudyError
from chexview.geometry import Rectangle
from chexview.schema import build, decode
from chexview.studies.design import Confidence

LINE = "an answer"


class Phase(StrEnum):
    """When an answer was given."""

    ALONE = "alone"
    """Before anything of the model or the reference was shown."""
    ADVISED = "advised"
    """After it; the last one holds."""


@dataclass(frozen=True, slots=True)
class ReaderMark:
    """Where a reader sees a finding: a box in shares of the film as displayed."""

    finding: str
    place: Rectangle


@dataclass(frozen=True, slots=True)
class ReaderAnswer:
    """One reader's answer on one film. ``confidence`` has a step for every finding of the study; ``when`` is ISO 8601, in UTC."""

    reader: str
    film: str
    phase: Phase
    confidence: dict[str, Confidence]
    seconds: float
    when: str
    marks: tuple[ReaderMark, ...] = ()


@dataclass(frozen=True, slots=True)
class Advice:
    """What the model said to one reader of one film: log-odds or logits by finding, and what was flagged.

    ``withheld`` is the sentence on why there were no scores, "" if there were.
    """

    reader: str
    film: str
    checkpoint: str
    weights: str
    scores: dict[str, float]
    flagged: tuple[str, ...]
    when: str
    withheld: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Entries:
    """Everything that one reader's file holds, by film; ``damaged`` counts lines that a crash cut short."""

    alone: Mapping[str, ReaderAnswer] = field(default_factory=dict)
    advised: Mapping[str, ReaderAnswer] = field(default_factory=dict)
    advice: Mapping[str, Advice] = field(default_factory=dict)
    damaged: int = 0

    def last(self, film: str) -> ReaderAnswer:
        """The answer that holds in the end. Raises KeyError for a film that was not read."""
        return self.advised.get(film) or self.alone[film]


def line_of(entry: ReaderAnswer | Advice) -> bytes:
    """An entry as it is stored, with the newline that ends it."""
    kind = "answer" if isinstance(entry, ReaderAnswer) else "advice"
    return (json.dumps({kind: asdict(entry)}, ensure_ascii=False, allow_nan=False) + "\n").encode()


def entry_of(line: bytes) -> ReaderAnswer | Advice:
    """An entry from its line. Raises StudyError if it is none."""
    data: dict[str, Any] = decode(line, LINE, StudyError)
    if data.keys() == {"answer"} and isinstance(data["answer"], dict):
        return build(ReaderAnswer, data["answer"], LINE, StudyError)
    if data.keys() == {"advice"} and isinstance(data["advice"], dict):
        return build(Advice, data["advice"], LINE, StudyError)
    raise StudyError(f"{LINE} must be an answer or an advice.")


def entries_of(text: bytes) -> Entries:
    """What a reader's file holds: the first answer alone and the first advice of a film hold, and the last answer advised.

    A line that was not written to its end was never acknowledged; it is left out and counted.
    """
    alone: dict[str, ReaderAnswer] = {}
    advised: dict[str, ReaderAnswer] = {}
    advice: dict[str, Advice] = {}
    damaged = 0
    for line in text.split(b"\n"):
        if not line.strip():
            continue
        try:
            entry = entry_of(line)
        except StudyError:
            damaged += 1
            continue
        if isinstance(entry, Advice):
            advice.setdefault(entry.film, entry)
        elif entry.phase is Phase.ALONE:
            alone.setdefault(entry.film, entry)
        else:
            advised[entry.film] = entry
    return Entries(alone, advised, advice, damaged)
