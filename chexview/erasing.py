"""What is kept on the disk below CHEXVIEW_HOME, and its erasure: each folder is removed whole, or stays and is reported.

An erasure that a crash ended is finished when the server starts, and by the next erasure.
"""

import re
import secrets
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from chexview.errors import SettingsError


@dataclass(frozen=True, slots=True)
class KeptFolder:
    """A folder of CHEXVIEW_HOME: its name, and what is in it, for people."""

    name: str
    title: str


KEPT = (
    KeptFolder("runs", "validation runs that were imported or made here"),
    KeptFolder("references", "reference standards that were imported here"),
    KeptFolder("studies", "reader studies with their answers"),
    KeptFolder("verdicts", "verdicts on flags"),
)
"""Everything that the application itself writes there. Checkpoints are put there by hand, and stay."""


_LEAVING = re.compile(r"\.erased-[0-9a-f]{16}")
"""The name of a folder whose erasure has begun."""


def count(home: Path, folder: KeptFolder) -> int:
    """Entries in a folder."""
    place = home / folder.name
    return sum(1 for _ in place.iterdir()) if place.is_dir() else 0


def erase(home: Path, folders: tuple[KeptFolder, ...] = KEPT) -> int:
    """Erases the folders; how many entries went. All are renamed first, so that no half of one is ever seen or comes back.

    Raises SettingsError where one cannot be erased; a link is removed, and what it leads to stays.
    """
    gone = 0
    for folder in folders:
        place = home / folder.name
        entries = count(home, folder)
        try:
            if place.is_symlink():
                place.unlink()
            elif place.is_dir():
                place.rename(home / f".erased-{secrets.token_hex(8)}")
        except OSError as error:
            raise SettingsError(
                f"The folder {folder.name} of CHEXVIEW_HOME cannot be erased ({error.strerror})."
            ) from None
        gone += entries
    finish_erasing(home)
    return gone


def finish_erasing(home: Path) -> None:
    """Erases what an erasure has renamed and not yet removed. Raises SettingsError where that cannot be done."""
    try:
        found = [place for place in home.iterdir() if _LEAVING.fullmatch(place.name) and not place.is_symlink()]
    except OSError:  # nothing is kept yet
        return
    for place in found:
        try:
            while place.exists():
                with suppress(FileNotFoundError):  # another process erases, too
                    shutil.rmtree(place)
        except OSError as error:
            raise SettingsError(
                f"A part of what was erased in CHEXVIEW_HOME cannot be removed from the disk ({error.strerror})."
            ) from None
