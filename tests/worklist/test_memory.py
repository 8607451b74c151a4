"""The bounds of a worklist's memory, and that everything is let go of when it is closed."""

import gc
import tracemalloc
import weakref

import numpy as np
import pytest

from chexview.films.radiograph import Radiograph
from chexview.films.read import read
from chexview.model.reading import Reading
from chexview.settings import BUNDLED
from chexview.worklist import queue
from chexview.worklist.entries import Status
from chexview.worklist.input_files import InputFile
from chexview.worklist.queue import Worklist
from tests.worklist.making import SECONDS, Gate, decode, done, files, film, names, reader_of, score

FILMS = BUNDLED / "films"


def test_files_that_wait_are_bounded_too() -> None:
    gate = Gate()
    box = Worklist(reader_of(score), decode=gate, waiting_limit=10)
    box.bring(files("gate"))
    assert gate.reached.wait(SECONDS)
    box.bring(files("12345678", "123", "12"))
    assert names(box.snapshot(), Status.REFUSED) == ["123"]
    assert box.memory().waiting == box.memory().waiting_limit == 10
    gate.open.set()
    assert names(done(box)) == ["gate", "12345678", "12"]


def test_a_film_for_which_there_is_no_room_is_refused() -> None:
    box = Worklist(reader_of(score), decode=decode, packed_limit=10)
    box.bring(files("12345678", "123456", "12"))
    rows = done(box)
    assert names(rows) == ["12345678", "12"]
    assert "remove some" in rows[1].sentence
    box.remove(rows[0].id)
    box.bring(files("123456"))
    assert names(done(box)) == ["12", "123456"]


@pytest.mark.parametrize(("rows", "columns"), [(1024, 1024), (1600, 1500)])
def test_memory_stays_flat_over_two_hundred_films(rows: int, columns: int) -> None:
    def large(data: bytes, name: str) -> Radiograph:
        return film(data, np.full((rows, columns), int(data) * 20, np.uint16))

    each, room = rows * columns * 2, 8
    heights: list[int] = []

    def noted(films: list[Radiograph]) -> list[Reading]:
        heights.append(tracemalloc.get_traced_memory()[0])
        return score(films)

    box = Worklist(reader_of(noted), decode=large, pixels_limit=room * each)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        box.bring(files(*(str(n) for n in range(200))))
        assert box.wait(60)
        gc.collect()
        after = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    memory = box.memory()
    assert (memory.pixels, memory.pixels_limit) == (room * each, room * each)
    kept = sum(row.thumbnail.nbytes for row in box.snapshot() if row.thumbnail is not None)
    assert len(names(box.snapshot())) == 200
    assert after < room * each + kept + 4 * 2**20
    assert max(heights) - before < (room + queue.BATCH + 1) * each + kept + 4 * 2**20
    first = box.open(box.snapshot()[7].id)
    assert first is not None
    assert np.unique(first.film.pixels).tolist() == [140]
    assert box.memory().pixels == room * each


def test_a_film_let_go_is_decoded_again_to_the_same_pixels() -> None:
    paths = sorted(path for path in FILMS.iterdir() if path.suffix in (".png", ".dcm"))
    box = Worklist(reader_of(score), pixels_limit=2**21)
    box.bring([InputFile(path.name, path.read_bytes()) for path in paths])
    rows = done(box)
    assert [row.name for row in rows] == [path.name for path in paths]
    assert box.memory().pixels <= 2**21
    assert 0 < box.memory().packed <= sum(path.stat().st_size for path in paths)
    for row, path in zip(rows, paths, strict=True):
        entry, whole = box.open(row.id), read(path.read_bytes())
        assert entry is not None
        np.testing.assert_array_equal(entry.film.pixels, whole.pixels)
        assert entry.film.digest == row.digest == whole.digest
        assert entry.film.steps == whole.steps
        assert row.facts is not None
        assert row.facts.header == whole.header


def test_closing_frees_everything_even_what_is_being_read() -> None:
    arrays: list[weakref.ref[np.ndarray]] = []

    def watched(data: bytes, name: str) -> Radiograph:
        made = gate(data, name)
        arrays.append(weakref.ref(made.pixels))
        return made

    gate = Gate()
    box = Worklist(reader_of(score), decode=watched)
    ids = box.bring(files("a", "lateral", "b", "gate", "c"))
    assert gate.reached.wait(SECONDS)
    assert box.open(ids[0]) is not None
    box.close()
    assert box.snapshot() == ()
    assert box.memory().pixels == box.memory().packed == box.memory().waiting == 0
    gate.open.set()
    assert box.wait(SECONDS)
    gc.collect()
    assert len(arrays) == 4
    assert [array() for array in arrays] == [None] * 4
    assert box.bring(files("d")) == ()
    box.use(reader_of(score))
    assert box.snapshot() == ()
    assert not box.is_busy
