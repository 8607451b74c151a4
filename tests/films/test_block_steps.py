"""Greys that step on a line between blocks which turns a corner are found; edges, shutters and low quality are not.

What cannot be told: a step that begins in the first or last blocks of a row looks as a shutter's edge does, one of fewer
than three levels as the steps of strong compression do, and one between restart markers ends with its row of blocks.
"""

import io
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from pydicom import uid

from chexview.films import jpeg, jpeg_entropy
from chexview.films.block_steps import step_row
from chexview.films.dicom import read_dicom
from chexview.films.jpeg_picture import read_jpeg
from chexview.films.radiograph import CautionKind, Radiograph
from tests.films.builders import encapsulated, picture

FILM = Path("chexview/bundled/films/00012376_010.png")


@pytest.fixture(scope="module")
def film() -> npt.NDArray[np.uint8]:
    with Image.open(FILM) as image:
        return np.asarray(image.convert("L").resize((384, 320)))


def shifted(film: npt.NDArray[np.uint8], block: int, levels: int) -> npt.NDArray[np.uint8]:
    """The film as it comes out if the difference of one block is changed."""
    across = film.shape[1] // 8
    row, column = divmod(block, across)
    moved = film.astype(np.int32)
    moved[8 * row : 8 * row + 8, 8 * column :] += levels
    moved[8 * row + 8 :] += levels
    return np.clip(moved, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("levels", [-60, -12, 6, 25])
@pytest.mark.parametrize("column", [10, 24, 38])
def test_a_step_that_turns_a_corner_is_found_at_its_row(film: npt.NDArray[np.uint8], column: int, levels: int) -> None:
    assert step_row(film, 8) is None
    assert step_row(shifted(film, 15 * 48 + column, levels), 8) in (120, 128)


@pytest.mark.parametrize("quality", [10, 40, 75, 95])
def test_strong_compression_makes_no_step(film: npt.NDArray[np.uint8], quality: int) -> None:
    with Image.open(io.BytesIO(picture(film, "JPEG", quality=quality))) as image:
        assert step_row(np.asarray(image), 8) is None


@pytest.mark.parametrize("edge", ["shutter", "slanted", "corner off the blocks", "half a row"])
def test_edges_are_no_step(film: npt.NDArray[np.uint8], edge: str) -> None:
    drawn = film.copy()
    if edge == "shutter":
        drawn[:80] = 0
    elif edge == "slanted":
        drawn[np.arange(320)[:, None] < 88 + np.arange(384)[None, :] / 48] = 0
    elif edge == "corner off the blocks":
        drawn[:84, 190:] = 0
        drawn[:92, :190] = 0
    else:
        drawn[80:, 190:] = 0
    assert step_row(drawn, 8) is None


def flipped(stream: bytes) -> bytes:
    """The stream with one bit changed in the middle, such that its codes still fit and its greys shift."""
    structure = jpeg.parse(stream)
    assert structure is not None
    with Image.open(io.BytesIO(stream)) as image:
        whole = np.asarray(image).astype(int)
    begin = (structure.scans[0].start + structure.scans[0].end) // 2
    for bit in range(0, 4000, 3):
        changed = bytearray(stream)
        changed[begin + bit // 8] ^= 128 >> bit % 8
        if (found := jpeg.parse(bytes(changed))) is None or len(found.scans) != 1:
            continue
        with Image.open(io.BytesIO(changed)) as image:
            moved = np.asarray(image).astype(int) - whole
        if abs(np.median(moved[-80:])) >= 6 and jpeg_entropy.dct_flaw(bytes(changed), found) is None:
            return bytes(changed)
    raise AssertionError("no bit of these shifts the greys")


def check_withheld(film: Radiograph) -> None:
    assert film.withheld is not None
    assert [caution.kind for caution in film.cautions].count(CautionKind.DAMAGE) == 1


def test_one_changed_bit_withholds_the_score(film: npt.NDArray[np.uint8]) -> None:
    stream = flipped(picture(film, "JPEG", quality=85))
    check_withheld(read_jpeg(stream, ""))
    check_withheld(read_dicom(encapsulated(stream, film, uid.JPEGBaseline8Bit), ""))


def test_a_turned_picture_is_judged_as_it_is_coded(film: npt.NDArray[np.uint8]) -> None:
    exif = Image.Exif()
    exif[274] = 6
    stream = picture(shifted(film, 15 * 48 + 20, 30), "JPEG", quality=90, exif=exif)
    check_withheld(read_jpeg(stream, ""))
    assert read_jpeg(picture(film, "JPEG", quality=90, exif=exif), "").withheld is None
