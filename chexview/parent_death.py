"""A child process that ends with its parent, however that ends: ``kill -9`` leaves nobody who would end the child.

Most children notice that a pipe has closed, but not while they work, and a pool's workers hold both ends of theirs. Linux's
PR_SET_PDEATHSIG would come already when the thread ends that started the child, which in a server soon happens.
"""

import os
import threading
import time

SECONDS = 0.5
"""How often a child looks."""


def end_with_parent(seconds: float = SECONDS) -> None:
    """Ends this process once its parent is another than now, as an orphan's is (not on Windows, where it never changes)."""
    watch = threading.Thread(target=_watch, args=(os.getppid(), seconds), name="chexview-parent", daemon=True)
    watch.start()


def _watch(parent: int, seconds: float) -> None:
    while os.getppid() == parent:
        time.sleep(seconds)
    os._exit(1)
