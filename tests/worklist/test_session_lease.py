"""A worklist that was left is closed in time, one that is come back to is not."""

import gc
import threading
import weakref

from chexview.worklist.queue import Worklist
from chexview.worklist.session_lease import SessionLease, SessionLeases


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


def test_a_browser_that_comes_back_gets_what_it_left_and_nobody_else_does() -> None:
    leases = SessionLeases()
    first = leases.take("browser")
    first.notes["boxes"] = {"digest": 1}
    other_tab = leases.take("browser")
    assert other_tab is not first
    first.release()
    assert first.is_left
    assert leases.take("another browser") is not first
    assert leases.take("") is not first
    back = leases.take("browser")
    assert back is first and back.notes["boxes"] == {"digest": 1} and not back.is_left
    assert leases.take("browser") not in (first, other_tab)


def test_what_was_left_last_is_found_first_and_what_is_closed_never() -> None:
    leases = SessionLeases()
    early, late, closed = (leases.take("browser") for _ in range(3))
    for lease in (early, late, closed):
        lease.release()
    closed.work.close()
    assert leases.take("browser") is late
    assert leases.take("browser") is early
    assert leases.take("browser") is not closed


def test_nobody_has_no_films_of_others() -> None:
    leases = SessionLeases()
    one = leases.take("")
    one.release()
    assert leases.take("") is not one


def test_leases_of_ended_sessions_hold_no_memory() -> None:
    leases = SessionLeases()
    gone = weakref.ref(leases.take("browser"))
    gc.collect()
    assert gone() is None
    leases.take("another")
    assert list(leases._leases) in (["another"], [])
