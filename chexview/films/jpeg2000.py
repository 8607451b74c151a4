"""JPEG 2000 and HTJ2K: the codestream out of its file boxes, and the picture with what its decoder noticed.

A codestream whose bytes were overwritten decodes without an error into patches of noise. OpenJPEG can tell: where a
stream says that its coding passes end predictably, it compares the bytes that each code block has with those it used
(ITU-T T.800 D.4.2). That flag changes no decoded value, so it is set here in every stream before it is decoded.
"""

import logging
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import imagecodecs
import numpy as np
import numpy.typing as npt

CODESTREAM = b"\xff\x4f\xff\x51"
FILE = b"\x00\x00\x00\x0cjP  "
"""The signature box of a JP2 file (T.800 I.5.1)."""

_COD, _COC, _QCD, _SOT, _SOD, _EOC = b"\xff\x52", b"\xff\x53", b"\xff\x5c", b"\xff\x90", b"\xff\x93", b"\xff\xd9"
_PREDICTABLE, _HIGH_THROUGHPUT = 0x10, 0x40
_FORBIDDEN = re.compile(rb"\xff[\x90\x93-\xff]")
"""Bytes that coded data and packet headers never hold; 0xFF91 and 0xFF92 may stand between packets (T.800 A.8)."""
_ZEROS = 16
"""Coded bytes are as good as random; so many zeros in a row are a hole that was filled."""
_EVEN = 2.5
"""The step of a sub-band is that of the one before it within this factor; a changed exponent is off by powers of two."""
_TOLERATED = 6
"""Bytes by which encoders that cut passes short, or leave them a little long, differ from what was used."""
_NOTICED = re.compile(
    r"(\d+) remaining bytes in code block|(\d+) synthe[sz]i[sz]ed 0xFF markers read|Malformed HT codeblock"
)


@dataclass(frozen=True, slots=True, eq=False)
class Picture2000:
    """Decoded samples, and in how many places the coded data are not what an encoder writes."""

    samples: npt.NDArray[np.integer[Any]]
    broken: int


class _Notes(logging.Handler):
    """Keeps what OpenJPEG says of one stream, which imagecodecs hands to its log."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps one line."""
        self.lines.append(record.getMessage())


_decoder_log = logging.getLogger("imagecodecs")
_decoder_log.propagate = False


def is_jpeg_2000(stream: bytes) -> bool:
    """Whether a stream is a JPEG 2000 codestream, bare or in the boxes of a file."""
    return stream[:4] == CODESTREAM or stream[:8] == FILE


def codestream(stream: bytes) -> bytes | None:
    """The codestream of a stream that may be a JP2 file (T.800 I.4, box ``jp2c``); None if a file holds none."""
    if stream[:8] != FILE:
        return stream
    position = 0
    while position + 8 <= len(stream):
        length, kind, head = (
            int.from_bytes(stream[position : position + 4], "big"),
            stream[position + 4 : position + 8],
            8,
        )
        if length == 1:
            length, head = int.from_bytes(stream[position + 8 : position + 16], "big"), 16
        end = len(stream) if length == 0 else position + length
        if kind == b"jp2c":
            return stream[position + head : end]
        if length and length < head:
            return None
        position = end
    return None


def decode(stream: bytes) -> Picture2000:
    """Decodes a codestream. Raises whatever the decoder raises where the stream does not fit together."""
    layout = _layout(stream)
    notes = _Notes()
    _decoder_log.addHandler(notes)
    try:
        samples = imagecodecs.jpeg2k_decode(_predictable(stream, layout), verbose=2)
    finally:
        _decoder_log.removeHandler(notes)
    noticed = _NOTICED.finditer("\n".join(notes.lines))
    broken = sum(_is_broken(match.group(1) or match.group(2)) for match in noticed)
    return Picture2000(samples, broken + _impossible(stream, layout) + _uneven(stream, layout))


def _is_broken(count: str | None) -> bool:
    return count is None or int(count) > _TOLERATED


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where a codestream keeps its coding styles (the byte of code block flags), and its packets, from and to, and what its
    main header says of quantisation (the segments' bodies).
    """

    styles: tuple[int, ...]
    packets: tuple[slice, ...]
    quantisers: tuple[slice, ...] = ()


def _layout(stream: bytes) -> _Layout:
    """Follows the marker segments of the main header and of each tile part (T.800 A.3)."""
    styles, packets, quantisers = [], [], []
    wide = int.from_bytes(stream[40:42], "big") > 256
    position, tile_end = 2, 0
    while position + 4 <= len(stream) and stream[position] == 0xFF:
        marker = stream[position : position + 2]
        if marker == _EOC:
            break
        if marker == _SOD:
            end = tile_end or max(stream.rfind(_EOC), position + 2)
            packets.append(slice(position + 2, end))
            if end <= position:
                break
            position = end
            continue
        length = int.from_bytes(stream[position + 2 : position + 4], "big")
        if marker == _QCD and not packets:
            quantisers.append(slice(position + 4, position + 2 + length))
        style = {_COD: position + 12, _COC: position + (8 if wide else 7)}.get(marker)
        if marker == _COC and style is not None:
            style += 2
        if style is not None and style < len(stream):
            styles.append(style)
        if marker == _SOT:
            part = int.from_bytes(stream[position + 6 : position + 10], "big")
            tile_end = position + part if part else 0
        position += 2 + length
    return _Layout(tuple(styles), tuple(packets), tuple(quantisers))


def _predictable(stream: bytes, layout: _Layout) -> bytes:
    """The codestream with the flag for predictable termination in each coding style that is not HT (T.800 A.6.1)."""
    out = bytearray(stream)
    for style in layout.styles:
        if not out[style] & _HIGH_THROUGHPUT:
            out[style] |= _PREDICTABLE
    return bytes(out)


def _impossible(stream: bytes, layout: _Layout) -> int:
    """Places in the packets that no coder writes: what would be a marker (T.800 B.10.1, D.4), or a long run of zeros."""
    places = 0
    for packets in layout.packets:
        body = stream[packets]
        places += len(_FORBIDDEN.findall(body)) + body.count(bytes(_ZEROS))
    return places


def _uneven(stream: bytes, layout: _Layout) -> int:
    """Places in the main header's quantisation that no encoder writes (T.800 A.6.4, E.1.1).

    Horizontal and vertical detail of one resolution have the same step, and it changes little from one sub-band to the next.
    Without quantisation its exponent is the dynamic range, to a bit or two.
    """
    places = 0
    for body in (stream[each] for each in layout.quantisers):
        style = body[0] & 31 if body else 1
        if style == 0:
            exponents = [value >> 3 for value in body[1:]]
            places += sum(exponents[at] != exponents[at + 1] for at in range(1, len(exponents) - 1, 3))
            places += sum(abs(before - after) > 2 for before, after in pairwise(exponents))
        elif style == 2:
            words = [int.from_bytes(body[at : at + 2], "big") for at in range(1, len(body) - 1, 2)]
            places += sum(words[at] != words[at + 1] for at in range(1, len(words) - 1, 3))
            steps = [(1.0 + (word & 2047) / 2048.0) * 2.0 ** -(word >> 11) for word in words]
            places += sum(not 1.0 / _EVEN < after / before < _EVEN for before, after in pairwise(steps))
    return places
