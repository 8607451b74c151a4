"""Coded data that are whole pass, whatever coded them; data that were cut, holed or overwritten do not.

What cannot be told from the codes: bits of a value, which leave all lengths as they were. Of a DCT, the difference of a block
is seen in the picture (:mod:`tests.films.test_block_steps`), other coefficients spoil one block of 8 x 8; of a lossless JPEG,
predictor 1 spoils the rest of a row, the others give values beyond their depth before long. Rows between restart markers that
were exchanged, markers and all in order, are one block high and as sound as any.
"""

import io
import random

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from chexview.films import jpeg, jpeg_entropy
from tests.films.builders import picture

FILM = np.random.default_rng(5).normal(0, 6, (96, 80)) + np.linspace(20, 230, 96)[:, None] + np.arange(80) / 4
EIGHT = np.clip(FILM, 0, 255).astype(np.uint8)
TWELVE = np.clip(FILM * 16, 0, 4095).astype(np.uint16)


def encoded(**options: object) -> bytes:
    """A baseline JPEG by Pillow."""
    buffer = io.BytesIO()
    colour = bool(options.pop("colour", False))
    Image.fromarray(np.stack([EIGHT] * 3, -1) if colour else EIGHT).save(buffer, "JPEG", **options)
    return buffer.getvalue()


DCT = {
    "quality 30": encoded(quality=30),
    "quality 100": encoded(quality=100),
    "optimised": encoded(optimize=True),
    "restarts": encoded(restart_marker_blocks=7),
    "colour 4:2:0": encoded(colour=True),
    "colour 4:4:4": encoded(colour=True, subsampling=0),
    "12 bits": imagecodecs.jpeg8_encode(TWELVE, 90, bitspersample=12),
}
LOSSLESS = {
    f"predictor {number}": imagecodecs.jpeg8_encode(TWELVE, lossless=True, predictor=number, bitspersample=12)
    for number in range(1, 8)
} | {"by another encoder": imagecodecs.ljpeg_encode(TWELVE, bitspersample=12)}


def flaw(stream: bytes) -> str | None:
    """The flaw that is found in a stream."""
    structure = jpeg.parse(stream)
    assert structure is not None
    if structure.frame.marker != jpeg.LOSSLESS:
        return jpeg_entropy.dct_flaw(stream, structure)
    try:
        samples = imagecodecs.jpeg8_decode(stream)
    except Exception as error:
        return repr(error)
    return jpeg_entropy.lossless_flaw(stream, structure, samples)


def middle(stream: bytes) -> tuple[int, int]:
    """Two places in the coded data, from half to 55 %."""
    structure = jpeg.parse(stream)
    assert structure is not None
    start, end = structure.scans[0].start, structure.scans[0].end
    return (start + end) // 2, start + (end - start) * 55 // 100


@pytest.mark.parametrize("name", [*DCT, *LOSSLESS])
def test_whole_data_pass(name: str) -> None:
    assert flaw((DCT | LOSSLESS)[name]) is None


@pytest.mark.parametrize("name", [*DCT, *LOSSLESS])
@pytest.mark.parametrize("damage", ["cut", "hole", "zeros"])
def test_damage_is_found_although_the_end_marker_is_there(name: str, damage: str) -> None:
    stream = (DCT | LOSSLESS)[name]
    first, last = middle(stream)
    if damage == "cut":
        stream = stream[:first] + b"\xff\xd9"
    elif damage == "hole":
        stream = stream[:first] + stream[last:]
    else:
        stream = stream[:first] + bytes(last - first) + stream[last:]
    assert flaw(stream) is not None


@pytest.mark.parametrize("size", [40, 200])
@pytest.mark.parametrize("name", ["quality 100", "12 bits", "by another encoder"])
def test_most_holes_are_found_wherever_they_are(name: str, size: int) -> None:
    stream, chance = (DCT | LOSSLESS)[name], np.random.default_rng(1)
    structure = jpeg.parse(stream)
    assert structure is not None
    places = chance.integers(structure.scans[0].start, structure.scans[0].end - size - 2, 25)
    found = sum(flaw(stream[:at] + stream[at + size :]) is not None for at in places.tolist())
    assert found >= 20


def test_restart_markers_out_of_order_are_found() -> None:
    stream = DCT["restarts"]
    assert flaw(stream.replace(b"\xff\xd1", b"\xff\xd2", 1)) == "do not restart where they must"


def test_a_code_that_darkens_all_that_follows_takes_black_blocks_beyond_black() -> None:
    film = np.random.default_rng(8).integers(100, 140, (64, 64)).astype(np.uint8)
    film[:, 48:] = 0
    data = picture(film, "JPEG", quality=90)
    scan, chance, darkened = jpeg.parse(data), random.Random(9), 0
    assert scan is not None and flaw(data) is None
    seen = np.asarray(Image.open(io.BytesIO(data))).astype(int)
    for _ in range(250):
        changed = bytearray(data)
        changed[chance.randrange(scan.scans[0].start, scan.scans[0].end)] ^= 1 << chance.randrange(8)
        try:
            shown = np.asarray(Image.open(io.BytesIO(bytes(changed)))).astype(int)
        except OSError:
            continue
        if ((seen - shown) > 12).mean() > 0.2:
            darkened += 1
            assert flaw(bytes(changed)) is not None
    assert darkened > 10
