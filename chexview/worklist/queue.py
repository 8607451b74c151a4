"""The worklist of one session: films are read in the background, and whoever asks never waits for it."""

import hashlib
import math
import secrets
import threading
import time
import weakref
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from chexview.films.radiograph import Radiograph
from chexview.films.read import read
from chexview.worklist.entries import OpenEntry, Status, WorklistEntry, facts, thumbnail
from chexview.worklist.film_cache import PACKED_BYTES, PIXELS_BYTES, Decode, FilmCache, Memory
from chexview.worklist.film_cache import size as film_bytes
from chexview.worklist.input_files import (
    Container,
    FilmSource,
    InputFile,
    RejectedFile,
    limit_waiting,
    list_files,
    waiting_bytes,
)
from chexview.worklist.progress import Progress, progress
from chexview.worklist.reader import Outcome, PreparedFilm, Reader, unreadable
from chexview.worklist.server_room import ROOM, ServerRoom
from chexview.worklist.turns import TURNS

BATCH = 4
"""Films scored at once, so that a film insisted on is never far from its turn."""
PATIENCE_SECONDS = 0.5
"""A batch that takes longer to decode is scored as it is."""
WAITING_BYTES = 2 * 2**30
"""Bytes of files that wait."""
THREAD = "chexview-worklist"
UNSCORED = Reader(None, None)
"""Shows films without their scores."""


