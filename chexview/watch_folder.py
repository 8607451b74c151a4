"""What arrives in a folder, once it has arrived whole, and a result for each film that no interruption loses or doubles.

A file counts as arrived when its size and its time of change were the same at two looks, one after the other, and still are
after it was read. Its result is written under a temporary name and renamed, and holds the file's digest: who starts anew skips
what has a result of that digest. The result of a transient refusal holds none: the file is read again at the next looks, a few
times, and by who starts anew.
"""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from chexview.atomic import write_atomically
from chexview.films.limits import FILE_BYTES
from chexview.worklist.batch_reading import FileOutcome, FilmFile

TRIES = 3
"""Looks at which one watch reads a file whose refusals are transient."""
MARK = ".chexview."
"""Stands in the names of results, which are no films."""
_UNFINISHED = (".part", ".tmp", ".crdownload", ".filepart")


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells that a file has changed: its size in bytes, and its time of change and its number on the disk."""

    size: int
    changed_ns: int
    number: int


@dataclass(slots=True)
class FolderWatch:
    """The files of a folder and those below it, look by look. ``settled`` is what a look finds to have arrived."""

    folder: Path
    _last: dict[Path, Stamp] = field(default_factory=dict)
    _taken: dict[Path, Stamp] = field(default_factory=dict)
    _tries: dict[tuple[Path, Stamp], int] = field(default_factory=dict)

    def settled(self) -> list[Path]:
        """Files that have not changed since the last look and were not taken as they are, in order of name."""
        now = dict(self._listed())
        found = [path for path, stamp in now.items() if self._last.get(path) == stamp != self._taken.get(path)]
        self._taken = {path: stamp for path, stamp in self._taken.items() if path in now}
        self._last = now
        return sorted(path for path in found if now[path].size)

    @property
    def is_waiting(self) -> bool:
        """Whether a file was there at the last look that is not taken as it is."""
        return any(stamp.size and self._taken.get(path) != stamp for path, stamp in self._last.items())

    def is_unchanged(self, path: Path) -> bool:
        """Whether a file is still as the last look found it."""
        return path in self._last and _stamp(path) == self._last[path]

    def take(self, path: Path) -> None:
        """The file is done with, until it changes."""
        if path in self._last:
            self._taken[path] = self._last[path]

    def take_for_now(self, path: Path) -> None:
        """The file could not be read this time: it is done with after the last of its tries."""
        if path in self._last:
            tried = (path, self._last[path])
            self._tries[tried] = self._tries.get(tried, 0) + 1
            if self._tries[tried] >= TRIES:
                self.take(path)

    def _listed(self) -> Iterator[tuple[Path, Stamp]]:
        for where, folders, names in os.walk(self.folder):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in names:
                if name.startswith(".") or MARK in name or name.lower().endswith(_UNFINISHED):
                    continue
                path = Path(where, name)
                stamp = _stamp(path)
                if stamp is not None:
                    yield path, stamp


def _stamp(path: Path) -> Stamp | None:
    """None if the file is gone, cannot be looked at, or is no regular file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return Stamp(found.st_size, found.st_mtime_ns, found.st_ino) if path.is_file() else None


@dataclass(frozen=True, slots=True)
class WatchedResults:
    """Where results lie and how one is written: beside the films, or below ``out`` as the films below their folder.

    ``write`` makes a result's text of an outcome and the file's digest ("" for a transient refusal); ``kind`` ends its name.
    """

    folder: Path
    out: Path | None
    kind: str
    write: Callable[[FileOutcome, str], str]

    def place(self, film: Path) -> Path:
        """The result's file."""
        base = film if self.out is None else self.out / film.relative_to(self.folder)
        return base.with_name(f"{film.name}{MARK}{self.kind}")

    def has(self, film: Path, digest: str) -> bool:
        """Whether there is a result of that digest already."""
        try:
            return digest in self.place(film).read_text(encoding="utf-8")
        except (OSError, ValueError):
            return False

    def save(self, film: Path, outcome: FileOutcome, digest: str) -> None:
        """Writes the result. Raises OSError if it cannot be."""
        place = self.place(film)
        place.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(place, self.write(outcome, digest).encode())


def read_settled(
    watch: FolderWatch,
    results: WatchedResults,
    read: Callable[[Sequence[FilmFile]], Iterator[FileOutcome]],
) -> Iterator[FileOutcome]:
    """One look: what has arrived is read, and its results are written; yields what became of each file that was read.

    A file that changes meanwhile, or whose result cannot be written, is left for a later look.
    """
    wanted: dict[Path, str] = {}
    for path in watch.settled():
        digest = _digest(path)
        if digest and results.has(path, digest):
            watch.take(path)
        elif digest:
            wanted[path] = digest
    for outcome in read([FilmFile(path, str(path)) for path in wanted]):
        path = outcome.file.path
        if not watch.is_unchanged(path) or (outcome.film is not None and outcome.film.digest != wanted[path]):
            continue
        results.save(path, outcome, "" if outcome.transient else wanted[path])
        if outcome.transient:
            watch.take_for_now(path)
        else:
            watch.take(path)
        yield outcome


def _digest(path: Path) -> str:
    """The SHA-256 of a file, of a longer one than is read of its beginning; "" if it cannot be read now."""
    digest, left = hashlib.sha256(), FILE_BYTES + 1
    try:
        with path.open("rb") as stream:
            while left > 0 and (chunk := stream.read(min(2**20, left))):
                digest.update(chunk)
                left -= len(chunk)
    except OSError:
        return ""
    return digest.hexdigest()
