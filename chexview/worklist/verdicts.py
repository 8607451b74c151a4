"""What readers made of a model's flags (IHE AI Results: accept, reject, correct): an append-only file, never the stored run.

``CHEXVIEW_HOME/verdicts/verdicts.jsonl`` has one JSON object a line: the SHA-256 of the film's file, the finding, the SHA-256 of
the weights, the decision, the time, and the name that the reader chose. Nothing of the patient is in it. A later line on the same
film, finding and weights replaces an earlier one; both stay in the file.
"""

import json
import os
import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from chexview.errors import ExportError

FILE = "verdicts.jsonl"
NAME = 64
"""Characters of a reader's name."""
_lock = threading.Lock()


class Decision(StrEnum):
    """What a reader decided on a finding of a film."""

    ACCEPTED = "accepted"
    """It was flagged, and rightly."""
    REJECTED = "rejected"
    """It was flagged, and the reader does not see it."""
    CORRECTED = "corrected"
    """It was not flagged, and the reader sees it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One decision; ``time`` is UTC in ISO 8601, ``reader`` what the reader chose to be called."""

    film: str
    finding: str
    weights: str
    decision: Decision
    time: str
    reader: str = ""


@dataclass(frozen=True, slots=True)
class Overruling:
    """Of one finding: verdicts on it by what they decided, the last of each film only."""

    finding: str
    accepted: int
    rejected: int
    corrected: int

    @property
    def judged(self) -> int:
        """Films that have a verdict on the finding."""
        return self.accepted + self.rejected + self.corrected

    @property
    def overruled(self) -> int:
        """Films on which the reader disagreed with the model."""
        return self.rejected + self.corrected


class VerdictFile:
    """The file below ``folder``. Safe for threads, and for processes that append at once."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE

    def append(self, film: str, finding: str, weights: str, decision: Decision, reader: str = "") -> Verdict:
        """Writes one verdict to the end of the file. Raises ExportError if it cannot be written."""
        name = "".join(letter for letter in reader if letter.isprintable()).strip()[:NAME]
        verdict = Verdict(film, finding, weights, decision, datetime.now(UTC).isoformat(timespec="seconds"), name)
        line = json.dumps(asdict(verdict), ensure_ascii=False) + "\n"
        try:
            with _lock:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self._append(line.encode())
        except OSError as error:
            raise ExportError("The verdict cannot be kept: the folder of CHEXVIEW_HOME cannot be written.") from error
        return verdict

    def _append(self, line: bytes) -> None:
        """One write at the end, so that lines of two processes do not mix; a line cut by a crash is ended first."""
        torn = self.path.exists() and self.path.stat().st_size and self.path.read_bytes()[-1:] != b"\n"
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, b"\n" + line if torn else line)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def read(self) -> tuple[Verdict, ...]:
        """All verdicts, the oldest first; lines that are none, as a crash leaves them, are passed over. A file that has not
        changed is parsed once: pages ask at every run."""
        try:
            state = self.path.stat()
            return _read(self.path, (state.st_mtime_ns, state.st_size))
        except OSError:
            return ()

    def on(self, film: str, weights: str) -> tuple[Verdict, ...]:
        """The verdicts on a film's flags by these weights, the oldest first."""
        return tuple(v for v in self.read() if v.film == film and v.weights == weights)


@lru_cache(maxsize=4)
def _read(path: Path, stamp: tuple[int, int]) -> tuple[Verdict, ...]:
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return tuple(verdict for line in lines if (verdict := _parsed(line)) is not None)


def _parsed(line: str) -> Verdict | None:
    try:
        data = json.loads(line)
        texts = {key: str(data[key]) for key in ("film", "finding", "weights", "time", "reader")}
        return Verdict(**texts, decision=Decision(data["decision"]))
    except (ValueError, TypeError, KeyError):
        return None


def overrulings(verdicts: Iterable[Verdict], weights: str) -> tuple[Overruling, ...]:
    """How often the model with these weights was overruled, by finding, the most often judged first."""
    last = {(v.film, v.finding): v.decision for v in verdicts if v.weights == weights}
    counts: dict[str, dict[Decision, int]] = {}
    for (_, finding), decision in last.items():
        counts.setdefault(finding, dict.fromkeys(Decision, 0))[decision] += 1
    found = [
        Overruling(name, of[Decision.ACCEPTED], of[Decision.REJECTED], of[Decision.CORRECTED])
        for name, of in counts.items()
    ]
    return tuple(sorted(found, key=lambda item: (-item.judged, item.finding)))
