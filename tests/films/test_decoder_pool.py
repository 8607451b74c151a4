"""The decoding children: limits that hold, replacement, concurrency."""

import hashlib
import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from chexview.errors import DamagedError, FilmError, LimitError
from chexview.films import decoder_pool
from chexview.films.decoder_pool import DecoderPool
from chexview.films.dicom import read_dicom
from chexview.films.radiograph import VoiTable
from tests.films.builders import (
    film,
    ramp,
    table,
)
from tests.films.children import SCRIPT, child
from tests.films.expectations import is_sentence


def test_a_film_comes_back_as_it_was_read(pools: list[DecoderPool]) -> None:
    pools.append(DecoderPool(1))
    data = film(
        VOILUTSequence=[table(0, np.arange(4096), 12)],
        WindowCenter="9",
        WindowWidth="9",
        PixelPaddingValue=7,
        PixelSpacing=["0.3", "0.2"],
    )
    here, there = read_dicom(data, hashlib.sha256(data).hexdigest()), pools[0].read(data)
    assert np.array_equal(here.pixels, there.pixels)
    assert here.padding is not None and there.padding is not None and np.array_equal(here.padding, there.padding)
    first, second = here.views[0], there.views[0]
    assert isinstance(first, VoiTable) and isinstance(second, VoiTable) and np.array_equal(first.values, second.values)
    assert here.views[1:] == there.views[1:]
    for name in ("scale", "offset", "digest", "inverted", "pixel_aspect", "spacing", "view", "body_part", "header"):
        assert getattr(here, name) == getattr(there, name)
    assert (here.identity, here.steps, here.cautions, here.withheld) == (
        there.identity,
        there.steps,
        there.cautions,
        there.withheld,
    )


def test_overhead_is_small(pools: list[DecoderPool]) -> None:
    pools.append(DecoderPool(1))
    data = film()
    pools[0].read(data)
    times = []
    for _ in range(20):
        started = time.perf_counter()
        pools[0].read(data)
        times.append(time.perf_counter() - started)
    started = time.perf_counter()
    read_dicom(data, "d")
    inside = time.perf_counter() - started
    print(f"\na small film: {1000 * sorted(times)[10]:.1f} ms through the child, {1000 * inside:.1f} ms in process")


def test_a_killed_child_is_replaced(pools: list[DecoderPool]) -> None:
    pools.append(DecoderPool(1))
    pools[0].read(film())
    (first,) = pools[0].processes()
    os.kill(first, signal.SIGTERM)
    assert pools[0].read(film()).pixels.shape == (64, 64)
    (second,) = pools[0].processes()
    assert second != first


def test_a_child_that_dies_on_a_film_gives_one_sentence(pools: list[DecoderPool]) -> None:
    pools.append(DecoderPool(1, command=child("os._exit(3)")))
    for _ in range(2):
        with pytest.raises(DamagedError) as found:
            pools[0].read(b"film")
        assert is_sentence(str(found.value))


def test_a_film_is_not_blamed_for_its_predecessors(tmp_path: Path, pools: list[DecoderPool]) -> None:
    mark = tmp_path / "mark"
    body = f"""
        if os.path.exists({str(mark)!r}):
            os.remove({str(mark)!r}); os._exit(3)
        wire.send(sys.stdout, {{"error": "LimitError", "text": "From the second child."}})
    """
    pools.append(DecoderPool(1, command=child(body)))
    with pytest.raises(LimitError, match="From the second child"):
        pools[0].read(b"film")
    mark.touch()
    with pytest.raises(LimitError, match="From the second child"):
        pools[0].read(b"film")


def test_a_hang_ends_in_a_limit_error(pools: list[DecoderPool]) -> None:
    pools.append(DecoderPool(1, command=child("time.sleep(60)"), seconds=0.5))
    started = time.perf_counter()
    with pytest.raises(LimitError, match=r"longer than 0\.5 seconds") as found:
        pools[0].read(b"film")
    assert time.perf_counter() - started < 30
    assert is_sentence(str(found.value))
    assert pools[0].processes() == ()