class Worklist:
    """Films in the order they came, read one after another by a thread of its own. Safe for threads.

    ``reader`` works in that thread; ``decode`` is :func:`chexview.films.read.read` by default. The thread ends when nothing waits,
    when the worklist is closed, and when nobody holds the worklist any more; it never keeps the process alive. ``on_decoded`` is
    called in it before a film is checked and scored, where nobody else waits for a turn. ``is_left`` says that nobody looks at the
    worklist now, ``gave_way`` which films gave way to others' in ``room``.
    """

    def __init__(
        self,
        reader: Reader | None = None,
        *,
        decode: Decode | None = None,
        pixels_limit: int = PIXELS_BYTES,
        packed_limit: int = PACKED_BYTES,
        waiting_limit: int = WAITING_BYTES,
        room: ServerRoom = ROOM,
    ) -> None:
        self._reader, self._decode = reader or UNSCORED, decode or read
        self._cache = FilmCache(self._decode, pixels_limit, packed_limit)
        self._waiting_limit, self._changed = waiting_limit, threading.Condition()
        self._rows: dict[str, WorklistEntry] = {}
        self._sources: dict[str, FilmSource] = {}
        self._urgent: list[str] = []
        self._known: dict[str, str] = {}
        self._thread: threading.Thread | None = None
        self._is_fresh = self._is_closed = False
        self._done, self._total, self._began, self._shown = 0, 0, 0.0, ""
        self.is_left, self.gave_way = False, frozenset[str]()
        self.on_decoded: Callable[[], None] | None = None
        self._room, self._used = room, room.clock()
        room.join(self)

    def use(self, reader: Reader | None) -> None:
        """Reads with ``reader`` from now on; films that came while there was no predictor are checked and scored now."""
        with self._changed:
            if self._is_closed:
                return
            self._reader = reader or UNSCORED
            if self._reader.predictor is not None:
                self._hurry([id for id, row in self._rows.items() if row.status is Status.READ and row.reading is None])

    def bring(self, files: Iterable[InputFile]) -> tuple[str, ...]:
        """The ids of the films, or of the archives' members, that wait now or were refused at once.

        Where nothing was waiting, refusals of earlier files go. A closed worklist takes nothing.
        """
        return self._take_in(item for file in files for item in list_files(file))

    def snapshot(self) -> tuple[WorklistEntry, ...]:
        """All films as they stand now, in the order they came; without pixels, so that it may be kept."""
        with self._changed:
            self._used = self._room.clock()
            return tuple(self._rows.values())

    def progress(self) -> Progress:
        """How far the reading of what came together is."""
        with self._changed:
            return progress(self._done, self._total, time.monotonic() - self._began)

    def memory(self) -> Memory:
        """Bytes held now, and the bounds."""
        with self._changed:
            waiting = sum(held.size for held in self._held())
        return replace(self._cache.memory(), waiting=waiting, waiting_limit=self._waiting_limit)

    @property
    def used(self) -> float:
        """When somebody last looked at its films; minus infinity where nobody is here any more."""
        return -math.inf if self.is_left else self._used

    def held(self) -> int:
        """Bytes it holds."""
        return self.memory().held

    def drop_pixels(self) -> None:
        """Lets go of decoded pixels; who opens a film decodes it again."""
        self._cache.drop_pixels()

    def give_way(self) -> None:
        """Takes all films off, for others need their room."""
        with self._changed:
            self.gave_way |= frozenset(self._rows)
            self.clear()

    @property
    def is_busy(self) -> bool:
        """Whether a film waits or is being read."""
        with self._changed:
            return any(row.is_pending for row in self._rows.values())

    @property
    def is_closed(self) -> bool:
        """Whether it takes no films any more."""
        with self._changed:
            return self._is_closed

    def wait(self, seconds: float | None = None) -> bool:
        """Whether nothing is left to read, at the latest after ``seconds``."""
        with self._changed:
            return self._changed.wait_for(lambda: self._thread is None, seconds)

    def wait_until(self, holds: Callable[[Iterable[WorklistEntry]], bool], seconds: float) -> None:
        """Returns when ``holds`` is true of the films as they stand, when nothing is left to read, or after ``seconds``.

        It sleeps until a film changes, so that many who wait cost nothing; ``holds`` runs under the worklist's lock.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._thread is None or holds(self._rows.values()), seconds)

    @property
    def shown(self) -> str | None:
        """The id of the film that is shown: the chosen one, or the first that is decoded."""
        with self._changed:
            if self._shown in self._rows:
                return self._shown
            return next((id for id, row in self._rows.items() if row.facts is not None), None)

    def show(self, id: str) -> None:
        """Chooses the film that is shown; one that is not here or not decoded changes nothing."""
        with self._changed:
            if id in self._rows and self._rows[id].facts is not None:
                self._shown = id

    def open(self, id: str | None = None) -> OpenEntry | None:
        """The film with its pixels, by default the one that is shown; None if it is not here or not decoded yet.

        Decodes it again where its pixels were let go; raises a FilmError where that fails.
        """
        wanted = id if id is not None else self.shown
        film = self._cache.open(wanted) if wanted is not None else None
        with self._changed:
            row = self._rows.get(wanted or "")
        return row.opened(film) if row is not None and row.facts is not None and film is not None else None

    def insist(self, id: str) -> None:
        """Lets a withheld film be scored, before all that waits."""
        with self._changed:
            row = self._rows.get(id)
            if row is not None and row.status is Status.WITHHELD and not self._is_closed:
                self._update(id, insisted=True, failure="")
                self._hurry([id])

    def remove(self, *ids: str) -> None:
        """Takes films off, whatever their status; one that is being read is thrown away when it is done."""
        with self._changed:
            self._forget(*ids)

    def clear(self) -> None:
        """Takes all films off."""
        self.remove(*(row.id for row in self.snapshot()))

    def cancel(self) -> None:
        """Takes off the files that wait; those that are being read are finished."""
        with self._changed:
            self._forget(*self._sources)

    def dismiss(self) -> None:
        """Takes off the refused files, and forgets which films gave way."""
        with self._changed:
            self.gave_way = frozenset()
            self._forget(*(id for id, row in self._rows.items() if row.status is Status.REFUSED))

    def close(self) -> None:
        """Takes all films off for good and ends the thread, at the latest after the film it is at."""
        with self._changed:
            self._is_closed, self._reader, self.on_decoded = True, UNSCORED, None
            self.clear()

    def _take_in(self, items: Iterable[FilmSource | RejectedFile]) -> tuple[str, ...]:
        found = list(items)
        fits = self._room.ask(self, waiting_bytes(found))
        with self._changed:
            if self._is_closed:
                return ()
            if self._done == self._total:
                self.dismiss()
                self._done, self._total, self._began = 0, 0, time.monotonic()
            ids = tuple(self._take(item) for item in limit_waiting(found, self._held(), self._waiting_limit, fits))
            self._start()
            return ids

    def _take(self, item: FilmSource | RejectedFile) -> str:
        id = secrets.token_urlsafe(9)
        if isinstance(item, RejectedFile):
            self._rows[id] = WorklistEntry(id=id, name=item.name, status=Status.REFUSED, failure=item.sentence)
            return id
        self._rows[id] = WorklistEntry(id=id, name=item.name, remark=item.remark)
        self._sources[id] = item
        self._total += 1
        self._is_fresh = True
        return id

    def _hurry(self, ids: list[str]) -> None:
        for id in ids:
            self._update(id, status=Status.READING)
        self._urgent += ids
        self._start()

    def _start(self) -> None:
        if self._thread is None and (self._sources or self._urgent):
            self._thread = threading.Thread(target=_work, args=(weakref.ref(self),), name=THREAD, daemon=True)
            self._thread.start()

    def _forget(self, *ids: str) -> None:
        for id in ids:
            row = self._rows.pop(id, None)
            self._total -= self._sources.pop(id, None) is not None
            if row is not None:
                self._known.pop(row.digest, None)
                self._cache.remove(id)

    def _held(self) -> set[Container]:
        return {source.held for source in self._sources.values() if source.held is not None}

    def _step(self) -> bool:
        """Reads what is next, in its turn; False, and the thread is no more, where nothing is left."""
        with self._changed:
            if not self._urgent and not self._sources:
                self._thread = None
                self._changed.notify_all()
                return False
        with TURNS.take():
            if self._serve_urgent():
                return True
            films = self._read_batch(min(BATCH, max(1, self._done)))
        for id, item in films.items():
            self._serve_urgent()
            self._cache.shrink(id, item.film)
        return True

    def _read_batch(self, size: int) -> dict[str, PreparedFilm]:
        """Reads ``size`` of the files that wait, fewer where that takes long or a film is insisted on."""
        films: dict[str, PreparedFilm] = {}
        reader, taken, start = self._reader, 0, time.monotonic()
        while taken < size and (not taken or time.monotonic() - start < PATIENCE_SECONDS):
            with self._changed:
                if self._urgent or not self._sources:
                    break
                id = next(iter(self._sources))
                source = self._sources.pop(id)
                self._update(id, status=Status.READING)
            taken += 1
            if (film := self._decoded(id, source)) is not None:
                films[id] = self._prepared(id, film, reader)
        self._score({id: item for id, item in films.items() if item.film.withheld is None}, reader)
        with self._changed:
            self._done += taken
        return films

    def _serve_urgent(self) -> bool:
        """Scores films that are here: those insisted on, and those that came before there was a predictor."""
        with self._changed:
            ids = [id for id in self._urgent[:BATCH] if id in self._rows]
            del self._urgent[:BATCH]
            insisted = {id for id in ids if self._rows[id].insisted}
            reader = self._reader
        films: dict[str, PreparedFilm] = {}
        for id in ids:
            try:
                film = self._cache.open(id)
            except Exception as error:
                self._withhold(id, unreadable(error))
                continue
            if film is not None:
                films[id] = PreparedFilm(film) if id in insisted else self._prepared(id, film, reader)
        self._score({id: item for id, item in films.items() if id in insisted}, reader, insist=True)
        self._score({id: films[id] for id in films if id not in insisted and films[id].film.withheld is None}, reader)
        return bool(ids)

    def _decoded(self, id: str, source: FilmSource) -> Radiograph | None:
        """The film, in the cache and on show; None if it is refused, removed or here already."""
        start = time.perf_counter()
        try:
            data = source.load()
            if self._is_here(id, hashlib.sha256(data).hexdigest()):
                return None
            film = self._decode(data, source.name)
            about, small = facts(film), thumbnail(film)
            self._room.claim(self, film_bytes(film) + len(data))
            self._cache.add(id, film, data)
        except Exception as error:
            with self._changed:
                self._update(id, status=Status.REFUSED, failure=unreadable(error))
            return None
        with self._changed:
            if id not in self._rows:
                self._cache.remove(id)
                return None
            self._known[film.digest] = id
            self._update(id, facts=about, thumbnail=small, seconds=time.perf_counter() - start)
            self._come_to_light(id)
        if (tell := self.on_decoded) is not None and not TURNS.waiting:
            tell()
        return film

    def _prepared(self, id: str, film: Radiograph, reader: Reader) -> PreparedFilm:
        """The film, checked; where its score is withheld, its row says so."""
        start = time.perf_counter()
        prepared = reader.prepare(film)
        reason = prepared.film.withheld
        with self._changed:
            row = self._rows.get(id)
            if row is not None and row.facts is not None:
                status = Status.READING if reason is None else Status.WITHHELD
                seconds = row.seconds + time.perf_counter() - start
                self._update(id, status=status, facts=replace(row.facts, withheld=reason), seconds=seconds)
        return prepared

    def _is_here(self, id: str, digest: str) -> bool:
        """Whether the film is here already; its second coming leaves no trace then."""
        with self._changed:
            if (other := self._known.get(digest)) is None:
                return False
            self._forget(id)
            self._come_to_light(other)
            return True

    def _come_to_light(self, id: str) -> None:
        """Shows the first film of those that came last."""
        if self._is_fresh:
            self._shown, self._is_fresh = id, False

    def _score(self, films: dict[str, PreparedFilm], reader: Reader, insist: bool = False) -> None:
        if not films:
            return
        start = time.perf_counter()
        outcomes = reader.score(list(films.values()), insist=insist)
        each = (time.perf_counter() - start) / len(films)
        with self._changed:
            for id, outcome in zip(films, outcomes, strict=True):
                self._take_outcome(id, outcome, each)

    def _take_outcome(self, id: str, outcome: Outcome, seconds: float) -> None:
        if outcome.failure:
            self._withhold(id, outcome.failure)
        elif outcome.reading is None and self._reader.predictor is not None:
            self._urgent.append(id)  # the predictor came while the film was being read without one
        elif id in self._rows:
            seconds += self._rows[id].seconds
            self._update(id, status=Status.READ, reading=outcome.reading, seconds=seconds)

    def _withhold(self, id: str, failure: str) -> None:
        with self._changed:
            self._update(id, status=Status.WITHHELD, failure=failure, insisted=False)

    def _update(self, id: str, **changes: Any) -> None:
        row = self._rows.get(id)
        if row is not None:
            self._rows[id] = replace(row, **changes)
            self._changed.notify_all()


def _work(mine: weakref.ref[Worklist]) -> None:
    """Reads until nothing is left or nobody holds the worklist; between two batches, it does not hold it either."""
    while (worklist := mine()) is not None and worklist._step():
        del worklist
