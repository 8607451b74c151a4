"""One bound for the films of all sessions: who was away longest gives way, and says so."""

import gc
import math

import numpy as np
import pytest

from chexview.errors import LimitError
from chexview.films.radiograph import Radiograph
from chexview.worklist.entries import Status
from chexview.worklist.queue import Worklist
from chexview.worklist.server_room import ServerRoom
from chexview.worklist.session_lease import SessionLease
from tests.worklist.making import Gate, done, files, film, reader_of, score

SIDE = 50
PIXELS = SIDE * SIDE * 2
FILE = 100
EACH = PIXELS + FILE


class Clock:
    """A clock that a test turns."""

    now = 0.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now


def decode(data: bytes, name: str) -> Radiograph:
    """A film whose greys tell which file it came from."""
    return film(data, np.full((SIDE, SIDE), data[0], np.uint16))


def session(room: ServerRoom, *data: bytes) -> Worklist:
    """A worklist with films of :data:`FILE` bytes, all read."""
    work = Worklist(reader_of(score), decode=decode, room=room)
    bring(work, *data)
    return work


def bring(work: Worklist, *data: bytes) -> None:
    """Brings files of :data:`FILE` bytes that begin with ``data``, and waits until they are read."""
    work.bring(files(*(text.decode().ljust(FILE, ".") for text in data)))
    done(work)


def test_pixels_go_first_and_come_back_the_same() -> None:
    clock = Clock()
    room = ServerRoom(4 * EACH, idle=60, clock=clock)
    first, second = session(room, b"a"), session(room, b"b", b"c")
    for number, work in enumerate((first, second), 1):
        clock.now = number
        work.snapshot()
    third = session(room, b"d", b"e")
    assert room.held() <= room.limit
    assert [bool(work.gave_way) for work in (first, second, third)] == [False] * 3
    assert first.memory().pixels == 0
    for work, greys in ((first, "a"), (second, "bc"), (third, "de")):
        opened = [work.open(row.id) for row in work.snapshot()]
        assert [chr(int(entry.film.pixels[0, 0])) for entry in opened if entry] == list(greys)


def test_who_was_not_here_for_longest_gives_way_and_no_other() -> None:
    clock = Clock()
    room = ServerRoom(5 * (FILE + 2), idle=60, clock=clock)

    def flat(data: bytes, name: str) -> Radiograph:
        return film(data, np.zeros((1, 1), np.uint16))

    works = [Worklist(reader_of(score), decode=flat, room=room) for _ in range(4)]
    for number, work in enumerate(works):
        clock.now = number
        work.bring(files(f"{number}".ljust(FILE, ".")))
        done(work)
    clock.now = 61.5  # the first two have been away for a minute
    works[3].bring(files("new".ljust(FILE, ".")))
    done(works[3])
    assert [bool(work.gave_way) for work in works] == [False] * 4
    newcomer = Worklist(reader_of(score), decode=flat, room=room)
    newcomer.bring(files("x".ljust(FILE, "."), "y".ljust(FILE, ".")))
    done(newcomer)
    assert [bool(work.gave_way) for work in works] == [True, True, False, False]
    assert works[0].snapshot() == () and works[0].open() is None and works[0].shown is None
    assert len(newcomer.snapshot()) == 2 and room.held() <= room.limit
    works[0].snapshot()
    works[1].bring(files("again".ljust(FILE, ".")))
    assert not works[1].gave_way


def test_where_all_are_at_work_the_newcomer_is_refused_in_a_sentence() -> None:
    clock = Clock()
    room = ServerRoom(2 * FILE, idle=60, clock=clock)
    gates = [Gate() for _ in range(2)]
    works = [Worklist(reader_of(score), decode=gate, room=room) for gate in gates]
    for number, work in enumerate(works):
        work.bring(files(f"gate{number}".ljust(FILE, "."), f"waits{number}".ljust(FILE, ".")))
    refused = [row.sentence for work in works for row in work.snapshot() if row.status is Status.REFUSED]
    assert refused and all("holds as many films as it may" in sentence for sentence in refused)
    for gate in gates:
        gate.open.set()
    for work in works:
        done(work)
        assert not work.gave_way


def test_nobody_takes_more_than_half() -> None:
    room = ServerRoom(4 * EACH, idle=0, clock=Clock())
    work = session(room, b"a")
    with pytest.raises(LimitError, match="as many films as it may"):
        room.claim(work, 2 * EACH)
    bring(work, b"b")
    assert [row.status for row in work.snapshot()] == [Status.READ] * 2


def test_films_that_were_left_go_before_those_that_are_looked_at() -> None:
    clock = Clock()
    room = ServerRoom(2 * FILE, idle=60, clock=clock)
    left, here = (Worklist(reader_of(score), decode=decode, room=room) for _ in range(2))
    lease = SessionLease(left, grace=100)
    lease.release()
    assert left.used == -math.inf and here.used == 0.0
    lease.renew()
    assert left.used == 0.0


def test_a_worklist_that_is_gone_holds_nothing() -> None:
    room = ServerRoom(100 * EACH, clock=Clock())
    work = session(room, b"a")
    assert room.held() == EACH
    del work
    gc.collect()
    assert room.held() == 0
