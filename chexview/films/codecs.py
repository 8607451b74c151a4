"""Pixel Data to words: native, RLE and the JPEG families, each through one decoder that is named here.

Native and deflated data are numpy views; RLE is PackBits a byte plane (PS3.5 annex G) through imagecodecs; JPEG of
three components goes through Pillow, which undoes its colour transformation once; all others through imagecodecs.
pydicom's own plugin search is not used: it tries decoders in turn, one of which aborts the process on bad data.
"""

import io
from dataclasses import dataclass
from typing import Any

import imagecodecs
import numpy as np
import numpy.typing as npt
from PIL import Image
from pydicom import uid

from chexview.errors import DamagedError, FilmError
from chexview.films import codestreams, elements
from chexview.films.elements import label
from chexview.films.pixel_format import PixelFormat
from chexview.films.radiograph import Caution, CautionKind, Photometric, Step
from chexview.films.structure import NATIVE, Structure

LOSSY = (uid.JPEGBaseline8Bit, uid.JPEGExtended12Bit, uid.JPEGLSNearLossless)
_JPEG = (uid.JPEGBaseline8Bit, uid.JPEGExtended12Bit)
_LOSSLESS_JPEG = (uid.JPEGLossless, uid.JPEGLosslessSV1)
_JPEG_LS = (uid.JPEGLSLossless, uid.JPEGLSNearLossless)

_Words = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Decoded:
    """Words as stored, uint8 or uint16 (rows, columns) or (rows, columns, 3).

    ``aligned`` says that a decoder has put the lowest bit at the right, whatever High Bit says of the bytes once
    stored. ``rgb`` says that three samples are red, green and blue already.
    """

    words: _Words
    aligned: bool
    rgb: bool
    step: Step
    cautions: tuple[Caution, ...] = ()


def decode(structure: Structure, form: PixelFormat) -> Decoded:
    """Decodes the one frame. Raises DamagedError where the data are cut short or are not what the header says."""
    found = elements.raw(structure.dataset, "PixelData")
    assert found is not None
    if form.syntax in NATIVE:
        return _native(found, form)
    stream = codestreams.frame(found.value)
    if form.syntax == uid.RLELossless:
        words = _interleaved(_rle(stream, form), form, planar=True)
        return Decoded(words, False, False, Step("RLE expanded, one byte plane after the other", "PS3.5 G.3"))
    declared = codestreams.inspect(stream)
    codestreams.check(stream, declared, form.rows, form.columns, form.samples)
    try:
        words, rgb = _compressed(stream, declared, form)
    except (MemoryError, FilmError):
        raise
    except Exception as error:
        raise DamagedError(
            f"The compressed picture ({form.syntax.name}) is damaged and cannot be decoded; copy or export the film "
            "again."
        ) from error
    expected = (form.rows, form.columns) if form.samples == 1 else (form.rows, form.columns, 3)
    if words.shape != expected:
        raise DamagedError("The compressed picture decodes to another shape than it declares; export the film again.")
    step = Step(f"decoded from {form.syntax.name}", "PS3.5 8.2")
    return Decoded(words, True, rgb, step)


def _native(found: elements.Raw, form: PixelFormat) -> Decoded:
    """Uncompressed data (PS3.5 8.1, annex A.1 to A.3)."""
    count = form.rows * form.columns * form.samples
    needed = count * form.allocated // 8
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
        cautions = (Caution(CautionKind.DAMAGE, text),)
    words: _Words
    if form.allocated == 16:
        words = np.frombuffer(data, "<u2" if form.little_endian else ">u2", count).astype(np.uint16)
    elif form.little_endian or found.vr == "OB":
        words = np.frombuffer(data, np.uint8, count)
    else:
        words = np.frombuffer(data[: len(data) // 2 * 2], ">u2").astype("<u2").view(np.uint8)[:count]
    step = Step(f"{form.allocated}-bit words read as they are", "PS3.5 8.1.1")
    return Decoded(_interleaved(words, form, form.planar), False, False, step, cautions)


def _interleaved(words: _Words, form: PixelFormat, planar: bool) -> _Words:
    if form.samples == 1:
        return words.reshape(form.rows, form.columns)
    if planar:
        return np.moveaxis(words.reshape(3, form.rows, form.columns), 0, -1)
    return words.reshape(form.rows, form.columns, 3)


def _rle(stream: bytes, form: PixelFormat) -> _Words:
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
    return np.ascontiguousarray(out).view("<u2" if form.allocated == 16 else np.uint8).reshape(-1)


def _unpack(segment: bytes, count: int) -> npt.NDArray[np.uint8]:
    """PackBits of exactly ``count`` bytes (PS3.5 G.3.2); a single zero may pad the segment to an even length."""
    room = bytearray(count + 1)
    for part in (segment, segment[:-1]):
        try:
            plane = bytes(imagecodecs.packbits_decode(part, out=room))
        except Exception:
            continue
        if len(plane) == count:
            return np.frombuffer(plane, np.uint8)
    raise DamagedError(f"An RLE segment does not expand to {count} bytes, one a pixel; copy or export the film again.")


def _compressed(stream: bytes, declared: codestreams.Codestream, form: PixelFormat) -> tuple[_Words, bool]:
    if form.syntax in _JPEG and form.samples == 3:
        if form.photometric is Photometric.RGB and declared.transformed is not True:
            return _words(imagecodecs.jpeg8_decode(stream, colorspace="RGB", outcolorspace="RGB")), True
        with Image.open(io.BytesIO(stream), formats=("JPEG",)) as image:
            return np.asarray(image.convert("RGB")), True
    if form.syntax in _JPEG and declared.precision == 8:
        with Image.open(io.BytesIO(stream), formats=("JPEG",)) as image:
            return np.asarray(image), False
    if form.syntax in _JPEG:
        return _words(imagecodecs.jpeg8_decode(stream)), False
    if form.syntax in _LOSSLESS_JPEG:
        return _words(imagecodecs.jpegsof3_decode(stream)), False
    if form.syntax in _JPEG_LS:
        return _words(imagecodecs.jpegls_decode(stream)), False
    return _words(imagecodecs.jpeg2k_decode(stream)), form.photometric is Photometric.RGB


def _words(decoded: npt.NDArray[np.integer[Any]]) -> _Words:
    """The decoder's integers as words of the same bits: a signed codestream keeps its two's complement."""
    width = decoded.dtype.itemsize
    if decoded.dtype.kind not in "iu" or width not in (1, 2):
        raise ValueError(f"decoded to {decoded.dtype}")
    whole = np.ascontiguousarray(decoded)
    return whole.view(np.uint8) if width == 1 else whole.view(np.uint16)
