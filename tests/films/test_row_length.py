"""Rows of another length than the file says are found; films as they are, turned, noisy and strongly compressed are not.

What cannot be told: columns that are cut off each row, rows that are cut off at the end, and pictures of fewer than 12 rows.
"""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from chexview.films.dicom import read_dicom
from chexview.films.jpeg_picture import read_jpeg
from chexview.films.png_picture import read_png
from chexview.films.radiograph import Radiograph
from chexview.films.row_length import row_length
from chexview.films.tiff_picture import read_tiff
from tests.films.builders import film as dicom_film
from tests.films.builders import picture, ramp

FILM = Path("chexview/bundled/films/00012376_010.png")


@pytest.fixture(scope="module")
def film() -> npt.NDArray[np.uint8]:
    with Image.open(FILM) as image:
        return np.asarray(image.convert("L").resize((320, 384)))


def relaid(film: npt.NDArray[np.uint8], columns: int) -> npt.NDArray[np.uint8]:
    """The same bytes in rows of another length."""
    return film.reshape(-1)[: film.size // columns * columns].reshape(-1, columns)


@pytest.mark.parametrize("columns", [640, 160, 384, 321, 319, 323, 312, 329, 480, 240])
def test_rows_of_another_length_are_found(film: npt.NDArray[np.uint8], columns: int) -> None:
    assert row_length(relaid(film, columns)) == 320
    noisy = np.clip(film + np.random.default_rng(3).normal(0, 6, film.shape), 0, 255).astype(np.uint8)
    assert row_length(relaid(noisy, columns)) == 320


@pytest.mark.parametrize("angle", [0, 3, 30, 45, 90])
def test_films_at_an_angle_are_none(film: npt.NDArray[np.uint8], angle: int) -> None:
    turned = np.asarray(Image.fromarray(film).rotate(angle, Image.Resampling.BICUBIC, expand=angle == 90))
    assert row_length(turned) is None


def test_other_pictures_are_none(film: npt.NDArray[np.uint8]) -> None:
    random = np.random.default_rng(4)
    uneven = film.astype(np.int32) + 12 * (np.arange(len(film)) % 2)[:, None]
    for other in (
        ramp(12, 200, 160),
        random.integers(0, 4096, (200, 160), dtype=np.uint16),
        np.zeros((200, 160), np.uint8),
        np.repeat(random.integers(0, 256, (1, 160), dtype=np.uint8), 200, axis=0),
        np.repeat(random.integers(0, 256, (200, 1), dtype=np.uint8), 160, axis=1),
        np.clip(uneven, 0, 255).astype(np.uint8),
        np.tile(film[::4, ::4], (1, 2)),
        film[:20],
        film[:11],
    ):
        assert row_length(other) is None or np.array_equal(other[:, :80], other[:, 80:])


def assert_named(radiograph: Radiograph, said: int, true: int) -> None:
    assert radiograph.withheld is not None
    assert any(f"has {said} pixels, but rows of {true} " in caution.text for caution in radiograph.cautions)


def test_dicom_whose_rows_and_columns_are_exchanged(film: npt.NDArray[np.uint8]) -> None:
    stored = film.astype(np.uint16) * 16
    assert read_dicom(dicom_film(stored), "").withheld is None
    assert_named(read_dicom(dicom_film(stored, Rows=320, Columns=384), ""), 384, 320)
    assert_named(read_dicom(dicom_film(stored, Columns=319), ""), 319, 320)


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"quality": 95}, {"restart_marker_blocks": 8}])
def test_jpeg_whose_frame_has_half_the_height(film: npt.NDArray[np.uint8], options: dict[str, int]) -> None:
    data = bytearray(picture(film, "JPEG", **options))
    assert read_jpeg(bytes(data), "").withheld is None
    frame = data.index(b"\xff\xc2" if "progressive" in options else b"\xff\xc0")
    data[frame + 5 : frame + 9] = struct.pack(">HH", 192, 640)
    assert_named(read_jpeg(bytes(data), ""), 640, 320)


def test_colour_jpeg_of_few_units_whose_frame_has_half_the_height(film: npt.NDArray[np.uint8]) -> None:
    data = bytearray(picture(Image.fromarray(np.dstack([film] * 3)), "JPEG", subsampling="4:2:0"))
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = struct.pack(">HH", 192, 640)
    assert_named(read_jpeg(bytes(data), ""), 640, 320)


def test_png_whose_rows_hold_two_with_the_byte_between_them(film: npt.NDArray[np.uint8]) -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = zlib.compress(np.pad(film, ((0, 0), (1, 0))).tobytes())
    for width, height in ((320, 384), (641, 192)):
        head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
        found = read_png(b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", rows) + chunk(b"IEND", b""), "")
        if width == 320:
            assert found.withheld is None
        else:
            assert_named(found, 641, 320)


def test_jpeg_whose_units_are_of_another_shape(film: npt.NDArray[np.uint8]) -> None:
    colour = Image.fromarray(np.dstack([film] * 3))
    data = bytearray(picture(colour, "JPEG", subsampling="4:2:2"))
    frame = data.index(b"\xff\xc0")
    assert data[frame + 11] == 0x21
    data[frame + 11] = 0x12
    assert_named(read_jpeg(bytes(data), ""), 320, 160)


def test_tiff_whose_width_is_doubled(film: npt.NDArray[np.uint8]) -> None:
    buffer = io.BytesIO()
    Image.fromarray(film).save(buffer, "TIFF", tiffinfo={278: 384})
    data = bytearray(buffer.getvalue())
    assert read_tiff(bytes(data), "").withheld is None
    at = {tag: data.index(struct.pack("<H", tag), int.from_bytes(data[4:8], "little")) for tag in (256, 257)}
    data[at[256] + 2 : at[256] + 12] = struct.pack("<HIHH", 3, 1, 640, 0)
    data[at[257] + 2 : at[257] + 12] = struct.pack("<HIHH", 3, 1, 192, 0)
    assert_named(read_tiff(bytes(data), ""), 640, 320)


def test_two_bytes_that_are_said_to_be_two_pixels_are_named(film: npt.NDArray[np.uint8]) -> None:
    stored = film.astype(np.uint16) * 16 + np.random.default_rng(5).integers(0, 16, film.shape, dtype=np.uint16)
    found = read_dicom(dicom_film(stored, BitsAllocated=8, BitsStored=8, HighBit=7, Columns=640), "")
    assert found.withheld and any("every second one is noise" in caution.text for caution in found.cautions)
    assert read_dicom(dicom_film(film), "").withheld is None


def test_pixels_behind_the_last_row_are_named_and_padding_is_not(film: npt.NDArray[np.uint8]) -> None:
    stored = film.astype(np.uint16) * 16
    cut = read_dicom(dicom_film(stored, Rows=192), "")
    assert cut.withheld and any("goes on behind the last of 192 x 320" in caution.text for caution in cut.cautions)
    padded = dicom_film(np.pad(stored, ((0, 60), (0, 0))), Rows=384)
    assert read_dicom(padded, "").withheld is None
