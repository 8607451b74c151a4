"""The limits a file must keep before and while it is decoded, and the sentences that say so.

Limits are on what a file *declares*, checked before anything is allocated, and on what the decoding child *uses*.
A 43 x 43 cm film at 0.1 mm is 4300 x 4300 pixels, 37 MB at 16 bits; twice that is the most that is read.
"""

from chexview.errors import ContentError, LimitError

FILE_BYTES = 128 * 2**20
"""The largest file, and the largest data set a deflated one may inflate to."""
PIXELS = 40_000_000
"""Rows times columns, of the stored and of the displayed film."""
SIDE = 8192
"""Rows, and columns."""
SHORT_SIDE = 32
"""A film with fewer rows or columns shows nothing a reader could judge."""
ASPECT = 4.0
"""The longer side divided by the shorter."""
ITEMS = 5000
"""Sequence items (and fragments of pixel data) in one DICOM file."""
ELEMENTS = 20_000
"""Top-level elements of one DICOM file."""
PAGES = 1000
"""Pages of a TIFF."""
SECONDS = 10.0
"""Wall-clock time one film may take."""
MEMORY_BYTES = 2 * 2**30
"""Memory one film may take in the decoding child, over what the child holds before it."""


def check_file_bytes(size: int) -> None:
    """Raises LimitError if a file of ``size`` bytes is larger than what is read."""
    if size > FILE_BYTES:
        raise LimitError(
            f"The file has {size // 2**20} MB and at most {FILE_BYTES // 2**20} MB are read; bring the single film, "
            "compressed without loss if it is that large."
        )


def check_geometry(
    rows: int, columns: int, rows_name: str = "The picture's height", columns_name: str = "The picture's width"
) -> None:
    """Checks a declared geometry in pixels before anything of that size is allocated.

    ``rows_name`` and ``columns_name`` say where the numbers were found, for the sentence. Raises LimitError if it is
    too large, ContentError where it is too small or too long to be a film.
    """
    for number, name in ((rows, rows_name), (columns, columns_name)):
        if number > SIDE:
            raise LimitError(
                f"{name} says {number} but at most {SIDE} are read; export the film at its normal size and try again."
            )
    if rows * columns > PIXELS:
        raise LimitError(
            f"{rows_name} says {rows} and {columns_name[0].lower() + columns_name[1:]} says {columns}, more than "
            f"{PIXELS // 1_000_000} million pixels together; export the film at its normal size and try again."
        )
    for number, name in ((rows, rows_name), (columns, columns_name)):
        if number < SHORT_SIDE:
            raise ContentError(
                f"{name} says {number}, which is too small for a film; bring one of at least {SHORT_SIDE} pixels a "
                "side."
            )
    if max(rows, columns) > ASPECT * min(rows, columns):
        raise ContentError(
            f"The picture has {rows} rows and {columns} columns, which is no shape of a chest radiograph; bring the "
            "whole film and nothing else."
        )
