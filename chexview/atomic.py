"""Files that are there whole or not at all."""

import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

_RANDOM = r"\.[a-z0-9_]{8}"
"""What :mod:`tempfile` puts at the end of a name."""


def write_atomically(path: Path, data: bytes) -> None:
    """Writes ``data`` to a temporary file beside ``path`` and renames it."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        temporary = Path(file.name)
        try:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            file.close()
            temporary.chmod(0o644)
            temporary.replace(path)
        except OSError:
            file.close()
            temporary.unlink(missing_ok=True)
            raise


def remove_unfinished(folder: Path, endings: Sequence[str]) -> None:
    """Removes what a process that was killed left of files that it wrote below ``folder``, with these ends of names."""
    left = re.compile(rf"\..+(?:{'|'.join(map(re.escape, endings))}){_RANDOM}")
    for path in folder.rglob(".*"):
        if left.fullmatch(path.name) and path.is_file():
            path.unlink(missing_ok=True)
