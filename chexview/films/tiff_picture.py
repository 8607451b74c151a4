"""A TIFF that a user brings: whole and floating samples of any depth and byte order, every strip proved to be whole.

tifffile reads the directories and samples; libtiff, which Pillow uses, leaves a strip that it cannot decode as it is and
knows no signed, 12-bit or 64-bit samples.
"""

import io
import logging
import math
import zlib
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import imagecodecs
import numpy as np
import numpy.typing as npt
import tifffile

from chexview.errors import ContentError, DamagedError, FilmError, FormatError, LimitError
from chexview.films import jpeg, jpeg_check, row_length, segments, tiff
from chexview.films.limits import PIXELS, check_geometry
from chexview.films.pictures import read_picture
from chexview.films.radiograph import Caution, CautionKind, Radiograph
from chexview.films.samples import Samples, to_radiograph, turned

_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _PALETTE, _CMYK, _YCBCR = 0, 1, 2, 3, 5, 6
_NONE, _JPEG = 1, 7
_ORIENTATION = 274
_OFFSETS = (273, 324)
"""Where strips and tiles begin."""


logging.getLogger("tifffile").propagate = False
"""What is wrong with a file is for its user to read, in one sentence, and for no log."""


def _inflated(data: bytes, expected: int) -> bytes:
    """Deflated data with their checksum proved, at most a byte more than expected."""
    stream = zlib.decompressobj()
    out = stream.decompress(data, expected + 1)
    if len(out) == expected and not stream.eof:
        out += stream.decompress(stream.unconsumed_tail, 1)
    if not stream.eof and len(out) <= expected:
        raise ValueError("a stream without an end")
    return out


_EXPANDED: dict[int, Callable[[bytes, int], Any]] = {
    5: lambda data, expected: imagecodecs.lzw_decode(data),
    8: _inflated,
    32946: _inflated,
    32773: lambda data, expected: imagecodecs.packbits_decode(data),
    34925: lambda data, expected: imagecodecs.lzma_decode(data),
    50000: lambda data, expected: imagecodecs.zstd_decode(data),
}
"""Compressions of a strip by their number (TIFF 6.0, tag 259), and how each is undone."""


_COUNTED = (5, 32773)
"""LZW and PackBits: without a checksum, but where a code was changed they hardly ever give as many bytes as before."""


def read_tiff(data: bytes, digest: str) -> Radiograph:
    """Reads the first page of a TIFF or BigTIFF from its bytes; ``digest`` is their SHA-256.

    Raises FormatError (a compression or colour space that is not read), LimitError (too large), DamagedError (a strip
    that is missing, cut short or does not expand to what it must) or ContentError (no film).
    """
    try:
        pages = tiff.pages(data)
        with tifffile.TiffFile(io.BytesIO(data)) as file:
            page = file.pages.first
            _check(page)
            structures = _check_segments(page, data)
            cautions = _cautions(page, pages)
            if page.photometric == _CMYK or (page.photometric == _YCBCR and page.compression != _JPEG):
                return read_picture(data, digest)
            values = _values(page)
            cautions += _damage(page, values, structures)
            return to_radiograph(_samples(page, values), digest, cautions)
    except FilmError:
        raise
    except MemoryError as error:
        raise LimitError("The TIFF takes more memory than any film does; export it at its normal size.") from error
    except Exception as error:
        raise DamagedError("The TIFF is damaged and cannot be decoded whole; export or copy it again.") from error


def _check(page: tifffile.TiffPage) -> None:
    check_geometry(page.imagelength, page.imagewidth)
    bits = page.bitspersample
    if bits == 1:
        raise ContentError(
            "The picture has one bit a pixel, so its greys are lost; bring the film with its full range of greys."
        )
    if page.compression not in (_NONE, _JPEG, *_EXPANDED):
        raise FormatError(
            f"The TIFF is compressed as {_named(page.compression)}, which is not read here; save it without compression."
        )
    if page.photometric not in (_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _PALETTE, _CMYK, _YCBCR):
        raise FormatError(
            f"The TIFF's colour space is {_named(page.photometric)}, which is not read here; save the film in grey."
        )
    if page.samplesperpixel > 5 or page.imagedepth != 1:
        raise ContentError("The TIFF holds more than one grey or colour picture a page; bring the single film.")


