"""Many files to readings, in order: decoded in parallel, scored together, and never many in memory.

While the network scores one batch, or a few side by side, threads decode and check the films of the next.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from chexview.errors import FilmError, UsageError
from chexview.films.limits import check_file_bytes
from chexview.films.radiograph import Radiograph
from chexview.films.read import read
from chexview.model.predictor import BATCH
from chexview.model.reading import Reading
from chexview.worklist.entries import facts
from chexview.worklist.reader import Outcome, PreparedFilm, Reader

AHEAD = 2 * BATCH
"""Films that are decoded, or in a decoder's hands, and in no batch yet."""


@dataclass(frozen=True, slots=True)
class FilmFile:
    """A file as the user named it, and where its outputs lie below an output folder."""

    path: Path
    name: str

    @property
    def below(self) -> Path:
        """The path as given, without root and with ``__`` for steps upwards, so that outputs stay in their folder."""
        path = Path(self.name)
        return Path(*("__" if part == ".." else part for part in path.parts if part != path.anchor))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class FileOutcome:
    """What became of one file: ``refused`` says why it gave no film; else ``film`` is there, with or without a reading.

    ``withheld`` is the sentence on why there is no reading. ``transient`` marks a refusal that is no property of the file (the
    file could not be opened, or :class:`~chexview.errors.FilmError` says so): who goes on later reads the file again.
    """

    file: FilmFile
    refused: str | None = None
    film: Radiograph | None = None
    reading: Reading | None = None
    withheld: str | None = None
    transient: bool = False

    @property
    def shown(self) -> Radiograph | None:
        """The film as its readers are told of it: with the sentence for which its score is withheld."""
        if self.film is None or self.withheld is None:
            return self.film
        return replace(self.film, withheld=self.withheld)


def film_files(paths: Iterable[str | Path]) -> Iterator[FilmFile]:
    """Every file named, folders walked in order of name. Raises UsageError for a path that is not there."""
    for given in paths:
        path, name = Path(given), str(given)
        try:
            is_folder, is_file = path.is_dir(), path.is_file()
        except (OSError, ValueError):
            is_folder = is_file = False
        if is_folder:
            for item in sorted(path.rglob("*")):
                if item.is_file() and not item.name.startswith("."):
                    yield FilmFile(item, str(item))
        elif is_file:
            yield FilmFile(path, name)
        else:
            raise UsageError(f"There is no file or folder {name}.")


def read_files(
    files: Iterable[FilmFile],
    reader: Reader,
    *,
    policy: str | None = None,
    insist: bool = False,
    workers: int = 2,
    keep_pixels: bool = False,
) -> Iterator[FileOutcome]:
    """One outcome a file, in their order, ``workers`` files decoded at once. Films come without pixels unless asked for."""
    remaining = iter(files)
    waiting: deque[Future[FileOutcome | PreparedFilm]] = deque()
    names: deque[FilmFile] = deque()
    scoring: deque[Future[list[FileOutcome]]] = deque()
    at_once = reader.predictor.at_once if reader.predictor is not None else 1
    with ThreadPoolExecutor(workers) as pool, ThreadPoolExecutor(at_once) as scorers:

        def fill() -> None:
            while len(waiting) < AHEAD and (file := next(remaining, None)) is not None:
                waiting.append(pool.submit(_prepared, file, reader, insist, keep_pixels))
                names.append(file)

        try:
            fill()
            while waiting or scoring:
                if scoring and (len(scoring) == at_once or not waiting or scoring[0].done()):
                    yield from scoring.popleft().result()
                    continue
                batch = [(names.popleft(), waiting.popleft().result()) for _ in range(min(BATCH, len(waiting)))]
                scoring.append(scorers.submit(_scored, batch, reader, policy, insist))
                fill()
        finally:
            pool.shutdown(cancel_futures=True)
            scorers.shutdown(cancel_futures=True)


def _prepared(file: FilmFile, reader: Reader, insist: bool, keep_pixels: bool) -> FileOutcome | PreparedFilm:
    try:
        check_file_bytes(file.path.stat().st_size)
        prepared = reader.prepare(read(file.path.read_bytes()), insist=insist)
    except FilmError as error:
        return FileOutcome(file, refused=str(error), transient=error.transient)
    except OSError as error:
        return FileOutcome(file, refused=f"The file cannot be opened ({error.strerror}).", transient=True)
    return prepared if keep_pixels else PreparedFilm(facts(prepared.film), prepared.sight)


def _scored(
    batch: list[tuple[FilmFile, FileOutcome | PreparedFilm]], reader: Reader, policy: str | None, insist: bool
) -> list[FileOutcome]:
    prepared = [item for _, item in batch if isinstance(item, PreparedFilm)]
    outcomes = iter(reader.score(prepared, policy=policy, insist=insist))
    return [item if isinstance(item, FileOutcome) else _outcome(file, next(outcomes)) for file, item in batch]


def _outcome(file: FilmFile, found: Outcome) -> FileOutcome:
    return FileOutcome(file, film=found.film, reading=found.reading, withheld=found.withheld)
