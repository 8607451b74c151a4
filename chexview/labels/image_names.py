"""Names of images in tables: kept as short as they tell films apart."""

from collections.abc import Sequence
from pathlib import PurePosixPath

from chexview.errors import TableError


def parts(text: str) -> tuple[str, ...]:
    """The folders and the name of a path of any system."""
    path = PurePosixPath(text.strip().replace("\\", "/"))
    return tuple(part for part in path.parts if part not in ("/", ".", "..") and not part.endswith(":"))


def depth(texts: Sequence[str]) -> int:
    """How many last parts of the paths it takes to tell all of them apart: 1 where the names alone do.

    Where even whole paths do not, the longest.
    """
    split = [parts(text) for text in texts]
    longest = max(map(len, split), default=1)
    return next((k for k in range(1, longest) if len({path[-k:] for path in split}) == len(split)), max(longest, 1))


def shortened(text: str, count: int) -> str:
    """The last ``count`` parts of a path."""
    return "/".join(parts(text)[-count:])


def image_names(texts: Sequence[str], name: str, column: str, first_row: int = 2) -> list[str]:
    """The images' names, with as many folders as tell them apart.

    Raises TableError for an empty name, for one that begins like a formula, and for one that is there twice.
    """
    count = depth(texts)
    seen: dict[str, int] = {}
    for row, text in enumerate(texts, first_row):
        where = f"{name}, column {column}, row {row}"
        image = shortened(text, count)
        if not image:
            raise TableError(f"{where}: there is no image name.")
        if text.strip()[:1] in tuple("=+-@") or text[:1] in ("\t", "\r") or image[:1] in tuple("=+-@"):
            raise TableError(f"{where}: a name that begins like a formula is refused.")
        if any(ord(letter) < 32 or ord(letter) == 127 for letter in image):
            raise TableError(f"{where}: a name with a control character is refused.")
        if image in seen:
            raise TableError(f"{where}: {image} is there already, in row {seen[image]}.")
        seen[image] = row
    return list(seen)
