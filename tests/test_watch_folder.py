"""Files that arrive, look by look, with a clock that the test turns."""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from io import StringIO
from pathlib import Path

import pytest

from chexview.errors import FilmError
from chexview.films.read import read as decode
from chexview.settings import BUNDLED
from chexview.watch_command import keep_watching
from chexview.watch_folder import TRIES, FolderWatch, WatchedResults, read_settled
from chexview.worklist.batch_reading import FileOutcome, FilmFile

FILM = (BUNDLED / "films" / "00021782_018.png").read_bytes()


class Reading:
    """Reads as the command does, without a network, and remembers what it read."""

    def __init__(self, meanwhile: Callable[[Path], None] = lambda path: None) -> None:
        self.read: list[str] = []
        self.meanwhile = meanwhile

    def __call__(self, files: Sequence[FilmFile]) -> Iterator[FileOutcome]:
        for file in files:
            self.read.append(file.path.name)
            self.meanwhile(file.path)
            try:
                yield FileOutcome(file, film=decode(file.path.read_bytes()), withheld="no network here")
            except FilmError as error:
                yield FileOutcome(file, refused=str(error))


def results(folder: Path, out: Path | None = None) -> WatchedResults:
    return WatchedResults(
        folder, out, "json", lambda outcome, digest: json.dumps({"digest": digest, "refused": outcome.refused})
    )


def turn(path: Path, data: bytes, second: int) -> None:
    """Writes the file, its time of change as the test's clock has it."""
    path.write_bytes(data)
    os.utime(path, (second, second))


def test_a_file_that_grows_is_left_until_it_has_arrived(tmp_path: Path) -> None:
    watch, reads = FolderWatch(tmp_path), Reading()
    seen = []
    for second in range(6):
        if second < 3:
            turn(tmp_path / "film.png", FILM[: len(FILM) * (second + 1) // 3], second)
        seen.append([outcome.file.path.name for outcome in read_settled(watch, results(tmp_path), reads)])
    assert seen == [[], [], [], ["film.png"], [], []]
    (written,) = tmp_path.glob("*.chexview.json")
    assert written.name == "film.png.chexview.json"
    assert json.loads(written.read_text()) == {"digest": decode(FILM).digest, "refused": None}


def test_a_file_of_one_size_that_is_still_written_is_left(tmp_path: Path) -> None:
    watch, reads = FolderWatch(tmp_path), Reading()
    for second in range(4):
        turn(tmp_path / "film.png", FILM, second)
        assert list(read_settled(watch, results(tmp_path), reads)) == []
    assert reads.read == []


def test_a_file_that_changes_while_it_is_read_is_read_again(tmp_path: Path) -> None:
    other = (BUNDLED / "films" / "00013125_000.png").read_bytes()
    turn(tmp_path / "film.png", FILM, 1)
    reads = Reading(lambda path: turn(path, other, 2) if len(reads.read) == 1 else None)
    watch = FolderWatch(tmp_path)
    found = [len(list(read_settled(watch, results(tmp_path), reads))) for _ in range(5)]
    assert found == [0, 0, 0, 1, 0] or found == [0, 0, 1, 0, 0]
    assert decode(other).digest in (tmp_path / "film.png.chexview.json").read_text()


def test_what_is_unfinished_hidden_empty_or_a_result_is_no_film(tmp_path: Path) -> None:
    for name in (".film.png", "film.png.part", "film.TMP", "film.chexview.json"):
        turn(tmp_path / name, FILM, 1)
    turn(tmp_path / "empty.png", b"", 1)
    (tmp_path / ".cache").mkdir()
    turn(tmp_path / ".cache" / "film.png", FILM, 1)
    (tmp_path / "gone.png").symlink_to(tmp_path / "nowhere")
    watch, reads = FolderWatch(tmp_path), Reading()
    assert [list(read_settled(watch, results(tmp_path), reads)) for _ in range(3)] == [[], [], []]
    assert not watch.is_waiting


def test_who_starts_anew_reads_only_what_has_no_result(tmp_path: Path) -> None:
    films, out = tmp_path / "in", tmp_path / "out"
    (films / "monday").mkdir(parents=True)
    for name in ("a.png", "monday/b.png", "bad.png"):
        turn(films / name, FILM if name != "bad.png" else b"no film", 1)
    first = Reading()
    watch = FolderWatch(films)
    done = [outcome.file.path.name for _ in range(3) for outcome in read_settled(watch, results(films, out), first)]
    assert done == ["a.png", "bad.png", "b.png"]
    assert (out / "monday" / "b.png.chexview.json").is_file()
    turn(films / "a.png", (BUNDLED / "films" / "00013125_000.png").read_bytes(), 5)
    again = Reading()
    watch = FolderWatch(films)
    assert [o.file.path.name for _ in range(3) for o in read_settled(watch, results(films, out), again)] == ["a.png"]
    assert again.read == ["a.png"]
    assert len(list(out.rglob("*.json"))) == 3


def test_a_file_that_goes_before_it_is_read_costs_only_itself(tmp_path: Path) -> None:
    turn(tmp_path / "a.png", FILM, 1)
    turn(tmp_path / "b.png", FILM, 1)
    watch, reads = FolderWatch(tmp_path), Reading()
    list(read_settled(watch, results(tmp_path), reads))
    (tmp_path / "a.png").unlink()
    assert [outcome.file.path.name for outcome in read_settled(watch, results(tmp_path), reads)] == ["b.png"]


def test_a_transient_refusal_is_tried_a_few_times_and_by_who_starts_anew(tmp_path: Path) -> None:
    turn(tmp_path / "film.png", FILM, 1)
    tries: list[str] = []

    def busy(files: Sequence[FilmFile]) -> Iterator[FileOutcome]:
        for file in files:
            tries.append(file.name)
            yield FileOutcome(file, refused="Killed.", transient=True)

    watch, found = FolderWatch(tmp_path), results(tmp_path)
    for _ in range(8):
        list(read_settled(watch, found, busy))
    assert len(tries) == TRIES and not watch.is_waiting
    assert json.loads(found.place(tmp_path / "film.png").read_text()) == {"digest": "", "refused": "Killed."}
    anew, reads = FolderWatch(tmp_path), Reading()
    for _ in range(3):
        list(read_settled(anew, found, reads))
    assert reads.read == ["film.png"]
    assert found.has(tmp_path / "film.png", decode(FILM).digest)


def test_it_sleeps_between_looks_and_says_what_it_read(tmp_path: Path) -> None:
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 1:
            turn(tmp_path / "late.png", b"no film", 9)

    turn(tmp_path / "film.png", FILM, 1)
    out = StringIO()
    count = keep_watching(FolderWatch(tmp_path), results(tmp_path), Reading(), out, every=3.0, once=True, sleep=sleep)
    assert (count, slept) == (2, [3.0, 3.0])
    first, second = out.getvalue().splitlines()
    assert "score withheld" in first and "late.png: refused." in second


def test_a_full_disk_is_said_and_tried_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    turn(tmp_path / "film.png", FILM, 1)
    blocked = tmp_path / "out"
    blocked.write_text("in the way")
    tries: list[float] = []

    def sleep(seconds: float) -> None:
        tries.append(seconds)
        if len(tries) == 3:
            blocked.unlink()

    found = results(tmp_path, blocked)
    watch = FolderWatch(tmp_path)
    assert keep_watching(watch, found, Reading(), StringIO(), every=1.0, once=True, sleep=sleep) >= 1
    assert "cannot be written" in capsys.readouterr().err
    assert found.place(tmp_path / "film.png").is_file()
