"""The samples of a picture, however they were decoded, to a Radiograph: grey or colour, with or without transparency."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from chexview.errors import ContentError, DamagedError, FormatError
from chexview.films.colour import check_levels, luminance
from chexview.films.holes import hole
from chexview.films.limits import check_geometry
from chexview.films.radiograph import Caution, CautionKind, Radiograph, Step, withheld_for_damage
from chexview.films.value_range import deep_views

_UNUSED_RANGE = 0.25
_FRAME_TOLERANCE = 10.0 / 255.0
_FRAME_SHARE = 0.15
_OPAQUE = 0.5
_TURNS = {
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: a.swapaxes(0, 1)[:, ::-1],
    7: lambda a: a.swapaxes(0, 1)[::-1, ::-1],
    8: lambda a: a.swapaxes(0, 1)[::-1],
}
"""What an orientation of EXIF or TIFF asks for (TIFF 6.0, tag 274)."""

_Values = npt.NDArray[np.uint16]


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Decoded samples: (rows, columns) or (rows, columns, channels), the last channel transparency if ``alpha``.

    ``bits`` is the depth of unsigned whole samples, None of all others. ``text`` says how they were read.
    """

    values: npt.NDArray[Any]
    text: str
    bits: int | None = None
    alpha: bool = False
    white_is_zero: bool = False


def turned(samples: npt.NDArray[Any], orientation: object) -> npt.NDArray[Any]:
    """The samples as an orientation of 1 to 8 asks; as they are for anything else."""
    turn = _TURNS.get(orientation) if isinstance(orientation, int) else None
    return samples if turn is None else turn(samples)


def to_radiograph(samples: Samples, digest: str, cautions: list[Caution]) -> Radiograph:
    """The film of some samples; ``digest`` is the SHA-256 of its file.

    ``pixels * scale + offset`` is the picture's own values. The first view is the format's full range, or the
    picture's own where more than 8 bits hold fewer. Raises ContentError (in colour, thresholded, transparent, of no
    film's shape), DamagedError (values that are no numbers), FormatError (colours that are no whole numbers).
    """
    cautions = list(cautions)
    values, padding = samples.values, None
    if samples.alpha:
        padding, clear_cautions = _transparent(values[..., -1])
        cautions += clear_cautions
        values = values[..., :-1]
    if values.ndim == 3 and values.shape[2] == 1:
        values = values[..., 0]
    offset = 0.0
    if values.ndim == 3:
        if values.dtype not in (np.dtype(np.uint8), np.dtype(np.uint16)):
            raise FormatError(
                f"The picture's colours are {values.dtype} numbers, which are not read here; save it in grey."
            )
        bits = samples.bits or 8 * values.dtype.itemsize
        pixels, scale, caution = luminance(values, bits)
        cautions += [caution] if caution else []
        full = (0.0, float((1 << bits) - 1))
    elif samples.bits is not None and samples.bits <= 16:
        pixels, scale, full = values.astype(np.uint16), 1.0, (0.0, float((1 << samples.bits) - 1))
    else:
        pixels, scale, offset, full = _numbers(values)
    check_geometry(*pixels.shape)
    check_levels(pixels, padding)
    steps = [Step(samples.text)]
    if samples.white_is_zero:
        steps.append(Step("black and white exchanged, as its tag WhiteIsZero asks"))
    cautions += (*_frame(pixels), *hole(pixels))
    views, range_cautions = deep_views(pixels, padding, scale, offset, full)
    steps.append(Step(f"first view: {views[0].name}"))
    return Radiograph(
        pixels=np.ascontiguousarray(pixels),
        scale=scale,
        offset=offset,
        views=views,
        digest=digest,
        padding=None if padding is None else np.ascontiguousarray(padding),
        inverted=samples.white_is_zero,
        steps=tuple(steps),
        cautions=(*cautions, *range_cautions),
        withheld=withheld_for_damage(tuple(cautions)),
    )


def _numbers(values: npt.NDArray[Any]) -> tuple[_Values, float, float, tuple[float, float]]:
    """Pixels, scale, offset and full range of numbers: exact where they are whole and span 16 bits.

    Signed numbers of a sign's worth of range, and unsigned ones, have the range of their type; floats that of 0 to 1, 255
    or 65535 where they fill it; all others their own.
    """
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        raise DamagedError("The picture holds values that are not numbers; export the film again.")
    lowest, highest = values.min(), values.max()
    low, high = float(lowest), float(highest)
    is_whole = values.dtype.kind in "iu" and int(highest) - int(lowest) <= 65535
    if is_whole:
        moved = values.astype(np.int64) if values.dtype.kind == "i" else values
        pixels, scale = (moved - moved.dtype.type(int(lowest))).astype(np.uint16), 1.0
    else:
        scale = 1.0 if high == low else (high - low) / 65535.0
        pixels = np.rint((values.astype(np.float64) - low) / scale).astype(np.uint16)
    if values.dtype in (np.dtype(np.int8), np.dtype(np.int16)) and low < 0.0:
        reach = float(np.iinfo(values.dtype).max)
        if high - low >= _UNUSED_RANGE * 2.0 * reach:
            return pixels, scale, low, (-reach - 1.0, reach)
        return pixels, scale, low, (low, high)
    for top in (1.0, 255.0, 65535.0):
        if low >= 0.0 and _UNUSED_RANGE * top <= high <= top:
            return pixels, scale, low, (0.0, top)
    return pixels, scale, low, (low, high)


def _transparent(alpha: npt.NDArray[Any]) -> tuple[npt.NDArray[np.bool_] | None, list[Caution]]:
    """The mask of transparent pixels. Raises ContentError if all are."""
    full = np.iinfo(alpha.dtype).max if alpha.dtype.kind in "iu" else 1.0
    if alpha.min() >= full:
        return None, []
    clear = alpha < _OPAQUE * full
    if clear.all():
        raise ContentError("The picture is transparent throughout and shows nothing; save it without transparency.")
    caution = Caution(CautionKind.PADDING, "Parts of the picture are transparent; they are shown black.")
    return (clear if clear.any() else None), [caution]


def _frame(pixels: _Values) -> list[Caution]:
    """A caution where an even frame surrounds the film, as in a photograph of a screen."""
    values = pixels.astype(np.int32)
    corners = values[[0, 0, -1, -1], [0, -1, 0, -1]]
    tolerance = _FRAME_TOLERANCE * max(255, int(values.max()))
    if int(corners.max()) - int(corners.min()) > tolerance:
        return []
    inside = np.abs(values - int(corners[0])) > tolerance
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    if not len(rows):
        return []
    share = 1.0 - (rows[-1] - rows[0] + 1) * (columns[-1] - columns[0] + 1) / values.size
    if share < _FRAME_SHARE:
        return []
    text = f"An even frame takes {share:.0%} of the picture; crop it to the film, or its score may be off."
    return [Caution(CautionKind.GEOMETRY, text)]
