"""The chain of directories of a TIFF, followed before Pillow does: its length, its loops."""

from chexview.errors import DamagedError, LimitError
from chexview.films.limits import PAGES


def pages(data: bytes) -> int:
    """The number of pages of a TIFF or BigTIFF (TIFF 6.0, section 2).

    Raises DamagedError if a directory lies outside the file or the chain returns to where it was, LimitError where
    there are more pages than anything that holds one film has.
    """
    order = "little" if data[:2] == b"II" else "big"
    big = data[2:4] in (b"+\x00", b"\x00+")
    pointer, count, entry = (8, 8, 20) if big else (4, 2, 12)

    def number(position: int, width: int) -> int:
        if position < 0 or position + width > len(data):
            raise DamagedError(
                f"The TIFF is cut short: a directory lies at byte {position} and the file has {len(data)}; bring the "
                "whole file."
            )
        return int.from_bytes(data[position : position + width], order)  # type: ignore[arg-type]

    seen: set[int] = set()
    offset = number(8 if big else 4, pointer)
    while offset:
        if offset in seen:
            raise DamagedError("The TIFF's pages form a loop, so the file is damaged; export the film again.")
        if len(seen) >= PAGES:
            raise LimitError(f"The TIFF has more than {PAGES} pages; bring the single film.")
        seen.add(offset)
        offset = number(offset + count + entry * number(offset, count), pointer)
    if not seen:
        raise DamagedError("The TIFF holds no page, so the file is damaged; export the film again.")
    return len(seen)
