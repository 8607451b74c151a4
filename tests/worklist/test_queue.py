"""Films read in the background: whatever happens to one of them, the others get their readings."""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from chexview.films.grey import grey
from chexview.films.radiograph import Radiograph
from chexview.model.eye import eye
from chexview.model.input_check import SIZE
from chexview.model.reading import Reading
from chexview.settings import BUNDLED
from chexview.worklist import queue
from chexview.worklist.entries import Status
from chexview.worklist.input_files import InputFile
from chexview.worklist.queue import Worklist, progress
from chexview.worklist.turns import Turns
from tests.worklist.making import SECONDS, Gate, archive, decode, done, files, film, names, reader_of, score

FILMS = BUNDLED / "films"
PNG = FILMS / "00021782_018.png"


def test_films_are_read_in_their_order_and_the_broken_ones_cost_only_themselves(
    caplog: pytest.LogCaptureFixture,
) -> None:
    box = Worklist(reader_of(score), decode=decode)
    with caplog.at_level(logging.DEBUG):
        ids = box.bring(files("a", "broken", "b", "worse", "c", "lateral", "d"))
        rows = done(box)
    assert [row.id for row in rows] == list(ids)
    assert names(rows) == ["a", "b", "c", "d"]
    assert [row.sentence for row in rows if row.status is Status.REFUSED] == [
        "The file is cut short; export the film again.",
        "The file cannot be read; export the film again.",
    ]
    assert all(row.reading is not None and row.reading.film_digest == row.digest for row in rows if row.sentence == "")
    assert "OSError" in caplog.text
    assert "entinel" not in caplog.text
    assert box.progress().done == box.progress().total == 7
    assert not box.is_busy


def test_bringing_does_not_wait_and_progress_is_told() -> None:
    gate = Gate()
    box = Worklist(reader_of(score), decode=gate)
    box.bring(files("a", "gate", "b"))
    assert gate.reached.wait(SECONDS)
    assert [row.status for row in box.snapshot()] == [Status.READ, Status.READING, Status.WAITING]
    progress = box.progress()
    assert (progress.done, progress.total) == (1, 3)
    assert progress.seconds_left is not None
    assert box.is_busy
    assert not box.wait(0)
    assert box.memory().waiting == 1
    box.bring(files("c"))
    assert box.progress().total == 4
    gate.open.set()
    assert names(done(box)) == ["a", "gate", "b", "c"]
    assert box.memory().waiting == 0
    box.bring(files("d"))
    assert box.progress().total == 1
    assert box.wait(SECONDS)


def test_the_estimate_is_of_what_is_left() -> None:
    assert progress(0, 10, 5.0).seconds_left is None
    assert progress(4, 10, 8.0).seconds_left == 12.0
    assert progress(10, 10, 8.0).seconds_left == 0.0
    assert (progress(4, 10, 8.0).share, progress(0, 0, 1.0).share) == (0.4, 1.0)


def test_cancelling_midway_finishes_the_film_that_is_read_and_drops_the_rest() -> None:
    gate = Gate()
    box = Worklist(reader_of(score), decode=gate)
    box.bring(files("a", "gate", "b", "c"))
    assert gate.reached.wait(SECONDS)
    box.cancel()
    assert names(box.snapshot(), Status.WAITING) == []
    assert box.progress().total == 2
    gate.open.set()
    assert names(done(box)) == ["a", "gate"]
    assert gate.calls == ["a.png", "gate.png"]
    box.bring(files("b"))
    assert names(done(box)) == ["a", "gate", "b"]


def test_films_may_be_removed_while_they_wait_are_read_or_were_read() -> None:
    gate = Gate()
    box = Worklist(reader_of(score), decode=gate)
    first, second, third, fourth = box.bring(files("a", "gate", "b", "c"))
    assert gate.reached.wait(SECONDS)
    box.remove(first, second, third)
    assert [row.id for row in box.snapshot()] == [fourth]
    gate.open.set()
    assert names(done(box)) == ["c"]
    assert "b.png" not in gate.calls
    assert box.memory().packed == len(b"c")
    box.bring(files("gate"))
    assert names(done(box)) == ["c", "gate"]


def test_a_film_removed_while_it_is_scored_stays_away() -> None:
    scoring, go = threading.Event(), threading.Event()

    def slow(films: list[Radiograph]) -> list[Reading]:
        scoring.set()
        assert go.wait(SECONDS)
        return score(films)

    box = Worklist(reader_of(slow), decode=decode)
    box.bring(files("a"))
    assert scoring.wait(SECONDS)
    (row,) = box.snapshot()
    assert row.status is Status.READING
    assert row.thumbnail is not None
    assert box.open(row.id) is not None
    box.clear()
    go.set()
    assert done(box) == ()
    assert box.memory().pixels == box.memory().packed == 0


