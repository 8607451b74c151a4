"""Words to stored values (PS3.5 8.1.1): shift, mask, sign, and the film whose Bits Stored is not true."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chexview.films.elements import label
from chexview.films.pixel_format import PixelFormat
from chexview.films.radiograph import Caution, CautionKind, Step

_WRAPPED = 2.0
"""A film whose values are wrapped at the half of their range is at least this many times rougher than the film itself."""
_CARRIED = 0.2
"""Of steps at which bits above the stored ones change, the share that is smaller with them: 0 for overlays, 1 for smooth films."""
_NOISE, _SMOOTHER = 0.35, 3.0
"""Steps from pixel to pixel, in standard deviations: noise has about 2, films whose bytes are exchanged 0.4 and more, others below
0.15; exchanged bytes are smoother so many times over."""


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
    is not true, and all bits are read, with a caution. So is it with values that are signed or unsigned against what the
    header says, with bytes that are exchanged in each word, and with a High Bit above all bits that are used. Signed
    values keep their order, moved by ``base``.
    """
    steps: list[Step] = []
    cautions: list[Caution] = []
    shift = 0 if aligned else form.high + 1 - form.stored
    if shift and _is_unshifted(words, form, shift):
        text = f"{label('HighBit')} says {form.high} but no value reaches it; they are read from the lowest bit."
        cautions.append(Caution(CautionKind.HEADER, text))
        shift = 0
    if not shift and not aligned and _is_swapped(words, form):
        words = words.byteswap()
        text = "The two bytes of each pixel are exchanged; they are read the other way round."
        cautions.append(Caution(CautionKind.HEADER, text))
    whole = words.astype(np.uint16) >> np.uint16(shift) if shift else words.astype(np.uint16)
    width = max(8 * words.dtype.itemsize - shift, form.stored)
    if shift:
        steps.append(Step(f"shifted right by {shift}, as High Bit {form.high} asks", "PS3.5 8.1.1"))
    bits, signed = form.stored, form.signed
    if width > bits and _carries_on(whole, bits, signed):
        bits = width
        needed = int(whole.max()).bit_length()
        text = f"{label('BitsStored')} says {form.stored} but the values need {needed} bits; all bits are read."
        cautions.append(Caution(CautionKind.HEADER, text))
    elif width > bits and not _is_extended(whole, bits, signed):
        steps.append(Step(f"bits beside the {bits} stored ones dropped", "PS3.5 8.1.1"))
    pixels = _ordered(whole, bits, signed)
    other = _ordered(whole, bits, not signed)
    if _WRAPPED * _roughness(other) < _roughness(pixels) and (signed or _wraps(pixels, bits)):
        said, read = ("signed", "unsigned") if signed else ("unsigned", "signed")
        signed, pixels = not signed, other
        text = f"{label('PixelRepresentation')} says {said} but the values are not; they are read as {read}."
        cautions.append(Caution(CautionKind.HEADER, text))
    base = -(1 << (bits - 1)) if signed else 0
    steps.append(Step(f"read as {bits}-bit {'signed' if signed else 'unsigned'} values", "PS3.3 C.7.6.3.1"))
    return StoredValues(pixels, base, bits, signed, tuple(steps), tuple(cautions))


def _is_unshifted(words: npt.NDArray[np.uint8] | npt.NDArray[np.uint16], form: PixelFormat, shift: int) -> bool:
    """Whether the highest bits up to High Bit are 0 in all words and the lowest, which are not to be read, are in use."""
    highest = int((words & words.dtype.type((1 << (form.high + 1)) - 1)).max(initial=0))
    return highest >> form.stored == 0 and bool((words & words.dtype.type((1 << shift) - 1)).any())


def _is_swapped(words: npt.NDArray[np.uint8] | npt.NDArray[np.uint16], form: PixelFormat) -> bool:
    """Whether a film is noise as its words stand and a picture with their bytes exchanged."""
    if words.dtype != np.uint16 or _carries_on(words.astype(np.uint16), form.stored, form.signed):
        return False
    sample = _sample(words.astype(np.uint16))
    as_it_is, exchanged = (_ordered(each, form.stored, form.signed) for each in (sample, sample.byteswap()))
    relative = [_roughness(each) / max(float(each.std()), 1.0) for each in (as_it_is, exchanged)]
    return relative[0] > _NOISE and relative[0] > _SMOOTHER * relative[1]


def _carries_on(whole: npt.NDArray[np.uint16], bits: int, signed: bool) -> bool:
    """Whether the bits above the stored ones belong to the values: where they change the stored ones wrap around.

    Between neighbours on both sides of such a change a true value has a smaller step than its stored bits alone; an
    overlay or dirt has a larger one.
    """
    sample = _sample(whole)
    above = (sample >> np.uint16(bits)).astype(np.int32)
    if not above.any() or (signed and _is_extended(whole, bits, signed)):
        return False
    stored = (sample & np.uint16((1 << bits) - 1)).astype(np.int32)
    changed = wrapped = 0
    for axis in (0, 1):
        change, step = np.diff(above, axis=axis), np.diff(stored, axis=axis)
        at = change != 0
        changed += int(at.sum())
        wrapped += int((np.abs((change << bits) + step) < np.abs(step))[at].sum())
    return wrapped > _CARRIED * changed


def _is_extended(whole: npt.NDArray[np.uint16], bits: int, signed: bool) -> bool:
    """Whether the bits above the stored ones are all 0, or only repeat the sign."""
    above = whole >> np.uint16(bits)
    if not above.any():
        return True
    negative = (whole >> np.uint16(bits - 1)) & np.uint16(1)
    return signed and bool(np.array_equal(above, negative * above.max()))


def _wraps(pixels: npt.NDArray[np.uint16], bits: int) -> bool:
    """Whether unsigned values leap from end to end of their range between pixels that are not themselves at an end.

    A film of burnt-out and of black parts leaps as well, from one end to the other.
    """
    sample = _sample(pixels).astype(np.int32)
    top = (1 << bits) - 1
    leaps = inner = 0
    for axis in (0, 1):
        first, second = (np.take(sample, range(a, sample.shape[axis] + b), axis=axis) for a, b in ((0, -1), (1, 0)))
        leap = np.abs(first - second) > top // 2
        low, high = np.minimum(first, second)[leap], np.maximum(first, second)[leap]
        leaps += len(low)
        inner += int(((low > 0) & (high < top)).sum())
    return 2 * inner > leaps


def _sample(words: npt.NDArray[np.uint16]) -> npt.NDArray[np.uint16]:
    """At most 512 adjoining rows and columns from the middle of the film."""
    rows, columns = (slice(max(0, length // 2 - 256), length // 2 + 256) for length in words.shape)
    return words[rows, columns]


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
