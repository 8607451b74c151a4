"""A library finds a run's films and has them opened in the decoding child."""

import gzip
import zipfile
from pathlib import Path

import numpy as np
import pytest

from chexview.errors import DataError, FilmError
from chexview.films.grey import grey
from chexview.films.library import Library
from tests.films.builders import film, picture, ramp

EIGHT = ramp(8).astype(np.uint8)


@pytest.mark.parametrize("archived", [False, True])
def test_films_by_name(archived: bool, tmp_path: Path) -> None:
    files = {
        "a.png": picture(EIGHT),
        "b.webp": picture(EIGHT, "WEBP", lossless=True),
        "c.dcm": film(EIGHT),
        "d.png": picture(EIGHT)[:60],
    }
    source = tmp_path / ("films.zip" if archived else "films")
    if archived:
        with zipfile.ZipFile(source, "w") as archive:
            for name, data in files.items():
                archive.writestr(f"deep/{name}", data)
    else:
        source.mkdir()
        for name, data in files.items():
            (source / name).write_bytes(data)
    library = Library([source])
    assert len(library) == 4 and "a.jpg" in library and "z.png" not in library
    films = [library.film(f"{name}.png") for name in "abc"]
    for one in films:
        assert np.abs(grey(one) - EIGHT / 255).max() < 0.01
    assert len({one.digest for one in films}) == 3
    with pytest.raises(FilmError):
        library.film("d.png")


@pytest.mark.parametrize("name", ["nowhere", "x" * 300, "nul\0name"])
def test_a_source_that_is_not_there(name: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="There is no"):
        Library([tmp_path / name])


def test_a_compressed_tar_is_refused_whatever_it_is_called(tmp_path: Path) -> None:
    (tmp_path / "films.tar").write_bytes(gzip.compress(bytes(1000)))
    with pytest.raises(DataError, match="compressed as a whole"):
        Library([tmp_path / "films.tar"])
