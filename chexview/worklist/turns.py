"""Whose films are read next, of all users who wait: those who came first, as many at once as there are cores.

Without turns forty films are all decoded, then all scored, and everybody waits as long as the last; in turn, half of the users
have their findings in half of the time.
"""

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from chexview.model.predictor import usable_cores

EXPIRES_SECONDS = 3.0
"""A turn that takes longer, as a damaged film's may, holds up nobody from then on."""


@dataclass(eq=False)
class _Turn:
    """One turn, and when it began."""

    began: float = 0.0


class Turns:
    """At most ``at_once`` turns that are younger than ``expires`` seconds; who asks first is served first. Safe for threads."""

    def __init__(self, at_once: int, expires: float = EXPIRES_SECONDS) -> None:
        self._at_once, self._expires = at_once, expires
        self._changed = threading.Condition()
        self._waiting: deque[_Turn] = deque()
        self._taken: set[_Turn] = set()

    @property
    def waiting(self) -> int:
        """How many wait for their turn now."""
        return len(self._waiting)

    @contextmanager
    def take(self) -> Iterator[None]:
        """Waits for a turn, which lasts as long as the block."""
        own = _Turn()
        with self._changed:
            self._waiting.append(own)
            while self._waiting[0] is not own or (seconds := self._seconds_until_free()) > 0:
                self._changed.wait(seconds if self._waiting[0] is own else None)
            self._waiting.popleft()
            own.began = time.monotonic()
            self._taken.add(own)
            self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._taken.discard(own)
                self._changed.notify_all()

    def _seconds_until_free(self) -> float:
        """Seconds until one of the turns taken expires; 0 if one can be taken now."""
        now = time.monotonic()
        young = sorted(left for turn in self._taken if (left := turn.began + self._expires - now) > 0)
        return young[-self._at_once] if len(young) >= self._at_once else 0.0


TURNS = Turns(usable_cores())
"""The turns of all worklists of the process."""
