"""Pixel Data to words: native, RLE and the JPEG families, each through one decoder that is named here.

Native and deflated data are numpy views; RLE is PackBits a byte plane (PS3.5 annex G) through imagecodecs; JPEG of
8 bits goes through Pillow, which undoes its colour transformation once; deeper and lossless JPEG through libjpeg-turbo,
JPEG-LS through CharLS and JPEG 2000 through OpenJPEG, all in imagecodecs. How a picture is coded its own bytes say,
whatever the transfer syntax does. pydicom's own plugin search is not used: it tries decoders in turn, one of which
aborts the process on bad data.
"""

import io
from dataclasses import dataclass, replace
from typing import Any

import imagecodecs
import numpy as np
import numpy.typing as npt
from PIL import Image
from pydicom import uid

from chexview.errors import DamagedError, FilmError, FormatError
from chexview.films import codestreams, elements, jpeg, jpeg2000, jpeg_check
from chexview.films.codestreams import Codestream, CompressionFamily
from chexview.films.elements import label
from chexview.films.pixel_format import PixelFormat
from chexview.films.radiograph import Caution, CautionKind, Photometric, Step
from chexview.films.structure import NATIVE, Structure

_SYNTAXES = {
    CompressionFamily.RLE: (uid.RLELossless,),
    CompressionFamily.JPEG: (uid.JPEGBaseline8Bit, uid.JPEGExtended12Bit),
    CompressionFamily.LOSSLESS_JPEG: (uid.JPEGLossless, uid.JPEGLosslessSV1),
    CompressionFamily.JPEG_LS: (uid.JPEGLSLossless, uid.JPEGLSNearLossless),
    CompressionFamily.JPEG_2000: (
        uid.JPEG2000Lossless,
        uid.JPEG2000,
        uid.HTJ2KLossless,
        uid.HTJ2KLosslessRPCL,
        uid.HTJ2K,
    ),
}
"""The transfer syntaxes that ask for each coding (PS3.5 8.2, annex A.4)."""
_ROWS = 8
"""An encoder that has ended a run with each of so many rows does so with all."""
_LEFT = 0.03
"""More than this part of a picture left over is no padding, where it is not of one value."""
_SLACK = 16
"""Bytes that an RLE segment may give beyond its plane, as padding."""

Words = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Decoded:
    """Words as stored, uint8 or uint16 (rows, columns) or (rows, columns, 3).

    ``aligned`` says that a decoder has put the lowest bit at the right, whatever High Bit says of the bytes once
    stored. ``rgb`` says that three samples are red, green and blue already, ``lossy`` that the coding has lost detail.
    """

    words: Words
    aligned: bool
    rgb: bool
    step: Step
    cautions: tuple[Caution, ...] = ()
    lossy: bool = False


def decode(structure: Structure, form: PixelFormat) -> Decoded:
    """Decodes the one frame. Raises DamagedError if the data are cut short or are not what the header says."""
    found = elements.raw(structure.dataset, "PixelData")
    assert found is not None
    needed = _native_bytes(form)
    if (unwrapped := codestreams.native_frame(found.value, needed)) is not None:
        text = f"{label('PixelData')} holds uncompressed pixels in items; they are read."
        decoded = _native(replace(found, value=unwrapped), form)
        return replace(decoded, cautions=(*decoded.cautions, Caution(CautionKind.HEADER, text)))
    is_native = form.syntax in NATIVE
    if is_native and len(found.value) < needed and codestreams.is_encapsulated(found.value):
        is_native = False
    elif not is_native and not codestreams.is_encapsulated(found.value) and len(found.value) in (needed, needed + 1):
        is_native = True
    if is_native:
        return _native(found, form)
    declared = codestreams.inspect(codestreams.frame(found.value))
    codestreams.check(declared, form.rows, form.columns, form.samples)
    cautions = _contradictions(declared, form)
    if (pictures := codestreams.pictures(found.value)) > 1:
        text = f"{label('PixelData')} holds {pictures} pictures where the header says one; the first is read, the others are not."
        cautions = (*cautions, Caution(CautionKind.GEOMETRY, text))
    if declared.coding is CompressionFamily.RLE:
        words = _interleaved(_rle(declared.data, form), form, planar=True)
        step = Step("RLE expanded, one byte plane after the other", "PS3.5 G.3")
        return Decoded(words, False, False, step, cautions)
    try:
        words, rgb, found_cautions = _compressed(declared, form)
    except (MemoryError, FilmError):
        raise
    except Exception as error:
        raise DamagedError(
            f"The compressed picture ({declared.coding}) cannot be decoded; copy or export the film again."
        ) from error
    expected = (form.rows, form.columns) if form.samples == 1 else (form.rows, form.columns, 3)
    if words.shape != expected:
        raise DamagedError("The compressed picture decodes to another shape than it declares; export the film again.")
    named = form.syntax.name if form.syntax in _SYNTAXES[declared.coding] else declared.coding
    near = declared.jpeg is not None and any(scan.predictor for scan in declared.jpeg.scans)
    is_lossy = declared.coding is CompressionFamily.JPEG or (declared.coding is CompressionFamily.JPEG_LS and near)
    step = Step(f"decoded from {named}", "PS3.5 8.2")
    aligned = declared.precision <= form.high
    return Decoded(words, aligned, rgb, step, (*cautions, *found_cautions), is_lossy)


