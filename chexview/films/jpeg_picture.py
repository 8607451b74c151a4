"""A JPEG that a user brings: 8 bits a sample, and whole to its last code."""

import numpy as np
from PIL import Image

from chexview.errors import DamagedError, FormatError
from chexview.films import jpeg, jpeg_check
from chexview.films.limits import check_geometry
from chexview.films.pictures import read_picture
from chexview.films.radiograph import Caution, Radiograph

_ARITHMETIC = frozenset({0xC9, 0xCA})


def read_jpeg(data: bytes, digest: str) -> Radiograph:
    """Reads a JPEG from its bytes; ``digest`` is their SHA-256.

    Raises what :func:`~chexview.films.pictures.read_picture` raises, FormatError for a process that is read in DICOM
    files alone, and DamagedError where the coded data are not whole, however well the file ends. A film whose greys are
    shifted from some block on is withheld.
    """
    structure = jpeg.parse(data)
    if structure is None:
        raise DamagedError("The JPEG is cut short before its picture begins; copy or export the film again.")
    frame = structure.frame
    if frame.marker not in (*jpeg.SEQUENTIAL, jpeg.PROGRESSIVE, *_ARITHMETIC):
        kind = {jpeg.LOSSLESS: "lossless", jpeg.JPEG_LS: "a JPEG-LS"}.get(frame.marker, "hierarchical")
        raise FormatError(
            f"The JPEG is {kind}, which is read in DICOM files only; bring the DICOM file, or save the film as PNG."
        )
    if frame.precision != 8:
        raise FormatError(
            f"The JPEG has {frame.precision} bits a sample, which is read in DICOM files only; bring the DICOM file, or "
            "save the film as PNG of 16 bits."
        )
    check_geometry(frame.rows, frame.columns)
    whole = data + b"\xff\xd9" if structure.end is None else data
    jpeg_check.check_dct(whole[: structure.end], structure)

    def judge(image: Image.Image) -> tuple[Caution, ...]:
        return jpeg_check.damage_seen(np.asarray(image if image.mode == "L" else image.convert("L")), structure)

    return read_picture(whole, digest, judge=judge)
