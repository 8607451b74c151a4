"""The films of a run's cases, read and scored when they are first looked at, and kept for the session."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import streamlit as st

from chexview import settings
from chexview.errors import DataError, FilmError
from chexview.evaluation.run import ValidationRun
from chexview.films.grey import display_shape, grey
from chexview.films.library import Library
from chexview.model.predictor import Predictor
from chexview.model.reading import Reading
from chexview.pages.predictors import predictor_of
from chexview.pages.state.session import session
from chexview.text.cases import drawn_finding
from chexview.viewer.pictures import CARD, LONGEST, film_picture, heatmap_picture, picture_of
from chexview.web.media_store import MediaItem
from chexview.web.session_media import Key, session_media
from chexview.worklist.reader import reader_of

KEPT = 240
"""Cases of which a session keeps the reading, about 0.1 MB each."""
MARGIN = 0.75
"""Of a box's longer side, shown around it in its close-up."""


@dataclass(frozen=True, slots=True, repr=False)
class Case:
    """A film of a run as it was found: its shape as displayed, and the reading of the run's own checkpoint, where it is here.

    ``withheld`` is the sentence on why there is no reading, "" if nothing speaks against one. ``small`` says that it is a
    small copy of the film, whose reading differs a little from the run's.
    """

    shape: tuple[int, int]
    reading: Reading | None
    withheld: str = ""
    small: bool = False


@st.cache_resource(show_spinner="Looking for the films", max_entries=4)
def _library(sources: tuple[Path, ...], small_copies: tuple[Path, ...], stamps: tuple[float, ...]) -> Library:
    return Library(sources, small_copies)


def library(named: str) -> tuple[Library, str]:
    """The films of the sources that a user named and those of CHEXVIEW_IMAGES, then the bundled ones, small copies last; and a
    sentence on what is wrong with the named ones, "" if nothing is."""
    own = settings.load()
    try:
        sources = (*((named_source(named),) if named else ()), *own.images, own.films)
        return _found(sources), ""
    except DataError as error:
        return _found((own.films,)), str(error)


def named_source(named: str) -> Path:
    """The folder or archive that a user named. Raises DataError, in a sentence, for a name that no file can have."""
    try:
        path = Path(named).expanduser()
        path.exists()
    except (OSError, RuntimeError, ValueError):
        raise DataError("That cannot be the name of a folder or archive here; check how it is spelled.") from None
    return path


def _found(sources: tuple[Path, ...]) -> Library:
    own = settings.load()
    there = tuple(source for source in sources if source.exists() or source != own.films)
    small_copies = (own.small_copies,) if own.small_copies.exists() else ()
    stamps = tuple(source.stat().st_mtime if source.exists() else 0.0 for source in (*there, *small_copies))
    return _library(there, small_copies, stamps)


def own_predictor(run: ValidationRun) -> Predictor | None:
    """The predictor of the run's own checkpoint; None if that is not here, so that no heatmap may be shown."""
    return predictor_of(run.meta.checkpoint.weights)


class CaseFilms:
    """One session's cases of one run: ``found`` by row, ``refused`` with one sentence.

    ``small_copies`` counts the films of which the library that was last looked through has small copies alone.
    """

    def __init__(self, run: ValidationRun) -> None:
        self.digest = run.digest
        self.images = run.table.column("image")
        self.found: OrderedDict[int, Case] = OrderedDict()
        self.refused: dict[int, str] = {}
        self.small_copies = 0
        self._here: tuple[Library, npt.NDArray[np.bool_]] | None = None

    def here(self, films: Library) -> npt.NDArray[np.bool_]:
        """Which of the run's films are in the library, bool (rows,). What was found in other sources is looked for anew."""
        if self._here is not None and self._here[0].sources != films.sources:
            for row in self.found:
                self._forget(row)
            self.found.clear()
            self.refused.clear()
        if self._here is None or self._here[0] is not films:
            self._here = films, np.array([image in films for image in self.images], dtype=bool)
            self.small_copies = sum(films.is_small_copy(image) for image in self.images)
        return self._here[1]

    def look(
        self,
        rows: Sequence[int],
        films: Library,
        reads: Predictor | None,
        progress: Callable[[float, str], object],
    ) -> None:
        """Reads those of ``rows`` that are in the library and were not looked at yet, one after the other."""
        wanted = [row for row in rows if row not in self.found and row not in self.refused]
        wanted = [row for row in wanted if self.images[row] in films]
        for done, row in enumerate(wanted):
            progress(done / len(wanted), f"Reading film {done + 1} of {len(wanted)}")
            try:
                film = films.film(self.images[row])
                (outcome,) = reader_of(reads).read([film])
            except FilmError as error:
                self.refused[row] = str(error)
                continue
            small = films.is_small_copy(self.images[row])
            self.found[row] = Case(display_shape(film), outcome.reading, outcome.withheld or "", small)
            session_media().add(self._key(row, "film"), film_picture(film, longest=CARD))
            while len(self.found) > KEPT:
                gone, _ = self.found.popitem(last=False)
                self._forget(gone)

    def _forget(self, row: int) -> None:
        """Drops a film's pictures."""
        prefix = self._key(row, "")[:3]
        session_media().forget(lambda key: key[:3] == prefix)

    def _key(self, row: int, kind: str) -> Key:
        return "case", self.digest, row, kind

    def picture(self, row: int, films: Library, large: bool = False) -> str:
        """The address of the film's picture, small or at full size. Raises a ChexviewError where it cannot be read any more."""
        kind, longest = ("large", LONGEST) if large else ("film", CARD)

        def made() -> MediaItem:
            return film_picture(films.film(self.images[row]), longest=longest)

        return session_media().address(self._key(row, kind), made)

    def heatmap(self, row: int, finding: str, scale: float) -> str | None:
        """The address of the film's heatmap of a finding; None if there is no reading, or none of that finding."""
        case = self.found.get(row)
        name = drawn_finding(finding, case.reading) if case and case.reading else None
        if case is None or case.reading is None or name is None:
            return None
        reading, shape = case.reading, case.shape
        return session_media().address(
            self._key(row, f"heat-{name}"), lambda: heatmap_picture(shape, reading, name, scale)
        )

    def close_up(self, row: int, films: Library, box: tuple[float, float, float, float]) -> tuple[str, int, int]:
        """The address of a box and its surroundings, of a case that was found, pixel by pixel; and the width and height."""
        left, top, right, bottom = box
        rows, columns = self.found[row].shape
        margin = MARGIN * max((right - left) * columns, (bottom - top) * rows)
        across = slice(max(0, int(left * columns - margin)), min(columns, int(right * columns + margin) + 1))
        down = slice(max(0, int(top * rows - margin)), min(rows, int(bottom * rows + margin) + 1))
        width, height = across.stop - across.start, down.stop - down.start
        key = (*self._key(row, "close"), across.start, down.start, width, height)

        def made() -> MediaItem:
            return picture_of(grey(films.film(self.images[row]))[down, across])

        return session_media().address(key, made), width, height


def of_session(run: ValidationRun) -> CaseFilms:
    """This session's films of the run."""
    kept = session().case_films
    if kept is None or kept.digest != run.digest:
        kept = session().case_films = CaseFilms(run)
    return kept


def bytes_of(films: Library, image: str) -> bytes:
    """The film's file as *Read* may take it: what is WebP becomes PNG, pixel by pixel. Raises a ChexviewError."""
    data = films.data(image)
    if data[8:12] != b"WEBP":
        return data
    return picture_of(grey(films.film(image))).data
