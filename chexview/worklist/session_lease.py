"""Whether anybody still looks at a worklist: some time after the last has gone, it is closed and its films are let go.

Who comes back in time, by reloading the page for instance, finds the films again: a worklist that was left belongs to the
browser that left it, which its cookie names.
"""

import threading
import weakref
from typing import Any

from chexview.worklist.queue import Worklist

GRACE_SECONDS = 150.0
"""How long a browser may be away, by a lost connection for instance, before its films go. Streamlit keeps a session for 120."""


class SessionLease:
    """Closes a worklist when it was left and nobody came back in time. Safe for threads.

    ``notes`` is what a session keeps beside its films, and finds again with them.
    """

    def __init__(self, work: Worklist, grace: float = GRACE_SECONDS) -> None:
        self.work = work
        self.notes: dict[str, Any] = {}
        self._grace = grace
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    @property
    def is_left(self) -> bool:
        """Whether nobody is here, and the films wait for somebody to come back."""
        with self._lock:
            return self._timer is not None and not self.work.is_closed

    def renew(self) -> None:
        """Somebody is here, or is back."""
        self.work.is_left = False
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None

    def release(self) -> None:
        """Nobody is here any more; the time of grace begins."""
        self.renew()
        self.work.is_left = True
        with self._lock:
            self._timer = threading.Timer(self._grace, self._close)
            self._timer.daemon = True
            self._timer.start()

    def _close(self) -> None:
        self.work.close()


class SessionLeases:
    """The leases of all browsers, each held by its session, or by its time of grace, and by nobody else. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._leases: dict[str, list[weakref.ref[SessionLease]]] = {}

    def take(self, owner: str) -> SessionLease:
        """The lease that a session of ``owner`` left last, renewed; a new one where none was left, or nobody is named."""
        with self._lock:
            there = [lease for found in self._leases.pop(owner, ()) if (lease := found()) and not lease.work.is_closed]
            lease = next((lease for lease in reversed(there) if lease.is_left), None)
            if lease is None:
                lease = SessionLease(Worklist())
            else:
                there.remove(lease)
            lease.renew()
            if owner:
                self._leases[owner] = [weakref.ref(each) for each in (*there, lease)]
            self._forget_gone()
            return lease

    def _forget_gone(self) -> None:
        for owner in [owner for owner, leases in self._leases.items() if not any(each() for each in leases)]:
            del self._leases[owner]


LEASES = SessionLeases()
"""The process's leases."""
