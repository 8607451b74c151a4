"""Words to stored values (PS3.5 8.1.1): shift, mask, sign, and the film whose Bits Stored is not true."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chexview.films.elements import label
from chexview.films.pixel_format import PixelFormat
from chexview.films.radiograph import Caution, CautionKind, Step

_WRAPPED = 2.0
"""A film whose values are wrapped at the half of their range is at least this many times rougher than the film itself."""


@dataclass(frozen=True, slots=True)
class StoredValues:
    """Stored values as uint16 ``pixels`` (rows, columns): the value is ``pixels + base``; ``bits`` is their depth.

    ``signed`` is Pixel Representation as far as it is true.
    """

    pixels: npt.NDArray[np.uint16]
    base: int
    bits: int
    signed: bool = False
    steps: tuple[Step, ...] = ()
    cautions: tuple[Caution, ...] = ()


def stored_values(
    words: npt.NDArray[np.uint8] | npt.NDArray[np.uint16], form: PixelFormat, aligned: bool
) -> StoredValues:
    """The stored values of single-sample words.

    Bits beside the stored ones (overlays, dirt) are dropped, unless the film falls apart without them: then Bits Stored
    is not true, and all bits are read, with a caution. So is it with values said to be signed that are not. Signed
    values keep their order, moved by ``base``.
    """
    shift = 0 if aligned else form.high + 1 - form.stored
    whole = words.astype(np.uint16) >> np.uint16(shift) if shift else words.astype(np.uint16)
    width = max(8 * words.dtype.itemsize - shift, form.stored)
    steps = [Step(f"shifted right by {shift}, as High Bit {form.high} asks", "PS3.5 8.1.1")] if shift else []
    cautions: list[Caution] = []
    bits, signed = form.stored, form.signed
    pixels = _ordered(whole, bits, signed)
    if signed and _WRAPPED * _roughness(_ordered(whole, bits, False)) < _roughness(pixels):
        signed, pixels = False, _ordered(whole, bits, False)
        text = f"{label('PixelRepresentation')} says signed but the values are not; they are read as unsigned."
        cautions.append(Caution(CautionKind.HEADER, text))
    if width > bits:
        wider = _ordered(whole, width, signed)
        moved = (1 << (width - 1)) - (1 << (bits - 1)) if signed else 0
        if not np.array_equal(pixels, wider - np.uint16(moved)):
            if _roughness(wider) < _roughness(pixels):
                pixels, bits = wider, width
                needed = int(whole.max()).bit_length()
                text = f"{label('BitsStored')} says {form.stored} but the values need {needed} bits; all bits are read."
                cautions.append(Caution(CautionKind.HEADER, text))
            else:
                steps.append(Step(f"bits beside the {bits} stored ones dropped", "PS3.5 8.1.1"))
    base = -(1 << (bits - 1)) if signed else 0
    steps.append(Step(f"read as {bits}-bit {'signed' if signed else 'unsigned'} values", "PS3.3 C.7.6.3.1"))
    return StoredValues(pixels, base, bits, signed, tuple(steps), tuple(cautions))


def _ordered(words: npt.NDArray[np.uint16], bits: int, signed: bool) -> npt.NDArray[np.uint16]:
    """The lowest ``bits`` bits; two's complement moved up by half the range, so that order is kept."""
    masked = words & np.uint16((1 << bits) - 1)
    return masked ^ np.uint16(1 << (bits - 1)) if signed else masked


def _roughness(pixels: npt.NDArray[np.uint16]) -> float:
    """The mean step from a pixel to its neighbours: a film that wraps around, or holds dirt, is rough."""
    rows, columns = (max(1, length // 512) for length in pixels.shape)
    across = np.diff(pixels[::rows].astype(np.int32), axis=1)
    down = np.diff(pixels[:, ::columns].astype(np.int32), axis=0)
    return float(np.abs(across).mean() + np.abs(down).mean())
