"""A study's folder: ``study.json``, one file of lines for every reader, and the user's own films.

A line is written in one piece and forced to the disk before anything else happens; nothing is ever changed or taken away. A
process that is killed loses at most the line that it had not finished, whose storage was not yet confirmed to anybody.
"""

import hashlib
import os
import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from chexview.errors import StudyError
from chexview.studies.answers import Advice, Entries, Phase, ReaderAnswer, entries_of, entry_of, line_of
from chexview.studies.design import FILE, StudyDesign, check, check_words, parse

ANSWERS, FILMS = "answers", "films"
ANSWER_FILE = re.compile(r"[0-9a-f]{32}\.jsonl")


@dataclass(frozen=True, slots=True)
class StudyListing:
    """A folder with a study: its ``design``, or one sentence on the ``problem`` with it."""

    folder: Path
    design: StudyDesign | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ReaderStudy:
    """An opened study."""

    folder: Path
    design: StudyDesign

    @property
    def name(self) -> str:
        """Its folder's name, as an address has it."""
        return self.folder.name

    def readers(self) -> tuple[str, ...]:
        """The names of those who stored an answer, in alphabetical order."""
        return tuple(sorted(self.all_entries()))

    def all_entries(self) -> dict[str, Entries]:
        """Every reader's entries by name."""
        found = {}
        for path in self.answer_files():
            text = _bytes(path)
            if name := reader_in(text):
                found[name] = entries_of(text)
        return found

    def answer_files(self) -> tuple[Path, ...]:
        """The readers' files."""
        folder = self.folder / ANSWERS
        return tuple(sorted(path for path in folder.glob("*.jsonl") if ANSWER_FILE.fullmatch(path.name)))

    def entries(self, reader: str) -> Entries:
        """One reader's entries; none if there is no file yet."""
        path = self._path(reader)
        return entries_of(_bytes(path)) if path.is_file() else Entries()

    def store(self, entry: ReaderAnswer | Advice) -> None:
        """Appends an entry; when this returns it is on the disk.

        Raises StudyError for a film or finding that the study does not have, for a second answer alone, and for an answer
        advised or an advice without one alone, so that nothing is revealed before the first answer is stored.
        """
        check_words(entry.reader, "A reader's name")
        if entry.film not in {film.id for film in self.design.films}:
            raise StudyError("That film is not one of the study's.")
        known = self.entries(entry.reader)
        if isinstance(entry, ReaderAnswer):
            self._check_answer(entry)
        is_first = isinstance(entry, ReaderAnswer) and entry.phase is Phase.ALONE
        if is_first and entry.film in known.alone:
            raise StudyError("This film has a first answer already, which stays; revise it after the advice.")
        if not is_first and entry.film not in known.alone:
            raise StudyError("This film has no first answer yet; nothing may be revealed or revised before.")
        append(self._path(entry.reader), line_of(entry))

    def _check_answer(self, answer: ReaderAnswer) -> None:
        if set(answer.confidence) != set(self.design.findings):
            raise StudyError("An answer needs a step for every finding of the study.")
        if not all(mark.finding in answer.confidence for mark in answer.marks):
            raise StudyError("A mark is of a finding that the study does not ask for.")

    def film_file(self, film: str) -> Path:
        """Where the user's own film lies, under a name that says nothing of it."""
        return self.folder / FILMS / file_name(film)

    def _path(self, reader: str) -> Path:
        return self.folder / ANSWERS / f"{file_name(reader)}.jsonl"


def file_name(words: str) -> str:
    """A name for a file of a film or reader that tells nobody which."""
    return hashlib.sha256(words.encode()).hexdigest()[:32]


def append(path: Path, line: bytes) -> None:
    """Adds a line to a file and forces it to the disk. Raises StudyError if it cannot be stored.

    A file that ends within a line, because its writer was killed, gets a newline first.
    """
    try:
        is_new = not path.exists()
        path.parent.mkdir(exist_ok=True)
        with path.open("ab+") as file:
            if file.seek(0, os.SEEK_END):
                file.seek(-1, os.SEEK_END)
                line = line if file.read(1) == b"\n" else b"\n" + line
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        if is_new:
            _force_names(path.parent)
    except OSError as error:
        raise StudyError(
            f"The answer was not stored ({error.strerror}); make room on the disk and answer again."
        ) from error


def _force_names(folder: Path) -> None:
    """Forces a folder's list of names to the disk, where the system can."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def reader_in(text: bytes) -> str:
    """The reader's name in a file of answers; "" if no line of it can be read."""
    for line in text.split(b"\n"):
        try:
            return entry_of(line).reader
        except StudyError:
            continue
    return ""


def create_study(parent: Path, design: StudyDesign, own_films: Mapping[str, bytes] | None = None) -> ReaderStudy:
    """Stores a study in a folder of its own below ``parent``, whole or not at all. ``own_films`` are bytes by film id.

    Raises StudyError in one sentence.
    """
    check(design)
    films = own_films or {}
    if missing := [film.id for film in design.films if film.is_own and film.id not in films]:
        raise StudyError(f"{len(missing)} films of the study are missing; add them again.")
    try:
        parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(mkdtemp(prefix=".", suffix=".writing", dir=parent))
        try:
            (temporary / ANSWERS).mkdir()
            (temporary / FILMS).mkdir()
            for film, data in films.items():
                (temporary / FILMS / file_name(film)).write_bytes(data)
            (temporary / FILE).write_text(design.to_json(), encoding="utf-8")
            temporary.rename(folder := _free(parent, design))
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    except OSError as error:
        raise StudyError(
            f"The study was not stored ({error.strerror}); make room on the disk and try again."
        ) from error
    return ReaderStudy(folder, design)


def _free(parent: Path, design: StudyDesign) -> Path:
    """A folder that is not there yet: the title's letters and the design's digest."""
    words = re.sub(r"[^a-z0-9]+", "-", design.title.lower()).strip("-")[:40] or "study"
    return parent / f"{words}-{design.digest[:8]}"


def open_study(folder: Path) -> ReaderStudy:
    """Opens and checks a study. Raises StudyError in one sentence."""
    return ReaderStudy(folder, parse(_bytes(folder / FILE)))


def list_studies(parent: Path) -> tuple[StudyListing, ...]:
    """The studies below a folder by name; one that cannot be opened is listed with its problem."""
    return tuple(_listed(sorted(parent.glob(f"*/{FILE}")) if parent.is_dir() else ()))


def _listed(files: Iterable[Path]) -> Iterable[StudyListing]:
    for path in files:
        if path.parent.name.startswith("."):
            continue
        try:
            yield StudyListing(path.parent, open_study(path.parent).design)
        except StudyError as error:
            yield StudyListing(path.parent, None, str(error))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise StudyError(f"{path.name} of the study cannot be read ({error.strerror}).") from error
