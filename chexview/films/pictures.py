"""PNG, JPEG and TIFF films, 8 and 16 bit, through Pillow alone.

The trainer calls :func:`read_picture` in its own process for the data set's pictures; everything a user brings goes
through the decoding child. Pillow's own switches are left as they are (they are global to the process): the declared
size is checked between opening and loading, and Pillow's bomb warning counts as an error whether or not it is raised.
"""

import io
from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from chexview.errors import ContentError, DamagedError, FilmError, FormatError, LimitError
from chexview.films import tiff
from chexview.films.limits import check_geometry
from chexview.films.radiograph import Caution, CautionKind, Radiograph
from chexview.films.samples import Samples, to_radiograph, turned

FORMATS = ("PNG", "JPEG", "TIFF")
"""The formats a user may bring, by Pillow's names."""

_PHOTOMETRIC_TAG = 262
_WHITE_IS_ZERO = 0
_ORIENTATION_TAG = 274


def read_picture(
    data: bytes,
    digest: str,
    extra_formats: Sequence[str] = (),
    judge: Callable[[Image.Image], Sequence[Caution]] = lambda image: (),
) -> Radiograph:
    """Reads a PNG, JPEG or TIFF (and ``extra_formats``, for trusted data) from its bytes; ``digest`` is their SHA-256.

    ``judge`` looks at the decoded picture, before it is turned, for what its format alone can tell.

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
            notes += judge(image)
            if image.format == "PNG" and _is_deep_colour(data):
                return to_radiograph(_deep_colour(image, data), digest, notes)
            white_is_zero = _white_is_zero(image)
            upright, turn_cautions = _upright(image)
            return to_radiograph(_samples(upright, white_is_zero), digest, [*notes, *turn_cautions])
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


def _samples(image: Image.Image, white_is_zero: bool) -> Samples:
    if image.mode == "1":
        raise ContentError(
            "The picture has one bit a pixel, so its greys are lost; bring the film with its full range of greys."
        )
    if image.mode in ("I", "F"):
        text = f"numbers read as {'whole ' if image.mode == 'I' else ''}values on at most 65536 levels"
        return Samples(np.asarray(image), text, white_is_zero=white_is_zero)
    if image.mode.startswith("I;16"):
        values = np.asarray(image).astype(np.uint16)
        return Samples(values, "16-bit grey read as it is", 16, white_is_zero=white_is_zero)
    if image.mode == "L" and not image.has_transparency_data:
        return Samples(np.asarray(image), "8-bit grey read as it is", 8)
    clear = image.has_transparency_data
    channels = np.asarray(image.convert("RGBA" if clear else "RGB"))
    return Samples(channels, f"{image.mode} picture read by its luminance", 8, alpha=clear)


def _is_deep_colour(data: bytes) -> bool:
    """Whether a PNG has 16 bits in each of several channels, of which Pillow keeps 8 (PNG, IHDR)."""
    return data[12:16] == b"IHDR" and data[24] == 16 and data[25] in (2, 4, 6)


def _deep_colour(image: Image.Image, data: bytes) -> Samples:
    """The samples of such a PNG, which Pillow has proved to be whole, at their full depth."""
    import imagecodecs  # the trainer's pictures never need it

    values = np.atleast_3d(imagecodecs.png_decode(data))
    orientation = image.getexif().get(_ORIENTATION_TAG, 1)
    alpha = values.shape[2] in (2, 4)
    return Samples(turned(values, orientation), "16-bit channels read by their luminance", 16, alpha)
