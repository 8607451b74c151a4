"""Turns: who asks first is read first, and a turn that hangs holds up nobody for long."""

import threading
import time

import pytest

from chexview.worklist.turns import Turns
from tests.worklist.making import SECONDS


def waiting(turns: Turns, count: int) -> None:
    """Returns when so many wait."""
    end = time.monotonic() + SECONDS
    while turns.waiting < count:
        assert time.monotonic() < end
        time.sleep(0.001)


def test_who_asks_first_is_served_first() -> None:
    turns, order = Turns(1, expires=SECONDS), list[int]()

    def user(number: int) -> None:
        with turns.take():
            order.append(number)

    threads = [threading.Thread(target=user, args=(number,)) for number in range(20)]
    with turns.take():
        for number, thread in enumerate(threads):
            thread.start()
            waiting(turns, number + 1)
    for thread in threads:
        thread.join(SECONDS)
    assert order == list(range(20))
    assert turns.waiting == 0


def test_no_more_at_once_than_there_are_cores() -> None:
    turns, lock = Turns(3, expires=SECONDS), threading.Lock()
    now, most = 0, 0

    def user() -> None:
        nonlocal now, most
        with turns.take():
            with lock:
                now += 1
                most = max(most, now)
            time.sleep(0.005)
            with lock:
                now -= 1

    threads = [threading.Thread(target=user) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
    assert most == 3 and now == 0


def test_a_turn_that_hangs_expires() -> None:
    turns, ends = Turns(1, expires=0.05), threading.Event()

    def hang() -> None:
        with turns.take():
            ends.wait(SECONDS)

    hung = threading.Thread(target=hang)
    hung.start()
    while not turns._taken:
        time.sleep(0.001)
    try:
        for _ in range(2):
            with turns.take():
                assert not ends.is_set()
    finally:
        ends.set()
        hung.join(SECONDS)


def test_a_turn_ends_with_an_error() -> None:
    turns = Turns(1, expires=SECONDS)
    with pytest.raises(ValueError, match="wrong"), turns.take():
        raise ValueError("wrong")
    with turns.take():
        assert turns.waiting == 0
