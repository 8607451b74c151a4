"""Whether a JPEG is whole, whatever process coded it; what is not is refused, never shown half."""

import numpy as np
import numpy.typing as npt
import simplejpeg

from chexview.errors import DamagedError
from chexview.films import block_steps, jpeg, jpeg_entropy
from chexview.films.jpeg import Jpeg
from chexview.films.radiograph import Caution, CautionKind
from chexview.films.row_length import misread_blocks

_DAMAGE = ("corrupt", "premature", "bad huffman", "bogus", "invalid")
"""Words of libjpeg's warnings that mean lost data; others are about marks that change no pixel."""


def check_dct(stream: bytes, structure: Jpeg) -> None:
    """Raises DamagedError if the coded data of a JPEG (not lossless, not JPEG-LS) are not whole.

    Sequential ones are followed code by code. Of progressive ones, libjpeg's own warnings are taken as errors.
    """
    used = {component.quantiser for component in structure.frame.components}
    if any(number in used and not step for scan in structure.scans for number, step in scan.quantisers):
        raise damaged("are divided by zero")
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


def damage_seen(samples: npt.NDArray[np.uint8 | np.uint16], structure: Jpeg) -> tuple[Caution, ...]:
    """A caution where a DCT's picture, (rows, columns), shows that a code was changed for another of the same length.

    Or that its frame header was, so that its units stand in rows of another length than they were coded in.
    """
    frame, first = structure.frame, structure.frame.components[0]
    across, down = (first.horizontal, first.vertical) if len(frame.components) > 1 else (1, 1)
    quantiser = max((dict(scan.quantisers).get(first.quantiser, 0) for scan in structure.scans), default=0)
    height, width = 8 * max(1, down), 8 * max(1, across)
    if found := misread_blocks(samples, height, width):
        return found
    row = block_steps.step_row(samples, frame.precision, quantiser / 8, height, width)
    if row is None:
        return ()
    text = (
        f"The JPEG is damaged: from row {row + 1} on all greys are shifted, by a step that begins in the middle of a row of "
        "its blocks; what is shown below is not the film."
    )
    return (Caution(CautionKind.DAMAGE, text),)


def damaged(flaw: str) -> DamagedError:
    """The error for a flaw, in words that follow "the coded data"."""
    return DamagedError(f"The picture is damaged, for its JPEG's coded data {flaw}; copy or export the film again.")
