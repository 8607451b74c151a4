"""Whether anybody still looks at a worklist: some time after the last has gone, it is closed and its films are let go."""

import threading

from chexview.worklist.queue import Worklist

GRACE_SECONDS = 150.0
"""How long a browser may be away, by a lost connection for instance, before its films go. Streamlit keeps a session for 120."""


class SessionLease:
    """Closes a worklist when it was left and nobody came back in time. Safe for threads."""

    def __init__(self, work: Worklist, grace: float = GRACE_SECONDS) -> None:
        self.work = work
        self._grace = grace
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    def renew(self) -> None:
        """Somebody is here, or is back."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None

    def release(self) -> None:
        """Nobody is here any more; the time of grace begins."""
        self.renew()
        with self._lock:
            self._timer = threading.Timer(self._grace, self.work.close)
            self._timer.daemon = True
            self._timer.start()
