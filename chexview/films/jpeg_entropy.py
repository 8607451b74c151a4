"""Whether a JPEG's Huffman-coded data are whole: they must end exactly where the picture does.

Decoders fill what is missing and say nothing; an end marker behind data that were cut is all they ask for. Codes of a
DCT are followed here without being turned into a picture: the length of the code at every bit is looked up at once by
numpy, then one step is taken for each code (ITU-T T.81 F.2.2). A lossless picture is coded again as far as its length:
the codes of the decoded picture must take as many bits as the data have (T.81 H.1.2).
"""

import math
import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chexview.films.jpeg import Frame, Jpeg, Scan, ScanComponent

_RESTART = re.compile(rb"\xff+([\xd0-\xd7])")
_BLOCK, _END_OF_BLOCK, _NO_CODE = 64, 128, 200
_RESTARTS = "do not restart where they must"
_MARGIN = 1.25
"""A DC coefficient goes beyond white by at most this factor: some encoders overshoot beside edges so that white stays white."""
_ROUNDING = 2.0
"""Steps of its quantiser by which rounding takes it beyond what its samples can give."""


@dataclass(frozen=True, slots=True, eq=False)
class _Codes:
    """For each 16 bits: the bits that the code and its value take (0 if there is no such code), and its symbol."""

    steps: npt.NDArray[np.uint8]
    symbols: npt.NDArray[np.uint8]
    lengths: npt.NDArray[np.uint8]


def dct_flaw(stream: bytes, jpeg: Jpeg) -> str | None:
    """What is wrong with the coded data of a sequential DCT, in words that follow "the coded data"; None if whole."""
    frame = jpeg.frame
    lacking = _lacking(jpeg)
    if lacking:
        return lacking
    for scan in jpeg.scans:
        pattern, units = _units(scan, frame)
        interval = scan.restart_interval or units
        parts = _parts(stream, scan, units)
        if parts is None:
            return _RESTARTS
        for number, part in enumerate(parts):
            bits = np.frombuffer(part + b"\xff" * 8, np.uint8)
            count = min(interval, units - number * interval)
            try:
                position = _follow_blocks(bits, pattern, count, _reach(scan, frame))
            except IndexError:
                position = 8 * len(part) + 1
            found = _end_flaw(position, part)
            if found:
                return found
    return None