def _named(value: object) -> str:
    return str(getattr(value, "name", value)).replace("_", " ")


def _cautions(page: tifffile.TiffPage, pages: int) -> list[Caution]:
    cautions = []
    if page.compression == _JPEG:
        cautions.append(Caution(CautionKind.LOSSY, "The picture is a TIFF of JPEG, compressed with loss."))
    if pages > 1:
        text = f"The file holds {pages} pages; the first is read, the others are not."
        cautions.append(Caution(CautionKind.GEOMETRY, text))
    return cautions


def _check_segments(page: tifffile.TiffPage, data: bytes) -> list[jpeg.Jpeg]:
    """The structure of each strip or tile that is a JPEG.

    Raises DamagedError if a strip or tile is missing, outside the file, or does not hold what it must.
    """
    offsets, counts = page.dataoffsets, page.databytecounts
    row_bits = page.bitspersample * (page.samplesperpixel if page.planarconfig == 1 else 1)
    if page.is_tiled:
        across, down = -(-page.imagewidth // page.tilewidth), -(-page.imagelength // page.tilelength)
        lengths = [page.tilelength * math.ceil(page.tilewidth * row_bits / 8)] * (across * down)
    else:
        rows = min(page.rowsperstrip or page.imagelength, page.imagelength)
        lengths = [
            min(rows, page.imagelength - start) * math.ceil(page.imagewidth * row_bits / 8)
            for start in range(0, page.imagelength, rows)
        ]
    lengths *= 1 if page.planarconfig == 1 else page.samplesperpixel
    if len(offsets) == 1 and len(lengths) > 1 and page.compression == _NONE:
        lengths = [sum(lengths)]
    if len(offsets) < len(lengths) or len(counts) < len(lengths):
        raise DamagedError(
            f"The TIFF needs {len(lengths)} strips or tiles and names {min(len(offsets), len(counts))}; export it again."
        )
    named = max((page.tags[code].count for code in _OFFSETS if code in page.tags), default=0)
    if named > len(lengths):
        raise DamagedError(
            f"The TIFF needs {len(lengths)} strips or tiles and names {named}, so its width or height is not true; export it "
            "again."
        )
    if page.compression == _NONE and _overlap(offsets, lengths):
        raise DamagedError("The TIFF is damaged: strips or tiles of it overlap; copy or export the film again.")
    structures = []
    for offset, count, expected in zip(offsets, counts, lengths, strict=False):
        if offset <= 0 or count <= 0 or offset + count > len(data):
            raise DamagedError(
                "The TIFF is cut short: a strip or tile of it lies outside the file; copy or export the film again."
            )
        segment = data[offset : offset + count]
        if page.compression == _JPEG:
            structures.append(_check_jpeg(page, segment))
        else:
            _check_segment(page, segment, expected, lengths[0])
    return structures


def _overlap(offsets: Sequence[int], lengths: Sequence[int]) -> bool:
    """Whether a strip or tile begins inside another; several may be one and the same, as those of one value are."""
    order = sorted(set(zip(offsets, lengths, strict=False)))
    return any(begin + length > following for (begin, length), (following, _) in pairwise(order) if begin != following)


def _check_segment(page: tifffile.TiffPage, segment: bytes, expected: int, whole: int) -> None:
    """Raises DamagedError if a strip does not expand to ``expected`` bytes, or to ``whole``, those of a strip with all its rows."""
    held = len(segment)
    if page.compression != _NONE:
        try:
            held = len(_EXPANDED[int(page.compression)](segment, expected))
        except Exception:
            held = 0
    full = max(expected, whole if page.compression in _COUNTED else held)
    if not expected <= held <= full and page.photometric != _YCBCR:
        raise DamagedError(
            "The TIFF is damaged: a strip or tile of it does not hold as many pixels as it must; copy or export the film "
            "again."
        )


def _check_jpeg(page: tifffile.TiffPage, segment: bytes) -> jpeg.Jpeg:
    """The structure of a strip or tile that is a JPEG.

    Raises DamagedError if it is not whole, of another width or of another depth, or LimitError if it is too large.
    """
    tables = page.jpegtables or b""
    structure = jpeg.parse(segment, tables)
    if structure is None:
        raise DamagedError("The TIFF is damaged: a strip or tile of it is no JPEG; copy or export the film again.")
    if structure.frame.rows * structure.frame.columns > PIXELS:
        raise LimitError(
            "A strip or tile of the TIFF declares more pixels than any film has; save it without compression."
        )
    whole = tables[:-2] + segment[2:] if tables[:2] == b"\xff\xd8" else segment
    jpeg_check.check_dct(segment if structure.frame.marker in jpeg.SEQUENTIAL else whole, structure)
    columns = page.tilewidth if page.is_tiled else page.imagewidth
    if structure.frame.columns != columns:
        raise DamagedError(
            f"The TIFF says that a strip or tile has {columns} columns but its JPEG has {structure.frame.columns}; copy or "
            "export the film again."
        )
    if (structure.frame.precision > 8) != (page.bitspersample > 8):
        raise DamagedError(
            f"The TIFF says {page.bitspersample} bits a sample but its JPEG has {structure.frame.precision}; export the film "
            "again."
        )
    return structure


def _damage(page: tifffile.TiffPage, values: npt.NDArray[Any], structures: list[jpeg.Jpeg]) -> tuple[Caution, ...]:
    """A caution where the picture itself shows that the file says other than what it holds."""
    samples = values if values.ndim == 2 else values[..., 0]
    rows, columns = samples.shape
    height, width = min(page.rowsperstrip or rows, rows), columns
    if page.is_tiled:
        height, width = page.tilelength, page.tilewidth
    found = segments.misplaced(samples, height, width) or segments.mispredicted(samples)
    found = found or (() if page.is_tiled else row_length.misread(samples))
    across = -(-columns // width)
    for number, structure in enumerate(structures[: across * -(-rows // height)]):
        top, left = number // across * height, number % across * width
        found = found or jpeg_check.damage_seen(samples[top : top + height, left : left + width], structure)
    if structures and not found and not page.is_tiled:
        found = jpeg_check.damage_seen(samples, structures[0])
    return found


def _values(page: tifffile.TiffPage) -> npt.NDArray[Any]:
    """What the page holds, (rows, columns) or (rows, columns, channels), not turned yet."""
    values: npt.NDArray[Any] = page.asarray(maxworkers=1)
    if page.samplesperpixel > 1 and page.planarconfig != 1 and values.ndim == 3:
        return np.moveaxis(values, 0, -1)
    return values


def _samples(page: tifffile.TiffPage, values: npt.NDArray[Any]) -> Samples:
    tag = page.tags.get(_ORIENTATION)
    values = turned(values, int(tag.value) if tag is not None else 1)
    if page.photometric == _PALETTE:
        return Samples(_looked_up(page, values), "palette looked up, its luminance read", bits=16)
    colours = 3 if page.photometric in (_RGB, _YCBCR) else 1
    alpha = page.samplesperpixel > colours and bool(page.extrasamples) and int(page.extrasamples[0]) in (1, 2)
    if values.ndim == 3:
        values = values[..., : colours + alpha]
    bits = page.bitspersample if values.dtype.kind == "u" else None
    kind = {"u": "unsigned", "i": "signed", "f": "floating"}.get(values.dtype.kind, "")
    text = f"{page.bitspersample}-bit {kind} {'grey' if colours == 1 else 'colours'} read"
    return Samples(values, text, bits, alpha, page.photometric == _WHITE_IS_ZERO)


def _looked_up(page: tifffile.TiffPage, values: npt.NDArray[Any]) -> npt.NDArray[np.uint16]:
    """Red, green and blue of palette indices, 16 bits; palettes of 8 bits, in either byte, are widened (TIFF 6.0, ColorMap)."""
    palette = np.asarray(page.colormap, dtype=np.uint16)
    if not (palette & 255).any():
        palette >>= 8
    if palette.max() < 256:
        palette = palette * np.uint16(257)
    return np.moveaxis(palette[:, values.astype(np.intp)], 0, -1)
