"""A worklist that was left is closed in time, one that is come back to is not."""

import threading

from chexview.worklist.queue import Worklist
from chexview.worklist.session_lease import SessionLease


class Closing(Worklist):
    """Says when it is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.closed = threading.Event()

    def close(self) -> None:
        super().close()
        self.closed.set()


def test_a_worklist_that_was_left_is_closed() -> None:
    work = Closing()
    SessionLease(work, grace=0.05).release()
    assert work.closed.wait(10) and work.is_closed


def test_who_comes_back_finds_the_films() -> None:
    work = Closing()
    lease = SessionLease(work, grace=0.2)
    lease.release()
    lease.renew()
    assert not work.closed.wait(0.6) and not work.is_closed
    lease.release()
    lease.release()
    assert work.closed.wait(10)
