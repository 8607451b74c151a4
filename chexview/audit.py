"""Who did what with which film, and when: one JSON object a line, appended, without anybody's name.

A person is the mark that the login gives (the same of one person, and nobody can tell whose it is without the server's secret); a
film is the SHA-256 of its file. Nothing else of a patient or a reader is written.
"""

import json
import logging
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

_log = logging.getLogger(__name__)


class Action(StrEnum):
    """What was done."""

    SHOWN = "shown"
    FETCHED = "fetched"
    SENT = "sent"
    ERASED = "erased"
    JUDGED = "judged"
    """A reader's verdict on one of its flags; the verdict itself is in the file of verdicts."""
    SAVED = "saved"
    """Its readings, results or pages went to a browser as a file."""


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One line: the time in UTC, the person's mark or "" without a login, the action, and the film's digest or ""."""

    time: str
    who: str
    action: str
    film: str


def write(path: Path, action: Action, who: str = "", film: str = "") -> AuditLine:
    """Appends one line, in one write, to the file, which only its owner reads. What cannot be written is said in the log."""
    line = AuditLine(datetime.now(UTC).isoformat(timespec="seconds"), who, str(action), film)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, (json.dumps(asdict(line)) + "\n").encode())
        finally:
            os.close(descriptor)
    except OSError as error:
        _log.error("the audit log cannot be written (%s)", error.strerror)
    return line
