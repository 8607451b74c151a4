"""The structure of a JPEG: its marker segments, frame, tables, scans, and where it really ends (ITU-T T.81 annex B).

Nothing is decoded here. A decoder believes what a JPEG declares and says nothing of what is missing; see
:mod:`chexview.films.jpeg_entropy` for the proof that the coded data are whole.
"""

import re
from dataclasses import dataclass

LOSSLESS = 0xC3
"""SOF3, lossless with Huffman coding."""
SEQUENTIAL = frozenset({0xC0, 0xC1})
"""SOF0 and SOF1, sequential DCT with Huffman coding."""
PROGRESSIVE = 0xC2
JPEG_LS = 0xF7
"""SOF55 (ITU-T T.87 C.1.1)."""

_FRAMES = frozenset({*range(0xC0, 0xD0), JPEG_LS}) - {0xC4, 0xC8, 0xCC}
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD9)})
_SOI, _EOI, _SOS, _DHT, _DRI = 0xD8, 0xD9, 0xDA, 0xC4, 0xDD
_NEXT_MARKER = re.compile(rb"\xff+[\x01-\xcf\xd8-\xfe]")
"""The next marker behind coded data; stuffed zeros and restart markers belong to the data, fill bytes to the marker."""
_NEXT_LS_MARKER = re.compile(rb"\xff+[\x80-\xfe]")
"""JPEG-LS stuffs a bit rather than a byte: after 0xFF no coded byte has its highest bit set (ITU-T T.87 A.1)."""


@dataclass(frozen=True, slots=True)
class Component:
    """One component of a frame: its identifier and its sampling, horizontal and vertical."""

    identifier: int
    horizontal: int
    vertical: int
    quantiser: int


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame header (T.81 B.2.2): ``marker`` is the second byte of its SOF, ``precision`` the bits of a sample."""

    marker: int
    precision: int
    rows: int
    columns: int
    components: tuple[Component, ...]


@dataclass(frozen=True, slots=True)
class ScanComponent:
    """A component of a scan with its Huffman tables, each the 16 counts and the symbols of a DHT; None if not defined."""

    component: Component
    dc: bytes | None
    ac: bytes | None


@dataclass(frozen=True, slots=True)
class Scan:
    """One scan: ``predictor`` is Ss (NEAR in JPEG-LS), ``transform`` Al (a lossless one's point transform, T.81 H.1.2.1).

    Its coded data are the bytes from ``start`` to ``end``.
    """

    components: tuple[ScanComponent, ...]
    predictor: int
    transform: int
    restart_interval: int
    quantisers: tuple[tuple[int, int], ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Jpeg:
    """A JPEG's structure. ``end`` is where its end marker ends, None if there is none.

    ``transformed`` says of three components whether they are YCbCr by the stream's own marks, None if it has none.
    """

    frame: Frame
    scans: tuple[Scan, ...]
    end: int | None
    transformed: bool | None


@dataclass(slots=True)
class _State:
    """What the segments so far have set."""

    huffman: dict[int, bytes]
    quantisers: dict[int, int]
    restart_interval: int = 0
    transformed: bool | None = None
    frame: Frame | None = None


def parse(stream: bytes, tables: bytes = b"") -> Jpeg | None:
    """Reads the structure, or None if the bytes are no JPEG with a frame.

    ``tables`` is an abbreviated stream of tables alone, as TIFF keeps it beside its strips (TIFF Technical Note 2).
    """
    if stream[:2] != b"\xff\xd8":
        return None
    state = _State({}, {})
    scans: list[Scan] = []
    if tables[:2] == b"\xff\xd8":
        _walk(tables, state, [])
    end = _walk(stream, state, scans)
    if state.frame is None:
        return None
    return Jpeg(state.frame, tuple(scans), end, state.transformed)


def _walk(stream: bytes, state: _State, scans: list[Scan]) -> int | None:
    """Follows the segments to the end marker, whose end it gives; None if the stream ends before."""
    position = 2
    while position + 2 <= len(stream):
        if stream[position] != 0xFF:
            following = stream.find(b"\xff", position)
            if following < 0:
                return None
            position = following
            continue
        marker = stream[position + 1]
        if marker == 0xFF:
            position += 1
            continue
        if marker == _EOI:
            return position + 2
        if marker in _STANDALONE or marker == 0:
            position += 2
            continue
        length = int.from_bytes(stream[position + 2 : position + 4], "big")
        segment = stream[position + 4 : position + 2 + length]
        if length < 2 or len(segment) < length - 2:
            return None
        position += 2 + length
        if marker == _SOS:
            position = _scan(stream, segment, position, state, scans)
        else:
            _segment(marker, segment, state)
    return None


def _segment(marker: int, segment: bytes, state: _State) -> None:
    if marker in _FRAMES and state.frame is None:
        state.frame = _frame(marker, segment)
        if state.transformed is None and state.frame is not None:
            names = bytes(component.identifier for component in state.frame.components)
            state.transformed = False if names == b"RGB" else None
    elif marker == _DHT:
        while len(segment) >= 17:
            size = 17 + sum(segment[1:17])
            state.huffman[segment[0]] = segment[1:size]
            segment = segment[size:]
    elif marker == 0xDB:
        while segment:
            wide = segment[0] >> 4
            state.quantisers[segment[0] & 15] = int.from_bytes(segment[1 : 2 + (wide > 0)], "big")
            segment = segment[65 + 64 * (wide > 0) :]
    elif marker == _DRI and len(segment) >= 2:
        state.restart_interval = int.from_bytes(segment[:2], "big")
    elif marker == 0xE0 and segment[:5] == b"JFIF\0":
        state.transformed = True
    elif marker == 0xEE and segment[:5] == b"Adobe" and len(segment) >= 12:
        state.transformed = segment[11] != 0


def _frame(marker: int, segment: bytes) -> Frame | None:
    if len(segment) < 6 or len(segment) < 6 + 3 * segment[5]:
        return None
    rows, columns = int.from_bytes(segment[1:3], "big"), int.from_bytes(segment[3:5], "big")
    components = tuple(
        Component(segment[at], segment[at + 1] >> 4, segment[at + 1] & 15, segment[at + 2])
        for at in range(6, 6 + 3 * segment[5], 3)
    )
    return Frame(marker, segment[0], rows, columns, components)


def _scan(stream: bytes, segment: bytes, start: int, state: _State, scans: list[Scan]) -> int:
    """Adds the scan whose header is ``segment``; gives where its coded data end."""
    is_ls = state.frame is not None and state.frame.marker == JPEG_LS
    found = (_NEXT_LS_MARKER if is_ls else _NEXT_MARKER).search(stream, start)
    end = found.start() if found else len(stream)
    count = segment[0] if segment else 0
    if state.frame is None or len(segment) < 4 + 2 * count:
        return end
    by_name = {component.identifier: component for component in state.frame.components}
    components = []
    for at in range(1, 1 + 2 * count, 2):
        component = by_name.get(segment[at])
        if component is None and count == len(state.frame.components):
            component = state.frame.components[at // 2]
        if component is not None:
            dc, ac = segment[at + 1] >> 4, segment[at + 1] & 15
            components.append(ScanComponent(component, state.huffman.get(dc), state.huffman.get(16 | ac)))
    scans.append(
        Scan(
            tuple(components),
            segment[1 + 2 * count],
            segment[3 + 2 * count] & 15,
            state.restart_interval,
            tuple(state.quantisers.items()),
            start,
            end,
        )
    )
    return end
