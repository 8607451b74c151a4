"""A PNG that a user brings: every chunk of its picture with the checksum that it declares, and its data inflated to the last byte.

Pillow stops reading when it has all rows that it wants, or none any more: it proves no checksum of the picture's data, and a
picture whose data end in zeros comes out half black without a word (PNG, third edition, 5.3, 10.1). What the proof has inflated
goes to Pillow as it is, in stored blocks of deflate (RFC 1951, 3.2.4), so that a film is inflated once.
"""

import zlib

import numpy as np
from PIL import Image

from chexview.errors import DamagedError
from chexview.films.limits import check_geometry
from chexview.films.pictures import read_picture
from chexview.films.radiograph import Caution, Radiograph
from chexview.films.row_length import misread

_SIGNATURE = 8
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Samples of a pixel by colour type (PNG, table 11.1)."""
_FILTER = 1
"""Bytes before each row, which say how it is filtered (PNG 9.2)."""
_STORED_BYTES = 2**26
"""A picture that needs more is inflated piece by piece and then by Pillow, so that it is not in memory three times."""
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""First column and row of each pass of an interlaced picture, and its steps (PNG 8.2)."""


def read_png(data: bytes, digest: str) -> Radiograph:
    """Reads a PNG from its bytes; ``digest`` is their SHA-256.

    Raises what :func:`~chexview.films.pictures.read_picture` raises, and DamagedError where the picture's data are not whole.
    """
    return read_picture(inflated(data), digest, judge=_judge)


def _judge(image: Image.Image) -> tuple[Caution, ...]:
    """A caution where the header's width is not that of the rows; pixels of one bit are judged elsewhere.

    Raises DamagedError if pixels name entries that the palette does not have (PNG 11.2.2); Pillow shows them black.
    """
    if image.mode == "1":
        return ()
    values = np.asarray(image)
    if image.mode == "P":
        entries = 0 if image.palette is None else len(image.palette.palette) // len(image.palette.mode)
        if int(values.max()) >= entries:
            raise _damaged(f"has a palette of {entries} colours and its pixels name more")
    return misread(values if values.ndim == 2 else values[..., 0], _FILTER)


def inflated(data: bytes) -> bytes:
    """The same PNG, its picture's data stored, not compressed; as it is where that takes much memory or its chunks are in disorder.

    Raises DamagedError if a critical chunk is cut short or changed, or the picture's data are not as many as it needs.
    """
    head, ended = b"", False
    stream: list[bytes] = []
    position = begin = end = _SIGNATURE
    while position + 12 <= len(data) and not ended:
        length, kind = int.from_bytes(data[position : position + 4], "big"), data[position + 4 : position + 8]
        body = data[position + 8 : position + 8 + length]
        sum_ = data[position + 8 + length : position + 12 + length]
        if len(sum_) < 4:
            raise _damaged("is cut short")
        is_critical = not kind[0] & 0x20
        if is_critical and zlib.crc32(kind + body).to_bytes(4, "big") != sum_:
            raise _damaged("has a part that does not fit its checksum")
        if kind == b"IHDR" and length == 13:
            head = body
        elif kind == b"IDAT":
            begin = begin if stream else position
            end = position + 12 + length
            stream.append(body)
        ended = kind == b"IEND"
        position += 12 + length
    if not head or not stream:
        raise _damaged("is cut short before its picture begins")
    if not ended:
        raise _damaged("is cut short")
    needed = _bytes(head)
    if needed is None:
        return data  # of no colour type that there is: Pillow says so
    is_one_run = end - begin == sum(12 + len(part) for part in stream)
    keeps = is_one_run and needed <= _STORED_BYTES
    inflater, held, pieces = zlib.decompressobj(), 0, []
    try:
        for part in stream:
            while part:
                piece = inflater.decompress(part, 2**20)
                held += len(piece)
                if keeps:
                    pieces.append(piece)
                part = inflater.unconsumed_tail
                if held > needed:
                    raise _damaged("holds more than its picture needs")
    except zlib.error as error:
        raise _damaged("does not inflate to the end") from error
    if held < needed or not inflater.eof:
        raise _damaged("does not hold all of its picture")
    if not keeps:
        return data
    body = zlib.compress(b"".join(pieces), 0)
    sum_ = zlib.crc32(body, zlib.crc32(b"IDAT")).to_bytes(4, "big")
    return b"".join((data[:begin], len(body).to_bytes(4, "big"), b"IDAT", body, sum_, data[end:]))


def _bytes(head: bytes) -> int | None:
    """The bytes of the picture, filter bytes included (PNG 7.2, 8.1); None for a colour type that there is not."""
    columns, rows = int.from_bytes(head[:4], "big"), int.from_bytes(head[4:8], "big")
    check_geometry(rows, columns)
    channels = _CHANNELS.get(head[9])
    if channels is None:
        return None
    passes = _PASSES if head[12] == 1 else ((0, 0, 1, 1),)
    total = 0
    for left, top, across, down in passes:
        wide, high = -(-(columns - left) // across), -(-(rows - top) // down)
        total += high * (1 + (wide * channels * head[8] + 7) // 8) if wide > 0 and high > 0 else 0
    return total


def _damaged(flaw: str) -> DamagedError:
    return DamagedError(f"The PNG is damaged, for it {flaw}; copy or export the film again.")
