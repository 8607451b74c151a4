"""The films of one session: what was brought, what was refused, what was read. No Streamlit."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from chexview.errors import FilmError
from chexview.films.radiograph import Radiograph
from chexview.films.reading import read
from chexview.model.reading import Reading

LIMIT_BYTES = 512 * 2**20
"""Pixels held for one session; about 14 films of 43 x 43 cm at 0.1 mm, or 250 of NIH's."""


@dataclass(slots=True, eq=False, repr=False)
class Entry:
    """One film on the lightbox; ``reading`` is None while its score is withheld or there is no checkpoint."""

    name: str
    film: Radiograph
    remark: str = ""
    reading: Reading | None = None
    insisted: bool = False

    @property
    def held_back(self) -> str | None:
        """The sentence on why the score is not shown yet, or None."""
        return None if self.insisted else self.film.withheld


@dataclass(frozen=True, slots=True, repr=False)
class Refusal:
    """A file that gave no film, and the sentence that says why."""

    name: str
    sentence: str


@dataclass(frozen=True, slots=True, repr=False)
class Waiting:
    """A file not looked at yet; ``remark`` is what is known of it beforehand."""

    name: str
    data: bytes
    remark: str = ""


@dataclass(slots=True, eq=False, repr=False)
class Lightbox:
    """Films by digest in the order they came, files refused, and files that wait."""

    limit: int = LIMIT_BYTES
    entries: dict[str, Entry] = field(default_factory=dict)
    refused: list[Refusal] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)
    shown: str | None = None
    """The digest of the film that is open."""
    batch: int = 0
    """How many files came together with those that wait."""
    fresh: bool = False
    """Whether the next film that is read is to be opened."""
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def bring(self, files: list[Waiting]) -> None:
        """Lets files wait for :meth:`take_next`; sentences about earlier files go."""
        if not self.waiting:
            self.batch, self.refused = 0, []
        self.waiting += files
        self.batch += len(files)
        self.fresh = True

    def take_next(self, score: Callable[[Radiograph], Reading] | None) -> Entry | None:
        """Reads the first waiting file; None where it was refused, or none waits any more.

        A film that is here already is not read again. The file leaves the queue only when it is done, so that an
        interrupted run loses nothing; a run that starts while another is still at it waits its turn.
        """
        with self._turn:
            if not self.waiting:
                return None
            file, entry = self.waiting[0], None
            try:
                film = read(file.data, file.name)
                entry = self.entries.get(film.digest) or self._room_for(Entry(file.name, film, file.remark))
                self.score(entry, score)
                self.entries[film.digest] = entry
            except FilmError as error:
                self.refused.append(Refusal(file.name, str(error)))
            self.waiting = self.waiting[1:]
            if entry is not None and self.fresh:
                self.shown, self.fresh = entry.film.digest, False
            return entry

    def score(self, entry: Entry, score: Callable[[Radiograph], Reading] | None) -> None:
        """Gives ``entry`` its reading, where it has none yet, may have one, and there is a checkpoint."""
        if entry.reading is None and entry.held_back is None and score is not None:
            entry.reading = score(entry.film)

    def _room_for(self, entry: Entry) -> Entry:
        if self.held + size(entry.film) > self.limit:
            raise FilmError(
                f"There is room for {self.limit // 2**20} MB of films at once; remove some, then bring it again."
            )
        return entry

    @property
    def held(self) -> int:
        """Bytes of pixels held now."""
        return sum(size(entry.film) for entry in self.entries.values())

    @property
    def open(self) -> Entry | None:
        """The film that is shown: the chosen one, or the first."""
        found = self.entries.get(self.shown or "")
        return found or next(iter(self.entries.values()), None)

    def remove(self, digest: str) -> None:
        """Takes one film off."""
        self.entries.pop(digest, None)

    def cancel(self) -> None:
        """Forgets the files that wait, and waits for the one that is being read."""
        self.waiting = []
        with self._turn:
            self.waiting = []


def size(film: Radiograph) -> int:
    """Bytes of a film's pixels and padding."""
    return film.pixels.nbytes + (film.padding.nbytes if film.padding is not None else 0)
