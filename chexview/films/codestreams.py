"""Encapsulated pixel data: fragments to one codestream, and what the codestream is and says of itself.

A codestream's own geometry is read before any decoder sees it: decoders believe it and allocate what it says. What it
is, its first bytes decide, whatever the transfer syntax says.
"""

from dataclasses import dataclass
from enum import StrEnum

from chexview.errors import ContentError, DamagedError, FormatError
from chexview.films import jpeg, jpeg2000
from chexview.films.elements import label
from chexview.films.jpeg import Jpeg


class CompressionFamily(StrEnum):
    """The families of compression that a transfer syntax can ask for."""

    RLE = "RLE"
    JPEG = "JPEG"
    LOSSLESS_JPEG = "lossless JPEG"
    JPEG_LS = "JPEG-LS"
    JPEG_2000 = "JPEG 2000"


@dataclass(frozen=True, slots=True)
class Codestream:
    """One frame as it is coded: ``data`` from its first byte to its end marker, and what it declares.

    RLE declares no geometry: its numbers are 0. ``jpeg`` is the structure of a JPEG, None of others. ``trailing`` bytes
    followed the end marker.
    """

    coding: CompressionFamily
    data: bytes
    rows: int = 0
    columns: int = 0
    precision: int = 0
    components: int = 0
    jpeg: Jpeg | None = None
    trailing: int = 0


def is_encapsulated(value: bytes) -> bool:
    """Whether pixel data begin as items do (PS3.5 A.4)."""
    return value[:4] == b"\xfe\xff\x00\xe0" and 8 + int.from_bytes(value[4:8], "little") < len(value)


def frame(value: bytes) -> bytes:
    """The one frame in encapsulated pixel data, its fragments joined (PS3.5 A.4).

    Raises DamagedError if a fragment goes beyond the data or the offset table does not fit one frame.
    """
    fragments = _fragments(value)
    if len(fragments) < 2:
        raise DamagedError(f"{label('PixelData')} holds no picture; copy or export the film again.")
    offsets = fragments[0]
    if len(offsets) not in (0, 4) or any(offsets):
        raise DamagedError(
            f"The offset table of {label('PixelData')} does not fit one frame; copy or export the film again."
        )
    return fragments[1] if len(fragments) == 2 else b"".join(fragments[1:])


def pictures(value: bytes) -> int:
    """How many fragments of encapsulated pixel data begin a picture of their own, which those of one frame do once."""
    return sum(part.startswith((b"\xff\xd8\xff", jpeg2000.CODESTREAM, jpeg2000.FILE)) for part in _fragments(value)[1:])


def native_frame(value: bytes, needed: int) -> bytes | None:
    """Uncompressed pixels of ``needed`` bytes that were put into items as compressed ones are; None if they were not."""
    if value[:4] != b"\xfe\xff\x00\xe0":
        return None
    try:
        fragments = _fragments(value)
    except DamagedError:
        return None
    for parts in (fragments, fragments[1:]):
        if sum(map(len, parts)) in (needed, needed + 1):
            return b"".join(parts)
    return None


def _fragments(value: bytes) -> list[bytes]:
    """The items of encapsulated pixel data, the offset table first."""
    fragments: list[bytes] = []
    position = 0
    while position < len(value):
        tag = value[position : position + 4]
        length = int.from_bytes(value[position + 4 : position + 8], "little")
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
    return fragments


def inspect(stream: bytes) -> Codestream:
    """What a stream is, by its own first bytes. Raises DamagedError if it is nothing that can be read."""
    found = _jpeg_2000(stream) if jpeg2000.is_jpeg_2000(stream) else _jpeg(stream)
    if found is None and _is_rle(stream):
        return Codestream(CompressionFamily.RLE, stream)
    if found is None:
        raise DamagedError(f"{label('PixelData')} holds no codestream that can be read; copy or export the film again.")
    return found


def check(declared: Codestream, rows: int, columns: int, samples: int) -> None:
    """Raises DamagedError or ContentError where the codestream is not of the geometry that the header says."""
    if declared.coding is CompressionFamily.RLE:
        return
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


def cut_short() -> DamagedError:
    """The error of a codestream without an end."""
    return DamagedError("The compressed picture is cut short before its end marker; copy or export the film again.")


def _is_rle(stream: bytes) -> bool:
    """Whether a stream begins with an RLE header: the number of segments, the first of which lies at 64 (PS3.5 G.5)."""
    count = int.from_bytes(stream[:4], "little")
    return (
        len(stream) > 64 and 1 <= count <= 15 and stream[4:8] == b"\x40\0\0\0" and not any(stream[4 + 4 * count : 64])
    )


def _jpeg_2000(stream: bytes) -> Codestream | None:
    """The SIZ segment, always first (ITU-T T.800 A.5.1), and the end marker, behind which zeros may pad."""
    data = jpeg2000.codestream(stream)
    if data is None or len(data) < 43 or data[:4] != jpeg2000.CODESTREAM:
        return None
    right, bottom, left, top = (int.from_bytes(data[at : at + 4], "big") for at in (8, 12, 16, 20))
    components = int.from_bytes(data[40:42], "big")
    end = data.rfind(b"\xff\xd9") + 2
    if end < 2:
        raise cut_short()
    precision = (data[42] & 0x7F) + 1
    return Codestream(
        CompressionFamily.JPEG_2000,
        data[:end],
        bottom - top,
        right - left,
        precision,
        components,
        None,
        len(data) - end,
    )


def _jpeg(stream: bytes) -> Codestream | None:
    """The first frame header (ITU-T T.81 B.2.2); a JPEG whose end marker alone is missing gets one."""
    structure = jpeg.parse(stream)
    if structure is None:
        return None
    marker = structure.frame.marker
    codings = {jpeg.LOSSLESS: CompressionFamily.LOSSLESS_JPEG, jpeg.JPEG_LS: CompressionFamily.JPEG_LS}
    coding = codings.get(marker, CompressionFamily.JPEG)
    if marker not in (*codings, *jpeg.SEQUENTIAL, jpeg.PROGRESSIVE):
        raise FormatError(
            "The compressed picture is a JPEG of a process that is not read here (arithmetic or hierarchical coding); "
            "export the film uncompressed."
        )
    if structure.end is None and coding is CompressionFamily.JPEG_LS:
        raise cut_short()
    data = stream + b"\xff\xd9" if structure.end is None else stream[: structure.end]
    return Codestream(
        coding,
        data,
        structure.frame.rows,
        structure.frame.columns,
        structure.frame.precision,
        len(structure.frame.components),
        structure,
        0 if structure.end is None else len(stream) - structure.end,
    )
