"""A library: the films that a validation run speaks of, found by name in folders and archives, read when asked for."""

import hashlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from chexview.errors import DamagedError, DataError, FilmError
from chexview.films.limits import check_file_bytes
from chexview.films.pictures import read_picture
from chexview.films.radiograph import Radiograph
from chexview.films.read import read
from chexview.films.sources import find_pictures, sequential, stem, stream


class Library:
    """Films by the names that a run has for them, matched without ending; the first source that has a film wins."""

    def __init__(self, sources: Sequence[Path]) -> None:
        """Looks through folders, zips and tars. Raises DataError for one that is missing, damaged or compressed as a whole."""
        for source in sources:
            if sequential(source):
                raise DataError(
                    f"{source.name} is compressed as a whole, so single films are found too slowly in it; unpack it and "
                    "name the folder."
                )
            if not source.exists():
                raise DataError(f"There is no {source.name} where the films should lie; name the folder again.")
        table, _ = find_pictures(sources)
        self._places = dict(zip(table["stem"], zip(table["source"], table["member"], strict=True), strict=True))

    def __contains__(self, image: str) -> bool:
        """Whether the film is here."""
        return stem(image) in self._places

    def __len__(self) -> int:
        return len(self._places)

    def data(self, image: str) -> bytes:
        """The bytes of a film's file. Raises KeyError where it is not here, DamagedError where it cannot be read."""
        source, member = self._places[stem(image)]
        found = next(stream(source, [member]))
        if found is None:
            raise DamagedError("The film is named in its archive but cannot be taken out; copy or unpack it again.")
        return found

    def film(self, image: str) -> Radiograph:
        """The film, decoded. Raises KeyError where it is not here, a FilmError where it cannot be read.

        WebP, in which a data set's own copies may be kept, is read here; whatever else goes through the decoding child.
        """
        data = self.data(image)
        if PurePosixPath(self._places[stem(image)][1]).suffix.lower() != ".webp":
            return read(data, image)
        check_file_bytes(len(data))
        return read_picture(data, hashlib.sha256(data).hexdigest(), extra_formats=("WEBP",))

    def films(self, images: Sequence[str]) -> list[Radiograph | FilmError]:
        """Some films, in their order; one that cannot be read costs only itself and stands as its error."""
        found: list[Radiograph | FilmError] = []
        for image in images:
            try:
                found.append(self.film(image))
            except FilmError as error:
                found.append(error)
        return found
