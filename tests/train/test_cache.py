"""The cache: the same bytes however it came about, and nothing done twice."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from chexview.errors import DataError
from train import cache, index


@pytest.fixture()
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "CHUNK", 7)


def alone(monkeypatch: pytest.MonkeyPatch, stop_after: int = 10**9) -> list[int]:
    """Work in this process, without spawning; jobs done are noted, and after ``stop_after`` of them comes a kill."""
    done: list[int] = []

    class Pool:
        def __init__(self, *_: object, **__: object) -> None: ...

        def submit(self, work: object, job: cache._Job) -> object:
            return job

        def shutdown(self, **_: object) -> None: ...

    class Result:
        def __init__(self, job: cache._Job) -> None:
            self.job = job

        def result(self) -> object:
            if len(done) >= stop_after:
                raise KeyboardInterrupt
            done.append(self.job.number)
            return cache._work(self.job)

    monkeypatch.setattr(cache, "ProcessPoolExecutor", Pool)
    monkeypatch.setattr(cache, "as_completed", lambda jobs: [Result(job) for job in jobs])
    return done


@pytest.mark.usefixtures("small")
def test_a_build_that_was_cut_off_goes_on_where_it_stopped(
    indexed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = index.load(indexed)
    whole = cache.build(table, indexed, 32)
    first = alone(monkeypatch, stop_after=3)
    with pytest.raises(KeyboardInterrupt):
        cache.build(table, tmp_path, 32)
    assert len(first) == 3 and not (tmp_path / "films-32.npy").exists()
    with (tmp_path / "films-32.journal").open("a") as journal:
        journal.write("[9, ")  # a line cut in its middle
    rest = alone(monkeypatch)
    resumed = cache.build(table, tmp_path, 32)
    assert not set(first) & set(rest) and len(rest) >= 3
    np.testing.assert_array_equal(resumed.films, whole.films)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["films-32.json", "films-32.npy"]


@pytest.mark.usefixtures("small")
def test_a_journal_of_another_index_is_not_gone_on_with(
    indexed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = index.load(indexed)
    alone(monkeypatch, stop_after=2)
    with pytest.raises(KeyboardInterrupt):
        cache.build(table, tmp_path, 32)
    done = alone(monkeypatch)
    fewer = table.iloc[3:].reset_index(drop=True)
    made = cache.build(fewer, tmp_path, 32)
    assert len(done) == len(set(done)) and len(made.films) == len(fewer)
    np.testing.assert_array_equal(made.films, cache.build(table, indexed, 32).films[3:])


def test_a_disk_that_is_too_small_is_told_before_and_a_full_one_keeps_what_is_done(
    indexed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = index.load(indexed)
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1000, 900, 100))
        with pytest.raises(DataError, match=r"needs 0\.0 GB, and the disk has 0\.0 GB"):
            cache.build(table, tmp_path, 32)
    monkeypatch.setattr(cache, "CHUNK", 7)
    alone(monkeypatch)
    work = cache._work

    def full(job: cache._Job) -> object:
        if job.number == 2:
            raise OSError(28, os.strerror(28))
        return work(job)

    monkeypatch.setattr(cache, "_work", full)
    with pytest.raises(DataError, match=r"No space left on device.*run the same command again"):
        cache.build(table, tmp_path, 32)
    assert len((tmp_path / "films-32.journal").read_text().splitlines()) == 1 + 2


def test_soft_films_have_lost_what_a_soft_copy_has_not() -> None:
    """A line of one pixel in 640 is gone, a coarse step stays; and the shape is that of the soft films."""
    film = np.zeros((640, 640), np.float32)
    film[:, 320:] = 0.5
    film[100] = 1.0
    soft = cache.soften(film)
    assert soft.shape == (176, 176) and soft.dtype == np.float32
    assert soft[:, :60].max() < 0.5
    assert abs(soft[120:, 150:].mean() - 0.5) < 0.01 and soft[120:, :30].mean() < 0.01


def test_colour_and_alpha_pictures_are_seen_as_their_grey_ones(tmp_path: Path) -> None:
    grey = np.random.default_rng(0).integers(0, 256, (90, 96), dtype=np.uint8)
    pictures = {}
    for mode in ("L", "RGB", "RGBA"):
        Image.fromarray(grey).convert(mode).save(tmp_path / f"{mode}.png")
        pictures[mode] = cache.see((tmp_path / f"{mode}.png").read_bytes(), 64)
    np.testing.assert_array_equal(pictures["RGB"], pictures["L"])
    np.testing.assert_array_equal(pictures["RGBA"], pictures["L"])


def test_the_note_names_what_a_cache_belongs_to(indexed: Path) -> None:
    table = index.load(indexed)
    cache.build(table, indexed, 32)
    note = json.loads((indexed / "films-32.json").read_text())
    assert note["index"] == cache.fingerprint(table) and note["size"] == 32 and note["unreadable"] == []