def test_a_film_brought_twice_is_read_once() -> None:
    gate = Gate()
    box = Worklist(reader_of(score), decode=gate)
    box.bring([InputFile("a.png", b"a"), InputFile("again.png", b"a"), InputFile("b.png", b"b")])
    assert names(done(box)) == ["a", "b"]
    box.bring([InputFile("later.png", b"b")])
    assert names(done(box)) == ["a", "b"]
    assert gate.calls == ["a.png", "b.png"]
    assert box.progress().done == box.progress().total == 1
    entry = box.open()
    assert entry is not None
    assert entry.name == "b.png"


def test_a_removed_film_may_come_back() -> None:
    box = Worklist(reader_of(score), decode=decode)
    (first,) = box.bring(files("a"))
    done(box)
    box.remove(first)
    (second,) = box.bring(files("a"))
    assert names(done(box)) == ["a"]
    assert first != second


def test_the_first_film_that_comes_is_shown_until_another_is_chosen() -> None:
    box = Worklist(reader_of(score), decode=decode)
    assert box.shown is None
    assert box.open() is None
    broken, a, b = box.bring(files("broken", "a", "b"))
    done(box)
    assert box.shown == a
    box.show(b)
    assert box.shown == b
    box.show(broken)
    box.show("nobody")
    assert box.shown == b
    (c,) = box.bring(files("c"))
    done(box)
    assert box.shown == c
    box.remove(c)
    assert box.shown == a
    assert box.open(broken) is None
    assert box.open("nobody") is None
    other = box.open(b)
    assert other is not None
    assert other.id == b
    assert box.shown == a


def test_a_film_is_told_of_before_it_is_scored_unless_others_wait_for_a_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    turns, order = Turns(1), list[str]()
    monkeypatch.setattr(queue, "TURNS", turns)

    def scored(films: list[Radiograph]) -> list[Reading]:
        order.append("scored")
        return score(films)

    def note() -> None:
        entry = box.open()
        assert entry is not None
        assert entry.reading is None
        order.append(f"told of {entry.name}")

    box = Worklist(reader_of(scored), decode=decode)
    box.on_decoded = note
    box.bring(files("broken"))
    done(box)
    box.bring(files("a"))
    done(box)
    assert order == ["told of a.png", "scored"]
    monkeypatch.setattr(Turns, "waiting", 1)
    box.bring(files("b"))
    done(box)
    assert order == ["told of a.png", "scored", "scored"]
    box.close()
    assert box.on_decoded is None


def test_refusals_go_when_dismissed_or_when_the_next_files_come() -> None:
    box = Worklist(reader_of(score), decode=decode)
    box.bring(files("broken", "a"))
    assert names(done(box), Status.REFUSED) == ["broken"]
    box.dismiss()
    assert names(box.snapshot()) == ["a"]
    box.bring(files("broken"))
    done(box)
    box.bring(files("b"))
    assert len(done(box)) == 2


def test_withheld_films_are_scored_only_when_insisted() -> None:
    calls: list[int] = []

    def counted(films: list[Radiograph]) -> list[Reading]:
        calls.append(len(films))
        return score(films)

    def check(picture: npt.NDArray[np.uint8]) -> str | None:
        return "It is no chest." if np.array_equal(picture, foot) else None

    foot = eye(grey(film(b"foot")), SIZE).picture
    box = Worklist(reader_of(counted, check), decode=decode)
    lateral, checked, plain = box.bring(files("lateral", "foot", "a"))
    rows = done(box)
    assert [row.held_back for row in rows] == ["This is a lateral film.", "It is no chest.", None]
    assert calls == [1]
    for id, sentence in ((lateral, "This is a lateral film."), (checked, "It is no chest.")):
        box.insist(id)
        assert box.wait(SECONDS)
        entry = box.open(id)
        assert entry is not None
        assert entry.status is Status.READ
        assert entry.insisted
        assert entry.reading is not None
        assert entry.held_back is None
        assert entry.objection == entry.film.withheld == sentence
    box.insist(plain)
    box.insist("nobody")
    assert box.wait(SECONDS)
    assert calls == [1, 1, 1]