@pytest.mark.parametrize(("had", "transient"), [(0.2, True), (0.3, False)])
def test_time_without_a_processor_is_not_put_down_to_the_film(
    had: float, transient: bool, pools: list[DecoderPool], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter((5.0, 5.0 + had))
    pools.append(DecoderPool(1, command=child("time.sleep(60)"), seconds=0.5))
    pools[0].warm()
    monkeypatch.setattr(decoder_pool, "_processor_seconds", lambda process: next(clock))
    with pytest.raises(LimitError) as found:
        pools[0].read(b"film")
    assert found.value.transient == transient


def test_a_child_that_does_not_even_listen_ends_in_a_limit_error(pools: list[DecoderPool]) -> None:
    script = SCRIPT.replace("while (request := wire.receive(sys.stdin)) is not None:", "time.sleep(60)")
    pools.append(DecoderPool(1, command=(sys.executable, "-P", "-c", script), seconds=0.5))
    with pytest.raises(LimitError):
        pools[0].read(bytes(2**24))


def test_a_memory_hog_ends_in_a_limit_error_without_the_systems_help(pools: list[DecoderPool]) -> None:
    body = """
        hoard = []
        while True:
            hoard.append(bytearray(os.urandom(2**20)) * 4); time.sleep(0.001)
    """
    pools.append(DecoderPool(1, command=child(body), memory=200 * 2**20))
    with pytest.raises(LimitError, match="more than 200 MB") as found:
        pools[0].read(b"film")
    assert is_sentence(str(found.value))


def test_children_are_recycled(pools: list[DecoderPool]) -> None:
    pools.append(DecoderPool(1, films=2))
    seen = set()
    for _ in range(4):
        pools[0].read(film())
        seen.update(pools[0].processes())
    assert len(seen) == 2


def test_eight_threads(pools: list[DecoderPool]) -> None:
    pools.append(DecoderPool(2))
    films = [film(ramp() // (number + 1)) for number in range(8)]

    def one(number: int) -> bool:
        expected = ramp() // (number % 8 + 1)
        return bool(np.array_equal(pools[0].read(films[number % 8]).pixels, expected))

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(one, range(120)))
    assert len(pools[0].processes()) <= 2


def test_a_closed_pool_says_so_and_leaves_no_process(pools: list[DecoderPool]) -> None:
    pool = DecoderPool(1)
    pool.read(film())
    (process,) = pool.processes()
    pool.close()
    assert pool.processes() == ()
    assert not Path(f"/proc/{process}").exists()
    with pytest.raises(FilmError, match="closing") as found:
        pool.read(film())
    assert found.value.transient


def test_a_decoder_that_does_not_start_gives_one_sentence(pools: list[DecoderPool]) -> None:
    pools.append(DecoderPool(1, command=(sys.executable, "-c", "raise SystemExit(1)")))
    with pytest.raises(FilmError, match="does not start") as found:
        pools[0].read(film())
    assert is_sentence(str(found.value))


@pytest.mark.parametrize(
    "body",
    [
        "sys.stdout.write(b'some library says hello, at length'); sys.stdout.flush()",
        "wire.send(sys.stdout, {'shape': [9, 9]}, [b'short'])",
        "wire.send(sys.stdout, {'shape': 'no'}, [])",
        "sys.stdout.write(b'\\0\\0\\0\\2' + b'\\0' * 8 + b'[]'); sys.stdout.flush()",
    ],
)
def test_an_answer_that_is_none_is_a_damaged_film(body: str, pools: list[DecoderPool]) -> None:
    pools.append(DecoderPool(1, command=child(body), seconds=2))
    with pytest.raises(DamagedError):
        pools[0].read(b"film")


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal here")
@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("os.kill(os.getpid(), 9)", "the system ended its decoder twice"),
        ("os.kill(os.getpid(), 6)", "crashed twice"),
        ("os._exit(3)", "crashed twice"),
    ],
)
def test_a_killed_child_is_no_damaged_film(how: str, words: str, tmp_path: Path, pools: list[DecoderPool]) -> None:
    body = f"""
        with open({str(tmp_path / "tries")!r}, "a") as file:
            file.write("x")
        {how}
    """
    pools.append(DecoderPool(1, command=child(body)))
    with pytest.raises(FilmError, match=words) as found:
        pools[0].read(b"film")
    assert is_sentence(str(found.value)) and "hostile" not in str(found.value)
    assert isinstance(found.value, DamagedError) == ("crashed" in words) == (not found.value.transient)
    assert (tmp_path / "tries").read_text() == "xx"


def test_a_child_killed_once_is_asked_again(tmp_path: Path, pools: list[DecoderPool]) -> None:
    body = f"""
        if not os.path.exists({str(tmp_path / "mark")!r}):
            open({str(tmp_path / "mark")!r}, "w").close()
            os.kill(os.getpid(), 9)
        wire.send(sys.stdout, {{"error": "LimitError", "text": "From the second child."}})
    """
    pools.append(DecoderPool(1, command=child(body)))
    with pytest.raises(LimitError, match="From the second child"):
        pools[0].read(b"film")


def test_a_warm_decoder_reads_the_first_film(pools: list[DecoderPool]) -> None:
    pools.append(DecoderPool(2))
    pools[0].warm()
    started = pools[0].processes()
    assert len(started) == 1
    pools[0].read(film())
    assert pools[0].processes() == started


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have pipes of one size")
def test_pipes_hold_most_of_a_film() -> None:
    import fcntl

    pool = DecoderPool(1)
    pool.warm()
    (child,) = pool._children
    pipes = child._process.stdin, child._process.stdout
    assert [fcntl.fcntl(pipe.fileno(), fcntl.F_GETPIPE_SZ) for pipe in pipes if pipe is not None] == [2**20] * 2
    pool.close()
