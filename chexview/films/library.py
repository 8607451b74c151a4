"""A library: the films that a validation run speaks of, found by name in folders and archives, read when they are looked at."""

from collections.abc import Sequence
from pathlib import Path

from chexview.errors import DataError
from chexview.films import read
from chexview.films.archives import member, sequential, stem
from chexview.films.radiograph import Radiograph
from chexview.films.sources import find_pictures


class Library:
    """Films by the names that a run has for them, matched without ending; the first source that has a film wins.

    ``small_copies`` are sources that stand in for films which no other source has.
    """

    def __init__(self, sources: Sequence[Path], small_copies: Sequence[Path] = ()) -> None:
        """Looks through folders, zips and tars. Raises DataError for one that is missing, damaged or compressed as a whole."""
        self.sources = (*sources, *small_copies)
        self._small = {str(source.resolve()) for source in small_copies}
        for source in self.sources:
            if not _is_there(source):
                raise DataError(f"There is no {source.name[:80]} where the films should lie; name the folder again.")
            if sequential(source):
                raise DataError(
                    f"{source.name} is compressed as a whole, so single films are found too slowly in it; unpack it and "
                    "name the folder."
                )
        table, _ = find_pictures(self.sources)
        self._places = dict(zip(table["stem"], zip(table["source"], table["member"], strict=True), strict=True))

    def __contains__(self, image: str) -> bool:
        """Whether the film is here."""
        return stem(image) in self._places

    def __len__(self) -> int:
        return len(self._places)

    def is_small_copy(self, image: str) -> bool:
        """Whether what is here of the film is a small copy of it."""
        place = self._places.get(stem(image))
        return place is not None and place[0] in self._small

    def data(self, image: str) -> bytes:
        """The film's file, bounded in size. Raises KeyError if it is not here, an error of films where it cannot be read."""
        return member(*self._places[stem(image)])

    def film(self, image: str) -> Radiograph:
        """The film, opened and decoded in a child. Raises KeyError if it is not here, a FilmError where it cannot be read."""
        return read.pool().read_member(*self._places[stem(image)])


def _is_there(source: Path) -> bool:
    """Whether a path leads to something; one that no system can have leads to nothing."""
    try:
        return source.exists()
    except (OSError, ValueError):
        return False