def _contradictions(declared: Codestream, form: PixelFormat) -> tuple[Caution, ...]:
    """What the stream is against what the header says of it: the coding, and how deep its samples are."""
    cautions = []
    if form.syntax not in _SYNTAXES[declared.coding]:
        text = (
            f"{label('TransferSyntaxUID')} says {form.syntax.name} but the picture is coded as {declared.coding}; it "
            "is read as it is coded."
        )
        cautions.append(Caution(CautionKind.HEADER, text))
    if declared.coding is CompressionFamily.JPEG and declared.precision < form.stored and declared.precision == 8:
        raise FormatError(
            f"{label('BitsStored')} says {form.stored} but the compressed picture has 8 bits a sample, so that its "
            "greys are not those that its window means; export the film uncompressed."
        )
    return tuple(cautions)


def _native_bytes(form: PixelFormat) -> int:
    return form.rows * form.columns * form.samples * form.allocated // 8


def _native(found: elements.Raw, form: PixelFormat) -> Decoded:
    """Uncompressed data (PS3.5 8.1, annex A.1 to A.3)."""
    count = form.rows * form.columns * form.samples
    needed = _native_bytes(form)
    data = found.value
    if form.photometric is Photometric.YBR_FULL_422:
        raise DamagedError(
            f"{label('PhotometricInterpretation')} says YBR_FULL_422 over uncompressed data, which is not read here; "
            "export the film in grey."
        )
    if len(data) < needed:
        raise DamagedError(
            f"{label('PixelData')} holds {len(data)} bytes but {form.rows} x {form.columns} pixels need {needed}; copy "
            "or export the film again."
        )
    cautions: tuple[Caution, ...] = ()
    if len(data) > needed + 1:
        text = f"{label('PixelData')} holds {len(data) - needed} bytes more than the picture needs; they are not read."
        cautions = (Caution(CautionKind.HEADER, text),)
        left = data[needed:]
        if len(left) > _LEFT * needed and left.count(left[:1]) < len(left) // 2:
            text = (
                f"{label('PixelData')} goes on behind the last of {form.rows} x {form.columns} pixels, so the header is not "
                "true; what is shown may be a part of the film."
            )
            cautions = (*cautions, Caution(CautionKind.DAMAGE, text))
    if form.syntax not in NATIVE:
        text = f"{label('TransferSyntaxUID')} says {form.syntax.name} but the pixels are not compressed."
        cautions = (*cautions, Caution(CautionKind.HEADER, text))
    words: Words
    if form.allocated == 16:
        words = np.frombuffer(data, "<u2" if form.little_endian else ">u2", count).astype(np.uint16)
    elif form.little_endian or found.vr == "OB":
        words = np.frombuffer(data, np.uint8, count)
    else:
        words = np.frombuffer(data[: len(data) // 2 * 2], ">u2").astype("<u2").view(np.uint8)[:count]
    step = Step(f"{form.allocated}-bit words read as they are", "PS3.5 8.1.1")
    return Decoded(_interleaved(words, form, form.planar), False, False, step, cautions)


def _interleaved(words: Words, form: PixelFormat, planar: bool) -> Words:
    if form.samples == 1:
        return words.reshape(form.rows, form.columns)
    if planar:
        return np.moveaxis(words.reshape(3, form.rows, form.columns), 0, -1)
    return words.reshape(form.rows, form.columns, 3)


def _rle(stream: bytes, form: PixelFormat) -> Words:
    """Byte planes, the most significant byte of each sample first (PS3.5 G.2), each of exactly one byte a pixel."""
    count = form.rows * form.columns
    planes = form.samples * form.allocated // 8
    header = np.frombuffer(stream[:64].ljust(64, b"\0"), "<u4")
    if len(stream) < 64 or header[0] != planes:
        raise DamagedError(
            f"The RLE data hold {header[0]} segments but the header asks for {planes}; copy or export the film again."
        )
    starts = [int(start) for start in header[1 : planes + 1]]
    ends = [*starts[1:], len(stream)]
    out = np.empty((form.samples, count, form.allocated // 8), np.uint8)
    for plane, (start, end) in enumerate(zip(starts, ends, strict=True)):
        if not 64 <= start < end <= len(stream):
            raise DamagedError("The RLE segments lie outside the picture; copy or export the film again.")
        sample, byte = divmod(plane, form.allocated // 8)
        out[sample, :, form.allocated // 8 - 1 - byte] = _unpack(stream[start:end], count)
        _check_rows(stream[start:end], form)
    return np.ascontiguousarray(out).view("<u2" if form.allocated == 16 else np.uint8).reshape(-1)


def _unpack(segment: bytes, count: int) -> npt.NDArray[np.uint8]:
    """PackBits of ``count`` bytes (PS3.5 G.3.2); a few bytes of padding may follow them."""
    room = bytearray(count + len(segment))
    for padding in (0, 1, 2):
        try:
            plane = bytes(imagecodecs.packbits_decode(segment[: len(segment) - padding], out=room))
        except Exception:
            continue
        if count <= len(plane) <= count + _SLACK or (len(plane) >= count and not any(plane[count:])):
            return np.frombuffer(plane, np.uint8, count)
    raise DamagedError(f"An RLE segment does not expand to {count} bytes, one a pixel; copy or export the film again.")


def _check_rows(segment: bytes, form: PixelFormat) -> None:
    """Raises DamagedError where runs ended with each row and from some row on do not (PS3.5 G.3.1).

    An encoder keeps to that or does not; runs that were changed are of another length, and all that follows is moved.
    """
    position = pixel = met = 0
    while position < len(segment) and pixel < form.rows * form.columns:
        control, row = segment[position], pixel // form.columns
        if control > 128:
            length, bytes_taken = 257 - control, 2
        elif control < 128:
            length, bytes_taken = control + 1, control + 2
        else:
            length, bytes_taken = 0, 1
        position, pixel = position + bytes_taken, pixel + length
        if pixel == (row + 1) * form.columns:
            met += 1
        elif pixel > (row + 1) * form.columns:
            if met < _ROWS:
                return
            raise DamagedError(
                f"The RLE data are damaged, for a run of theirs goes beyond the end of row {row + 1}; copy or export the film "
                "again."
            )


def _compressed(declared: Codestream, form: PixelFormat) -> tuple[Words, bool, tuple[Caution, ...]]:
    """The samples of a JPEG of any family, whether they are red, green and blue, and cautions."""
    stream, structure = declared.data, declared.jpeg
    if declared.coding is CompressionFamily.JPEG_2000:
        picture = jpeg2000.decode(stream)
        return _words(picture.samples), form.photometric is Photometric.RGB, _broken(picture.broken)
    if declared.coding is CompressionFamily.JPEG_LS:
        return _words(imagecodecs.jpegls_decode(stream)), False, ()
    assert structure is not None
    if declared.coding is CompressionFamily.LOSSLESS_JPEG:
        space = "RGB" if form.samples == 3 else None
        samples = _words(imagecodecs.jpeg8_decode(stream, colorspace=space, outcolorspace=space))
        jpeg_check.check_lossless(stream, structure, samples)
        return samples, False, ()
    if declared.precision != 8 and structure.frame.marker == jpeg.PROGRESSIVE:
        raise FormatError(
            "The compressed picture is a progressive JPEG of 12 bits, which is not read here; export it uncompressed."
        )
    jpeg_check.check_dct(stream, structure)
    words, rgb = _dct(declared, form, structure)
    grey = words if words.ndim == 2 else words[..., 1]
    return words, rgb, jpeg_check.damage_seen(grey, structure)


def _dct(declared: Codestream, form: PixelFormat, structure: jpeg.Jpeg) -> tuple[Words, bool]:
    """The samples of a JPEG whose coded data are whole, and whether they are red, green and blue."""
    if form.samples == 3 and form.photometric is Photometric.RGB and structure.transformed is not True:
        return _words(imagecodecs.jpeg8_decode(declared.data, colorspace="RGB", outcolorspace="RGB")), True
    if declared.precision == 8:
        with Image.open(io.BytesIO(declared.data), formats=("JPEG",)) as image:
            return np.asarray(image.convert("RGB") if form.samples == 3 else image), form.samples == 3
    return _words(imagecodecs.jpeg8_decode(declared.data)), False


def _broken(places: int) -> tuple[Caution, ...]:
    if not places:
        return ()
    where = "one place" if places == 1 else f"{places} places"
    text = f"The compressed picture is damaged in {where}; parts of what is shown are not the film."
    return (Caution(CautionKind.DAMAGE, text),)


def _words(decoded: npt.NDArray[np.integer[Any]]) -> Words:
    """The decoder's integers as words of the same bits: a signed codestream keeps its two's complement."""
    width = decoded.dtype.itemsize
    if decoded.dtype.kind not in "iu" or width not in (1, 2):
        raise ValueError(f"decoded to {decoded.dtype}")
    whole = np.ascontiguousarray(decoded)
    return whole.view(np.uint8) if width == 1 else whole.view(np.uint16)
