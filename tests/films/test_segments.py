"""Strips and tiles that are exchanged, lost, doubled or wrongly predicted are named; sound ones in any form are not."""

import io
import logging
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import tifffile
from PIL import Image

from chexview.errors import DamagedError
from chexview.films.segments import misplaced, mispredicted
from chexview.films.tiff_picture import read_tiff

FILM = Path("chexview/bundled/films/00012376_010.png")


@pytest.fixture(scope="module")
def film() -> npt.NDArray[np.uint8]:
    with Image.open(FILM) as image:
        return np.asarray(image.convert("L").resize((512, 640)))


def exchanged(film: npt.NDArray[np.uint8], first: int, second: int, height: int, width: int) -> npt.NDArray[np.uint8]:
    """The film with two of its tiles exchanged."""
    out, across = film.copy(), film.shape[1] // width
    places = [
        (slice(n // across * height, (n // across + 1) * height), slice(n % across * width, (n % across + 1) * width))
        for n in (first, second)
    ]
    out[places[0]], out[places[1]] = film[places[1]], film[places[0]]
    return out


@pytest.mark.parametrize(("height", "width"), [(16, 512), (64, 512), (128, 128), (64, 64), (128, 256)])
def test_exchanged_lost_and_doubled_ones_are_named(film: npt.NDArray[np.uint8], height: int, width: int) -> None:
    assert misplaced(film, height, width) == ()
    across = 512 // width
    down = 640 // height
    for first, second in ((across + across // 2, (down - 2) * across + across // 2), (across, down // 2 * across)):
        (caution,) = misplaced(exchanged(film, first, second, height, width), height, width)
        assert "elsewhere" in caution.text
    lost, doubled = film.copy(), film.copy()
    rows, columns = (
        slice(down // 2 * height, (down // 2 + 1) * height),
        slice(across // 2 * width, (across // 2 + 1) * width),
    )
    lost[rows, columns] = 0
    doubled[rows, columns] = film[height : 2 * height, columns]
    assert "empty" in misplaced(lost, height, width)[0].text
    assert "twice" in misplaced(doubled, height, width)[0].text


def test_a_shutter_along_strips_is_none(film: npt.NDArray[np.uint8]) -> None:
    shut = film.copy()
    shut[:64], shut[-128:], shut[:, :128] = 0, 0, 0
    assert misplaced(shut, 64, 512) == misplaced(shut, 64, 128) == ()


def test_differences_are_named_and_films_are_not(film: npt.NDArray[np.uint8]) -> None:
    for samples in (film, film.astype(np.uint16) * np.uint16(257), film.astype(np.float32)):
        assert mispredicted(samples) == ()
    assert mispredicted(np.diff(film, axis=1, prepend=np.uint8(0)))
    assert mispredicted(np.cumsum(film, axis=1, dtype=np.uint8))


def tiff(film: npt.NDArray[Any], **options: Any) -> bytes:
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, film, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("options", [{"rowsperstrip": 640}, {"rowsperstrip": 64}, {"tile": (128, 128)}])
def test_jpeg_in_tiff_is_read_and_of_another_width_refused(
    film: npt.NDArray[np.uint8], options: dict[str, Any]
) -> None:
    data = tiff(film, compression="jpeg", **options)
    assert read_tiff(data, "").withheld is None
    changed, start = bytearray(data), 0
    while (start := changed.find(b"\xff\xc0", start)) >= 0:
        changed[start + 5 : start + 9] = changed[start + 7 : start + 9] + changed[start + 5 : start + 7]
        start += 1
    if "tile" not in options:
        with pytest.raises(DamagedError, match="its JPEG has"):
            read_tiff(bytes(changed), "")


@pytest.fixture(autouse=True)
def quiet() -> Any:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def test_more_strips_than_the_height_needs_and_overlapping_ones_are_refused(film: npt.NDArray[np.uint8]) -> None:
    data = tiff(film, rowsperstrip=64)
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        tags = file.pages.first.tags
        offsets, length = tags["StripOffsets"], tags["ImageLength"]
        first, height_at = offsets.valueoffset, length.valueoffset
    assert read_tiff(data, "").withheld is None
    lower, moved = bytearray(data), bytearray(data)
    lower[height_at : height_at + 2] = (320).to_bytes(2, "little")
    with pytest.raises(DamagedError, match="needs 5 strips or tiles and names 10"):
        read_tiff(bytes(lower), "")
    second = int.from_bytes(moved[first + 4 : first + 8], "little") + 100
    moved[first + 4 : first + 8] = second.to_bytes(4, "little")
    with pytest.raises(DamagedError, match="overlap"):
        read_tiff(bytes(moved), "")