def lossless_flaw(stream: bytes, jpeg: Jpeg, samples: npt.NDArray[np.uint8 | np.uint16]) -> str | None:
    """As :func:`dct_flaw`, of a lossless JPEG; ``samples`` is what it decodes to, (rows, columns) or (.., components)."""
    frame = jpeg.frame
    lacking = _lacking(jpeg)
    if lacking:
        return lacking
    if int(samples.max()) >> frame.precision:
        return "give values beyond their own depth"
    planes = samples.reshape(frame.rows, frame.columns, -1)
    names = [component.identifier for component in frame.components]
    if any(component.horizontal * component.vertical != 1 for component in frame.components):
        return "are of components of different size"
    for scan in jpeg.scans:
        interval = scan.restart_interval or frame.rows * frame.columns
        parts = _parts(stream, scan, frame.rows * frame.columns)
        if parts is None or interval % frame.columns:
            return _RESTARTS
        bits = np.zeros(frame.rows, np.int64)
        for component in scan.components:
            plane = planes[:, :, names.index(component.component.identifier)].astype(np.int32) >> scan.transform
            start = 1 << (frame.precision - scan.transform - 1)
            bits += _row_bits(plane, scan.predictor, start, interval // frame.columns, component.dc or b"")
        for number, part in enumerate(parts):
            rows = slice(number * interval // frame.columns, (number + 1) * interval // frame.columns)
            found = _end_flaw(int(bits[rows].sum()), part)
            if found:
                return found
    return None


def _row_bits(
    plane: npt.NDArray[np.int32], predictor: int, start: int, rows: int, table: bytes
) -> npt.NDArray[np.int64]:
    """The bits that each row of a component takes (T.81 H.1.2.1, H.1.2.2); prediction begins anew after ``rows`` rows."""
    left = np.empty_like(plane)
    left[:, 1:] = plane[:, :-1]
    left[1:, 0] = plane[:-1, 0]
    left[::rows, 0] = start
    if predictor == 1 or len(plane) == 1:
        predicted = left
    else:
        above, corner = left.copy(), left.copy()
        above[1:, 1:], corner[1:, 1:] = plane[:-1, 1:], plane[:-1, :-1]
        predicted = _predicted(predictor, left, above, corner)
        predicted[::rows], predicted[:, 0] = left[::rows], left[:, 0]
    differences = (plane - predicted).astype(np.int16).view(np.uint16)
    magnitudes = np.abs(np.arange(65536, dtype=np.int32).astype(np.uint16).view(np.int16).astype(np.int32))
    sizes = np.frexp(magnitudes.astype(np.float64))[1]
    lengths = np.full(17, 64, np.int64)
    codes = _codes(table)
    for symbol in range(17):
        coded = codes.steps[(codes.symbols == symbol) & (codes.lengths > 0)]
        if len(coded):
            lengths[symbol] = coded[0]
    return np.asarray(lengths[sizes].astype(np.uint8)[differences].sum(axis=1, dtype=np.int64))


def _predicted(
    predictor: int, left: npt.NDArray[np.int32], above: npt.NDArray[np.int32], corner: npt.NDArray[np.int32]
) -> npt.NDArray[np.int32]:
    """What a predictor says of every sample from its neighbours (T.81 table H.1)."""
    match predictor:
        case 2:
            return above
        case 3:
            return corner
        case 4:
            return left + above - corner
        case 5:
            return left + ((above - corner) >> 1)
        case 6:
            return above + ((left - corner) >> 1)
        case 7:
            return (left + above) >> 1
    return left


def _lacking(jpeg: Jpeg) -> str | None:
    coded = {component.component.identifier for scan in jpeg.scans for component in scan.components}
    if coded != {component.identifier for component in jpeg.frame.components}:
        return "lack a component"
    if any(component.dc is None for scan in jpeg.scans for component in scan.components):
        return "lack their Huffman tables"
    return None


def _parts(stream: bytes, scan: Scan, units: int) -> list[bytes] | None:
    """The coded data between restart markers, stuffed zeros removed; None if the markers are not those due."""
    split = _RESTART.split(stream[scan.start : scan.end])
    numbers, parts = [part[0] - 0xD0 for part in split[1::2]], split[::2]
    if len(parts) > 1 and not parts[-1]:
        parts, numbers = parts[:-1], numbers[:-1]
    due = -(-units // (scan.restart_interval or units))
    if numbers != [number % 8 for number in range(len(numbers))] or len(parts) != due:
        return None
    return [part.replace(b"\xff\0", b"\xff") for part in parts]


def _end_flaw(position: int, part: bytes) -> str | None:
    """What is wrong where the codes end at a bit of a part: what is left of its last byte is padding (T.81 F.1.2.3)."""
    total = 8 * len(part)
    if position < 0:
        return "hold a code that cannot be"
    if position > total:
        return "end before the picture does"
    if total - position >= 8:
        return "go on after the picture has ended"
    ones = (1 << (total - position)) - 1
    return None if total == position or part[-1] & ones in (0, ones) else "do not end as they must"


def _units(scan: Scan, frame: Frame) -> tuple[list[ScanComponent], int]:
    """The components of one unit (MCU) in their order, one entry a block or sample, and the number of units."""
    across = max((component.horizontal for component in frame.components), default=1) or 1
    down = max((component.vertical for component in frame.components), default=1) or 1
    side = 8
    if len(scan.components) == 1:
        only = scan.components[0].component
        columns = -(-frame.columns * (only.horizontal or 1) // across)
        rows = -(-frame.rows * (only.vertical or 1) // down)
        return [scan.components[0]], -(-columns // side) * -(-rows // side)
    pattern = [
        component
        for component in scan.components
        for _ in range(component.component.horizontal * component.component.vertical)
    ]
    return pattern, -(-frame.columns // (side * across)) * -(-frame.rows // (side * down))


def _reach(scan: Scan, frame: Frame) -> dict[int, tuple[float, float]]:
    """The lowest and highest DC coefficient, quantised, that samples of the frame's precision can give, by quantiser."""
    largest = 8 * (1 << (frame.precision - 1))
    return {
        number: (-largest / max(step, 1) - _ROUNDING, _MARGIN * largest / max(step, 1) + _ROUNDING)
        for number, step in scan.quantisers
    }


def _codes(table: bytes) -> _Codes:
    """The look-up of a Huffman table (T.81 annex C): 16 counts, then symbols."""
    steps, symbols, lengths = (np.zeros(65536, np.uint8) for _ in range(3))
    code, used = 0, 16
    for length in range(1, 17):
        for symbol in table[used : used + table[length - 1]]:
            span = 1 << (16 - length)
            at = code * span
            size = symbol & 15 if symbol != 16 else 0
            steps[at : at + span], symbols[at : at + span], lengths[at : at + span] = length + size, symbol, length
            code += 1
        used += table[length - 1]
        code <<= 1
    return _Codes(steps, symbols, lengths)


def _windows(bits: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint32]:
    """The 24 bits from each byte on."""
    wide = bits.astype(np.uint32)
    return np.asarray((wide[:-2] << 16) | (wide[1:-1] << 8) | wide[2:], dtype=np.uint32)


def _everywhere(windows: npt.NDArray[np.uint32], look_up: npt.NDArray[np.uint8]) -> bytes:
    """What ``look_up`` has for the 16 bits at every bit position."""
    out = np.empty((len(windows), 8), np.uint8)
    for offset in range(8):
        out[:, offset] = look_up[(windows >> np.uint32(8 - offset)) & np.uint32(0xFFFF)]
    return out.tobytes()


def _follow_blocks(
    bits: npt.NDArray[np.uint8], pattern: list[ScanComponent], units: int, reach: dict[int, tuple[float, float]]
) -> int:
    """The bit after the last of ``units`` units of DCT blocks, -1 where a code or a coefficient cannot be."""
    windows, data = _windows(bits), bits.tobytes()
    by_table: dict[bytes, tuple[bytes, bytes]] = {}
    direct: dict[bytes, tuple[bytes, bytes]] = {}
    for component in pattern:
        dc, ac = component.dc or b"", component.ac or bytes(16)
        if dc not in direct:
            dc_codes = _codes(dc)
            direct[dc] = dc_codes.symbols.tobytes(), dc_codes.lengths.tobytes()
        if ac not in by_table:
            codes = _codes(ac)
            runs = np.asarray((codes.symbols >> 4) + 1, dtype=np.uint8)
            runs[(codes.symbols & 15) == 0] = _END_OF_BLOCK
            runs[codes.symbols == 0xF0] = 16
            runs[codes.steps == 0] = _NO_CODE
            by_table[ac] = _everywhere(windows, codes.steps), _everywhere(windows, runs)
    blocks = [
        (
            *direct[component.dc or b""],
            *by_table[component.ac or bytes(16)],
            component.component.identifier,
            *reach.get(component.component.quantiser, (-math.inf, math.inf)),
        )
        for component in pattern
    ]
    levels = dict.fromkeys((block[4] for block in blocks), 0)
    position = 0
    for _ in range(units):
        for symbols, lengths, steps, skips, name, least, most in blocks:
            byte = position >> 3
            if byte + 6 > len(data):
                raise IndexError
            window = int.from_bytes(data[byte : byte + 6], "big") << (position & 7) & 0xFFFFFFFFFFFF
            code = window >> 32
            length, size = lengths[code], symbols[code]
            if not length or size > 15:
                return -1
            position += length + size
            if size:
                value = (window << length & 0xFFFFFFFFFFFF) >> (48 - size)
                levels[name] += value if value >> (size - 1) else value - (1 << size) + 1
                if not least <= levels[name] <= most:
                    return -1
            index = 1
            while index < _BLOCK:
                index += skips[position]
                position += steps[position]
            if index != _BLOCK and not _END_OF_BLOCK <= index < _NO_CODE:
                return -1
    return position