def test_a_film_insisted_on_comes_before_all_that_wait() -> None:
    gate = Gate()
    order: list[str] = []

    def noted(films: list[Radiograph]) -> list[Reading]:
        order.extend(film.digest for film in films)
        return score(films)

    box = Worklist(reader_of(noted), decode=gate)
    (lateral,) = box.bring(files("lateral"))
    done(box)
    box.bring(files("gate", "a", "b"))
    assert gate.reached.wait(SECONDS)
    box.insist(lateral)
    assert box.snapshot()[0].status is Status.READING
    gate.open.set()
    done(box)
    assert order == [film(text).digest for text in (b"gate", b"lateral", b"a", b"b")]


def test_a_film_that_cannot_be_scored_is_withheld_until_it_can() -> None:
    broken = [True]

    def moody(films: list[Radiograph]) -> list[Reading]:
        if broken[0]:
            raise RuntimeError("CUDA out of memory")
        return score(films)

    box = Worklist(reader_of(moody), decode=decode)
    a, _ = box.bring(files("a", "b"))
    assert [row.held_back for row in done(box)] == ["The film could not be scored; try again."] * 2
    box.insist(a)
    assert done(box)[0].status is Status.WITHHELD
    broken[0] = False
    box.insist(a)
    rows = done(box)
    assert [row.status for row in rows] == [Status.READ, Status.WITHHELD]
    assert (rows[0].sentence, rows[0].objection) == ("", "")


def test_without_a_checkpoint_films_are_shown_and_scored_when_there_is_one() -> None:
    box = Worklist(None, decode=decode)
    box.bring(files("a", "lateral", "b"))
    rows = done(box)
    assert names(rows) == ["a", "b"]
    assert [row.reading for row in rows] == [None] * 3
    box.use(reader_of(score))
    assert [row.reading is not None for row in done(box)] == [True, False, True]
    thread = box.is_busy
    box.use(reader_of(score))
    assert not thread
    assert not box.is_busy


def test_a_film_that_is_being_read_when_the_checkpoint_comes_is_checked_and_scored() -> None:
    gate = Gate()
    box = Worklist(None, decode=gate)
    box.bring(files("gate", "b"))
    assert gate.reached.wait(SECONDS)
    box.use(reader_of(score, lambda picture: None))
    gate.open.set()
    rows = done(box)
    assert [(row.status, row.reading is not None) for row in rows] == [(Status.READ, True)] * 2
    assert not box.is_busy and box.progress().done == 2


def test_batches_begin_with_one_and_hold_four_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    def noted(films: list[Radiograph]) -> list[Reading]:
        sizes.append(len(films))
        return score(films)

    monkeypatch.setattr(queue, "PATIENCE_SECONDS", 60.0)
    box = Worklist(reader_of(noted), decode=decode)
    box.bring(files(*(f"film {n}" for n in range(14))))
    done(box)
    assert sizes == [1, 1, 2, 4, 4, 2]
    monkeypatch.setattr(queue, "PATIENCE_SECONDS", 0.0)
    sizes.clear()
    box.bring(files(*(f"other {n}" for n in range(6))))
    done(box)
    assert sizes == [1] * 6


def test_archives_are_taken_apart_and_share_their_bytes() -> None:
    gate = Gate()
    box = Worklist(reader_of(score), decode=gate)
    data = archive({"gate.png": b"gate", "x/b.png": b"b", "broken.png": b"broken", ".x": b"x"})
    box.bring([InputFile("study.zip", data, "from a study"), InputFile("cut.zip", data[:50])])
    assert gate.reached.wait(SECONDS)
    assert box.memory().waiting == len(data)
    gate.open.set()
    rows = done(box)
    assert [row.name for row in rows] == ["gate.png", "x/b.png", "broken.png", "cut.zip"]
    assert [row.status for row in rows] == [Status.READ, Status.READ, Status.REFUSED, Status.REFUSED]
    assert rows[0].remark == "from a study"
    assert box.memory().waiting == 0


def test_snapshots_are_of_one_moment() -> None:
    box = Worklist(reader_of(score), decode=decode)
    box.bring(files("lateral"))
    before = done(box)
    box.insist(before[0].id)
    assert done(box)[0].status is Status.READ
    assert before[0].status is Status.WITHHELD


def with_objection(sentence: str) -> Callable[[npt.NDArray[np.uint8]], str | None]:
    return lambda picture: sentence


def test_the_checks_sentence_survives_decoding_again() -> None:
    box = Worklist(reader_of(score, with_objection("It is no chest.")), decode=decode, pixels_limit=0)
    box.bring(files("a"))
    (row,) = done(box)
    assert box.memory().pixels == 0
    entry = box.open(row.id)
    assert entry is not None
    assert entry.film.withheld == row.held_back == "It is no chest."
    assert replace(entry.film, withheld=None).digest == row.digest
