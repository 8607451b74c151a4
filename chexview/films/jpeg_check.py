"""Whether a JPEG is whole, whatever process coded it; what is not is refused, never shown half."""

import numpy as np
import numpy.typing as npt
import simplejpeg

from chexview.errors import DamagedError
from chexview.films import jpeg, jpeg_entropy
from chexview.films.jpeg import Jpeg

_DAMAGE = ("corrupt", "premature", "bad huffman", "bogus", "invalid")
"""Words of libjpeg's warnings that mean lost data; others are about marks that change no pixel."""


def check_dct(stream: bytes, structure: Jpeg) -> None:
    """Raises DamagedError if the coded data of a JPEG (not lossless, not JPEG-LS) are not whole.

    Sequential ones are followed code by code. Of progressive ones, libjpeg's own warnings are taken as errors.
    """
    if structure.frame.marker in jpeg.SEQUENTIAL:
        found = jpeg_entropy.dct_flaw(stream, structure)
        if found:
            raise damaged(found)
        return
    try:
        simplejpeg.decode_jpeg(stream, "GRAY" if len(structure.frame.components) == 1 else "RGB", strict=True)
    except ValueError as error:
        if any(word in str(error).lower() for word in _DAMAGE):
            raise damaged("are not whole") from error


def check_lossless(stream: bytes, structure: Jpeg, samples: npt.NDArray[np.uint8 | np.uint16]) -> None:
    """Raises DamagedError if the coded data of a lossless JPEG are not those of the samples that it decodes to."""
    found = jpeg_entropy.lossless_flaw(stream, structure, samples)
    if found:
        raise damaged(found)


def damaged(flaw: str) -> DamagedError:
    """The error for a flaw, in words that follow "the coded data"."""
    return DamagedError(f"The picture is damaged, for its JPEG's coded data {flaw}; copy or export the film again.")
