"""What is kept on the disk below CHEXVIEW_HOME, and its erasure: each folder goes whole, or stays and is said to stay."""

import secrets
import shutil
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


def count(home: Path, folder: KeptFolder) -> int:
    """Entries in a folder."""
    place = home / folder.name
    return sum(1 for _ in place.iterdir()) if place.is_dir() else 0


def erase(home: Path, folders: tuple[KeptFolder, ...] = KEPT) -> int:
    """Erases the folders; how many entries went. Each is renamed first, so that no half of it is ever seen.

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
                leaving = home / f".erased-{secrets.token_hex(8)}"
                place.rename(leaving)
                shutil.rmtree(leaving)
        except OSError as error:
            raise SettingsError(
                f"The folder {folder.name} of CHEXVIEW_HOME cannot be erased ({error.strerror})."
            ) from None
        gone += entries
    return gone
