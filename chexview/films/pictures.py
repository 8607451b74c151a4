"""PNG, JPEG and TIFF films, 8 and 16 bit, through Pillow alone.

The trainer calls :func:`read_picture` in its own process for the data set's pictures; everything a user brings goes
through the decoding child. Pillow's own switches are left as they are (they are global to the process): the declared
size is checked between opening and loading, and Pillow's bomb warning counts as an error whether or not it is raised.
"""

import io
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from chexview.errors import ContentError, DamagedError, FilmError, FormatError, LimitError
from chexview.films import tiff
from chexview.films.colour import check_levels, luminance
from chexview.films.grey import OWN_RANGE, span
from chexview.films.limits import check_geometry
from chexview.films.radiograph import Caution, CautionKind, Radiograph, Step, VoiView

FORMATS = ("PNG", "JPEG", "TIFF")
"""The formats a user may bring, by Pillow's names."""

_PHOTOMETRIC_TAG = 262
_WHITE_IS_ZERO = 0
_UNUSED_RANGE = 0.25
"""A 16-bit picture whose largest value is below this share of the range holds fewer bits and is shown by its own."""
_FRAME_TOLERANCE = 10.0 / 255.0
_FRAME_SHARE = 0.15

_Values = npt.NDArray[np.uint16]


def read_picture(data: bytes, digest: str, extra_formats: Sequence[str] = ()) -> Radiograph:
    """Reads a PNG, JPEG or TIFF (and ``extra_formats``, for trusted data) from its bytes; ``digest`` is their SHA-256.

    ``pixels * scale + offset`` is the picture's own values: 0..255 of an 8-bit one, 0..65535 of a 16-bit one, the
    luminance of a tinted one, the numbers of a float TIFF on 65536 levels. The first view is the format's full range.
    Raises FormatError (not such a picture), LimitError (too large), DamagedError (cut short, contradicting itself) or
    ContentError (in colour, thresholded, animated, of no film's shape).
    """
    try:
        with Image.open(io.BytesIO(data), formats=(*FORMATS, *extra_formats)) as image:
            check_geometry(image.height, image.width)
            notes = _check_frames(image, data)
            image.load()
            white_is_zero = _white_is_zero(image)
            upright, turned = _upright(image)
            return _radiograph(upright, digest, white_is_zero, [*notes, *turned])
    except FilmError:
        raise
    except UnidentifiedImageError as error:
        raise FormatError(
            "The file's first bytes promise a picture but the rest is none that can be read; export the film again as "
            "PNG, JPEG or TIFF."
        ) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as error:
        raise LimitError(
            "The picture declares more pixels than are read here; export the film at its normal size and try again."
        ) from error
    except ValueError as error:
        if "MAX_TEXT" in str(error):
            raise LimitError(
                "The picture carries more text than any film does; save it again without its comments."
            ) from error
        raise _damaged() from error
    except Exception as error:
        raise _damaged() from error


def _damaged() -> DamagedError:
    return DamagedError("The picture is damaged or cut short and cannot be decoded whole; export or copy it again.")


def _check_frames(image: Image.Image, data: bytes) -> list[Caution]:
    """Cautions about loss and further pages. Raises ContentError for an animation, DamagedError for a loop of pages."""
    frames = tiff.pages(data) if image.format == "TIFF" else int(getattr(image, "n_frames", 1))
    lossy = [Caution(CautionKind.LOSSY, "The picture is a JPEG, compressed with loss.")]
    notes = lossy if image.format in ("JPEG", "MPO") else []
    if frames == 1:
        return notes
    if image.format not in ("TIFF", "MPO"):
        raise ContentError(f"The picture is an animation of {frames} frames; bring one film as one still picture.")
    return [
        *notes,
        Caution(CautionKind.GEOMETRY, f"The file holds {frames} pages; the first is read, the others are not."),
    ]


def _white_is_zero(image: Image.Image) -> bool:
    """Whether values grow from white to black still after Pillow, which inverts 8-bit TIFFs itself and no others."""
    tags = getattr(image, "tag_v2", None)
    return tags is not None and image.mode[0] in "IF" and tags.get(_PHOTOMETRIC_TAG) == _WHITE_IS_ZERO


