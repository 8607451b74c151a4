"""PNGs: what is changed anywhere in their picture is refused; what is whole is read whatever its kind."""

import io
import random
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from chexview.errors import DamagedError
from chexview.films import png_picture
from chexview.films.png_picture import inflated, read_png
from tests.films.builders import picture, ramp

END = b"\0\0\0\0IEND\xaeB`\x82"


def noisy() -> bytes:
    grain = np.random.default_rng(6).integers(0, 9, (64, 64))
    return picture((ramp(8) // 2 + grain).astype(np.uint8))


@pytest.mark.parametrize("kind", ["zeros", "cut", "flip"])
def test_a_picture_whose_data_were_changed_is_refused_however_well_it_ends(kind: str) -> None:
    data, chance = noisy(), random.Random(7)
    for _ in range(40):
        at = chance.randrange(60, len(data) - 30)
        changed = bytearray(data)
        if kind == "zeros":
            changed[at : -len(END)] = bytes(len(data) - len(END) - at)
        elif kind == "cut":
            changed = changed[:at] + END
        else:
            changed[at] ^= 1 << chance.randrange(8)
        with pytest.raises(DamagedError, match="PNG is damaged"):
            read_png(bytes(changed), "d")


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def test_data_with_a_right_checksum_that_do_not_fill_the_picture_are_refused() -> None:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 64, 64, 8, 0, 0, 0, 0))
    for rows in (30, 63, 65):
        body = zlib.compress(b"".join(b"\0" + bytes(range(64)) for _ in range(rows)))
        with pytest.raises(DamagedError, match=r"does not hold all|more than"):
            read_png(b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", body) + END, "d")


@pytest.mark.parametrize("mode", ["L", "P", "RGB", "RGBA", "LA", "I;16", "1"])
def test_whole_pictures_of_all_kinds_are_whole(mode: str) -> None:
    base = Image.fromarray(ramp(8, 61, 67).astype(np.uint8))
    image = Image.fromarray(ramp(16, 61, 67)) if mode == "I;16" else base.convert(mode)
    data = picture(image)
    with Image.open(io.BytesIO(data)) as whole, Image.open(io.BytesIO(inflated(data))) as stored:
        assert (stored.mode, stored.size) == (whole.mode, whole.size)
        assert np.array_equal(np.asarray(stored), np.asarray(whole))


def test_an_interlaced_picture_is_counted_pass_by_pass() -> None:
    whole = ramp(8, 61, 67).astype(np.uint8)
    passes = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
    rows = [row for left, top, across, down in passes for row in whole[top::down, left::across]]
    body = zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows))
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 67, 61, 8, 0, 0, 0, 1))
    data = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", body) + END
    assert np.array_equal(read_png(data, "d").pixels, whole)


def test_a_film_is_inflated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What Pillow gets is as long as the picture, for it is stored; it shows the same."""
    seen: list[bytes] = []
    monkeypatch.setattr(png_picture, "read_picture", lambda data, digest, judge: seen.append(data))
    data = noisy()
    read_png(data, "d")
    position = seen[0].index(b"IDAT") - 4
    length = int.from_bytes(seen[0][position : position + 4], "big")
    body = seen[0][position + 8 : position + 8 + length]
    assert 64 * 65 < length <= 64 * 65 + 16
    assert body[2] & 0b110 == 0  # a block that is stored (RFC 1951, 3.2.3)
    with Image.open(io.BytesIO(data)) as whole, Image.open(io.BytesIO(seen[0])) as stored:
        assert np.array_equal(np.asarray(whole), np.asarray(stored))


def test_what_is_large_or_in_disorder_goes_on_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    data = noisy()
    head, body = data[:33], zlib.compress(b"".join(b"\0" + bytes(range(64)) for _ in range(64)))
    note = chunk(b"tEXt", b"Comment\0between")
    apart = head + chunk(b"IDAT", body[:20]) + note + chunk(b"IDAT", body[20:]) + END
    together = head + note + chunk(b"IDAT", body[:20]) + chunk(b"IDAT", body[20:]) + END
    assert inflated(apart) == apart
    assert inflated(together) != together and note in inflated(together)
    monkeypatch.setattr(png_picture, "_STORED_BYTES", 64 * 65 - 1)
    assert inflated(together) == together


@pytest.mark.parametrize("entries", [0, 40, 255, 256])
def test_pixels_beyond_the_palette_are_not_black(entries: int) -> None:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 64, 64, 8, 3, 0, 0, 0))
    palette = chunk(b"PLTE", bytes(level for level in range(entries) for _ in range(3))) if entries else b""
    body = chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row.tobytes() for row in ramp(8).astype(np.uint8))))
    data = b"\x89PNG\r\n\x1a\n" + head + palette + body + END
    if entries == 256:
        assert np.array_equal(read_png(data, "d").pixels, ramp(8))
    else:
        with pytest.raises(DamagedError, match=f"a palette of {entries} colours"):
            read_png(data, "d")
