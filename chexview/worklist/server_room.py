"""Room for the films of all sessions together: one bound for the server, beside those that each worklist has for itself.

Decoded pixels go first, for they can be decoded again. Then whole worklists give way: those that nobody looks at any more,
then those that were used longest ago. One that was used in the last minutes never does; who brings more is refused then.
"""

import threading
import time
import weakref
from collections.abc import Callable
from typing import Protocol

import psutil

from chexview.errors import LimitError

LIMIT_BYTES = min(8 * 2**30, psutil.virtual_memory().total // 4)
"""Bytes of films that the server holds for all sessions: files that wait, packed films, decoded pixels."""
IDLE_SECONDS = 300.0
"""How long a worklist that nobody uses keeps its films when others need their room."""

SERVER_FULL = "The server holds as many films as it may; bring this one again in a few minutes."


class Tenant(Protocol):
    """What holds films: a session's worklist."""

    def held(self) -> int:
        """Bytes it holds."""

    def drop_pixels(self) -> None:
        """Lets go of what can be made again."""

    def give_way(self) -> None:
        """Lets go of everything, and remembers that it had to."""

    @property
    def used(self) -> float:
        """When somebody last used it, on the clock of the room; minus infinity where nobody is here any more."""


class ServerRoom:
    """One bound for all tenants, half of it for each; it keeps none alive. Safe for threads; who asks holds no lock."""

    def __init__(
        self, limit: int = LIMIT_BYTES, idle: float = IDLE_SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.limit, self.clock = limit, clock
        self._idle = idle
        self._lock = threading.Lock()
        self._tenants: weakref.WeakSet[Tenant] = weakref.WeakSet()

    def join(self, tenant: Tenant) -> None:
        """Counts what ``tenant`` holds from now on."""
        with self._lock:
            self._tenants.add(tenant)

    def ask(self, asker: Tenant, more: int) -> bool:
        """Whether ``more`` bytes fit for ``asker``, once others have given way, if need be."""
        with self._lock:
            if asker.held() + more > self.limit // 2:
                asker.drop_pixels()
                if asker.held() + more > self.limit // 2:
                    return False
            others = sorted((one for one in self._tenants if one is not asker), key=lambda one: one.used)
            excess = asker.held() + sum(one.held() for one in others) + more - self.limit
            for one in others:
                if excess > 0:
                    excess -= _freed(one, one.drop_pixels)
            for one in others:
                if excess > 0 and self.clock() - one.used >= self._idle:
                    excess -= _freed(one, one.give_way)
            return excess <= 0

    def claim(self, asker: Tenant, more: int) -> None:
        """Raises LimitError, in a sentence, where ``more`` bytes do not fit."""
        if not self.ask(asker, more):
            raise LimitError(SERVER_FULL)

    def held(self) -> int:
        """Bytes that all hold now."""
        with self._lock:
            return sum(tenant.held() for tenant in self._tenants)


def _freed(tenant: Tenant, let_go: Callable[[], None]) -> int:
    before = tenant.held()
    let_go()
    return before - tenant.held()


ROOM = ServerRoom()
"""The process's room."""
