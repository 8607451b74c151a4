"""Who waits for a film sleeps until it changes."""

import threading
import time
from collections.abc import Iterable

from chexview.worklist.entries import Status, WorklistEntry
from chexview.worklist.queue import Worklist
from tests.worklist.making import SECONDS, Gate, decode, done, files, reader_of, score


def test_a_wait_ends_with_the_change_it_waits_for_and_looks_at_nothing_in_between() -> None:
    gate, looks = Gate(), 0
    box = Worklist(reader_of(score), decode=gate)

    def first_is_read(rows: Iterable[WorklistEntry]) -> bool:
        nonlocal looks
        looks += 1
        return any(row.status is Status.READ for row in rows)

    box.bring(files("gate", "b"))
    assert gate.reached.wait(SECONDS)
    waiter = threading.Thread(target=box.wait_until, args=(first_is_read, SECONDS))
    waiter.start()
    time.sleep(0.3)
    assert waiter.is_alive() and looks <= 3
    gate.open.set()
    waiter.join(SECONDS)
    assert not waiter.is_alive()
    assert any(row.status is Status.READ for row in done(box))


def test_a_wait_ends_when_nothing_is_left_or_the_time_is_over() -> None:
    gate = Gate()
    box = Worklist(reader_of(score), decode=decode)
    box.wait_until(lambda rows: False, SECONDS)
    box = Worklist(reader_of(score), decode=gate)
    box.bring(files("gate"))
    assert gate.reached.wait(SECONDS)
    start = time.monotonic()
    box.wait_until(lambda rows: False, 0.05)
    assert 0.04 < time.monotonic() - start < SECONDS
    gate.open.set()
    done(box)
