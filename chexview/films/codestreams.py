"""Encapsulated pixel data: fragments to one codestream, and what the codestream says of itself.

A codestream's own geometry is read before any decoder sees it: decoders believe it and allocate what it says.
"""

from dataclasses import dataclass

from chexview.errors import ContentError, DamagedError
from chexview.films.elements import label

_JPEG_2000 = b"\xff\x4f\xff\x51"
_FRAME_MARKERS = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xF7})
"""SOF0 to SOF3 (ITU-T T.81 B.1.1.3) and SOF55 of JPEG-LS (ITU-T T.87 C.1.1)."""
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})


@dataclass(frozen=True, slots=True)
class Codestream:
    """What a JPEG, JPEG-LS or JPEG 2000 codestream declares.

    ``transformed`` says for a JPEG of three components whether they are YCbCr by its own marks, None if it has none.
    """

    rows: int
    columns: int
    precision: int
    components: int
    marker: int
    transformed: bool | None = None


def frame(value: bytes, little_endian: bool = True) -> bytes:
    """The one frame in encapsulated pixel data, its fragments joined (PS3.5 A.4).

    Raises DamagedError where a fragment goes beyond the data or the offset table does not fit one frame.
    """
    order = "little" if little_endian else "big"
    fragments: list[bytes] = []
    position = 0
    while position < len(value):
        tag = value[position : position + 4]
        length = int.from_bytes(value[position + 4 : position + 8], order)  # type: ignore[arg-type]
        if tag == b"\xfe\xff\xdd\xe0":
            break
        if tag != b"\xfe\xff\x00\xe0":
            raise DamagedError(f"{label('PixelData')} has no item where one must begin; copy or export the film again.")
        fragment = value[position + 8 : position + 8 + length]
        if len(fragment) < length:
            raise DamagedError(
                f"{label('PixelData')} has a fragment of {length} bytes of which {len(fragment)} are there; copy or "
                "export the film again."
            )
        fragments.append(fragment)
        position += 8 + length
    if len(fragments) < 2:
        raise DamagedError(f"{label('PixelData')} holds no picture; copy or export the film again.")
    offsets = fragments[0]
    if len(offsets) not in (0, 4) or any(offsets):
        raise DamagedError(
            f"The offset table of {label('PixelData')} does not fit one frame; copy or export the film again."
        )
    return fragments[1] if len(fragments) == 2 else b"".join(fragments[1:])


def inspect(stream: bytes) -> Codestream:
    """Reads a codestream's own header. Raises DamagedError where there is none."""
    found = _jpeg_2000(stream) if stream[:4] == _JPEG_2000 else _jpeg(stream)
    if found is None:
        raise DamagedError(f"{label('PixelData')} holds no codestream that can be read; copy or export the film again.")
    return found


def check(stream: bytes, declared: Codestream, rows: int, columns: int, samples: int) -> None:
    """Raises DamagedError where the codestream is not what the header says, or does not reach its end marker."""
    if (declared.rows, declared.columns) != (rows, columns):
        raise DamagedError(
            f"{label('Rows')} and {label('Columns')} say {rows} x {columns} but the compressed picture says "
            f"{declared.rows} x {declared.columns}; export the film again."
        )
    if declared.components != samples:
        raise ContentError(
            f"{label('SamplesPerPixel')} says {samples} but the compressed picture has {declared.components} "
            "components; export the film again."
        )
    if b"\xff\xd9" not in stream[-64:]:
        raise DamagedError("The compressed picture is cut short before its end marker; copy or export the film again.")


def _jpeg_2000(stream: bytes) -> Codestream | None:
    """The SIZ segment, always first (ITU-T T.800 A.5.1)."""
    if len(stream) < 43:
        return None
    right, bottom, left, top = (int.from_bytes(stream[at : at + 4], "big") for at in (8, 12, 16, 20))
    components = int.from_bytes(stream[40:42], "big")
    return Codestream(bottom - top, right - left, (stream[42] & 0x7F) + 1, components, 0x51)


def _jpeg(stream: bytes) -> Codestream | None:
    """The first frame header (ITU-T T.81 B.2.2)."""
    if stream[:2] != b"\xff\xd8":
        return None
    position, transformed = 2, None
    while position + 4 <= len(stream) and stream[position] == 0xFF:
        marker = stream[position + 1]
        if marker == 0xFF or marker in _STANDALONE:
            position += 1 if marker == 0xFF else 2
            continue
        length = int.from_bytes(stream[position + 2 : position + 4], "big")
        segment = stream[position + 4 : position + 2 + length]
        if marker in _FRAME_MARKERS:
            if len(segment) < 6:
                return None
            rows, columns = int.from_bytes(segment[1:3], "big"), int.from_bytes(segment[3:5], "big")
            if transformed is None and segment[6::3][:3] == b"RGB":
                transformed = False
            return Codestream(rows, columns, segment[0], segment[5], marker, transformed)
        if marker == 0xE0 and segment[:5] == b"JFIF\0":
            transformed = True
        elif marker == 0xEE and segment[:5] == b"Adobe" and len(segment) >= 12:
            transformed = segment[11] != 0
        if marker in (0xD9, 0xDA) or length < 2:
            return None
        position += 2 + length
    return None