def _upright(image: Image.Image) -> tuple[Image.Image, list[Caution]]:
    """The picture turned as its EXIF orientation asks; unreadable EXIF data leave it as it is, with a caution."""
    try:
        return ImageOps.exif_transpose(image), []
    except Exception:
        return image, [Caution(CautionKind.ORIENTATION, "The EXIF data are unreadable; the picture is shown unturned.")]


def _radiograph(image: Image.Image, digest: str, white_is_zero: bool, cautions: list[Caution]) -> Radiograph:
    scale, offset, padding = 1.0, 0.0, None
    if image.mode == "1":
        raise ContentError(
            "The picture has one bit a pixel, so its greys are lost; bring the film with its full range of greys."
        )
    if image.mode in ("I", "F"):
        pixels, scale, offset, full = _numbers(np.asarray(image))
        text = f"numbers read as {'whole ' if image.mode == 'I' else ''}values on at most 65536 levels"
    elif image.mode.startswith("I;16"):
        pixels, full = np.asarray(image).astype(np.uint16), (0.0, 65535.0)
        text = "16-bit grey read as it is"
    elif image.mode == "L":
        pixels, full = np.asarray(image).astype(np.uint16), (0.0, 255.0)
        text = "8-bit grey read as it is"
    else:
        pixels, scale, padding, found = _mixed(image)
        cautions, full = [*cautions, *found], (0.0, 255.0)
        text = f"{image.mode} picture read by its luminance"
    check_geometry(*pixels.shape)
    check_levels(pixels, padding)
    steps = [Step(text)]
    if white_is_zero:
        steps.append(Step("black and white exchanged, as its tag WhiteIsZero asks"))
    cautions += _frame(pixels)
    views = _views(pixels, padding, scale, offset, full)
    steps.append(Step(f"first view: {views[0].name}"))
    return Radiograph(
        pixels=pixels,
        scale=scale,
        offset=offset,
        views=views,
        digest=digest,
        padding=padding,
        inverted=white_is_zero,
        steps=tuple(steps),
        cautions=tuple(cautions),
    )


def _numbers(values: npt.NDArray[np.int32 | np.float32]) -> tuple[_Values, float, float, tuple[float, float]]:
    """Pixels, scale, offset and full range of 32-bit numbers: exact where they are whole and span 16 bits."""
    if not np.isfinite(values).all():
        raise DamagedError("The picture holds values that are not numbers; export the film again.")
    low, high = float(values.min()), float(values.max())
    is_whole = values.dtype.kind in "iu" and high - low <= 65535.0
    scale = 1.0 if is_whole or high == low else (high - low) / 65535.0
    pixels = np.rint((values.astype(np.float64) - low) / scale).astype(np.uint16)
    for top in (1.0, 255.0, 65535.0):
        if low >= 0.0 and _UNUSED_RANGE * top <= high <= top:
            return pixels, scale, low, (0.0, top)
    return pixels, scale, low, (low, high)


def _mixed(image: Image.Image) -> tuple[_Values, float, npt.NDArray[np.bool_] | None, list[Caution]]:
    """Luminance, its scale, padding and cautions of a palette, colour, CMYK or transparent picture."""
    clear = image.has_transparency_data
    channels = np.asarray(image.convert("RGBA" if clear else "RGB"))
    pixels, scale, caution = luminance(channels[..., :3])
    cautions = [] if caution is None else [caution]
    if not clear or channels[..., 3].min() == 255:
        return pixels, scale, None, cautions
    cautions.append(Caution(CautionKind.PADDING, "Parts of the picture are transparent; they are shown black."))
    padding = channels[..., 3] < 128
    if padding.all():
        raise ContentError("The picture is transparent throughout and shows nothing; save it without transparency.")
    return pixels, scale, padding, cautions


def _views(
    pixels: _Values, padding: npt.NDArray[np.bool_] | None, scale: float, offset: float, full: tuple[float, float]
) -> tuple[VoiView, ...]:
    """The format's full range first, the picture's own range second; the other way round where 16 bits hold fewer."""
    inside = pixels if padding is None else pixels[~padding]
    low, high = int(inside.min()) * scale + offset, int(inside.max()) * scale + offset
    whole, own = span("full range", *full), span(OWN_RANGE, low, high)
    if (low, high) == full:
        return (whole,)
    if full == (0.0, 65535.0) and high < _UNUSED_RANGE * 65535.0:
        return own, whole
    return whole, own


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
