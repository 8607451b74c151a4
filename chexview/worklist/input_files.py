"""What a user brings, as files to read: single films and zip archives.

Nothing is ever unpacked to disk: a member's name is only shown. An archive inside an archive is handed on as
it is, and the films' own door refuses it in a sentence.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from chexview.errors import ContentError, DamagedError, FilmError, FormatError, LimitError
from chexview.films.limits import FILE_BYTES, check_file_bytes
from chexview.worklist.server_room import SERVER_FULL

FILES = 2000
"""Files of one archive or folder."""
RATIO = 100
"""Unpacked bytes a packed byte may stand for, of a member and of an archive; a film nine tenths black has 28."""
UNPACKED_BYTES = 16 * 2**30
"""Bytes all members of an archive may declare together."""
NAME = 200
"""Characters of a name that is shown; of a longer one, the last."""

_ENTRY = b"PK\x01\x02"
_ARCHIVE = (b"PK\x03\x04", b"PK\x05\x06")
_LOCKED = 0x1
_SKIPPED = ("__MACOSX", "DICOMDIR")
_BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, OverflowError, IndexError)
_DAMAGED = "The archive is damaged here; pack it again, or bring the film itself."


@dataclass(frozen=True, slots=True, repr=False)
class InputFile:
    """A file as it was brought; ``remark`` is what is known of it beforehand."""

    name: str
    data: bytes
    remark: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class RejectedFile:
    """A file that gives no film, and the sentence that says why."""

    name: str
    sentence: str


@dataclass(frozen=True, slots=True, eq=False)
class Container:
    """The bytes of a file or archive, kept in memory until the last film that lies in them is read."""

    name: str
    size: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class FilmSource:
    """A file to read: ``load`` gives its bytes or raises a FilmError. Let go of it, and its bytes are free."""

    name: str
    load: Callable[[], bytes]
    remark: str = ""
    held: Container | None = None


def list_files(file: InputFile) -> Iterator[FilmSource | RejectedFile]:
    """The film that the file is, or the files of the archive that it is; what it is, its bytes decide."""
    name = _shown(file.name)
    held = Container(name, len(file.data))
    if not file.data.startswith(_ARCHIVE) or file.data[128:132] == b"DICM":
        yield FilmSource(name, partial(bytes, file.data), file.remark, held)
        return
    try:
        archive, members = _opened(file.data)
    except FilmError as error:
        yield RejectedFile(name, str(error))
        return
    for member in members:
        yield FilmSource(_shown(member.filename), partial(_unpacked, archive, member), file.remark, held)


def waiting_bytes(items: Iterable[FilmSource | RejectedFile]) -> int:
    """Bytes that are held while the items wait."""
    return sum(held.size for held in {item.held for item in items if isinstance(item, FilmSource) and item.held})


def limit_waiting(
    items: Iterable[FilmSource | RejectedFile], held: set[Container], limit: int, fits: bool = True
) -> Iterator[FilmSource | RejectedFile]:
    """The items, but one refusal for each file or archive that ``limit`` bytes do not hold beside those ``held``.

    Where nothing more ``fits`` into the server, each is refused.
    """
    kept, crowded = set(held), set[Container]()
    room = limit - sum(one.size for one in held) if fits else -1
    for item in items:
        if isinstance(item, RejectedFile) or item.held is None or item.held in kept:
            yield item
        elif item.held.size <= room:
            room -= item.held.size
            kept.add(item.held)
            yield item
        elif item.held not in crowded:
            crowded.add(item.held)
            own = f"There is room for {limit // 2**20} MB of files that wait; bring it again when others are read."
            yield RejectedFile(item.held.name, own if fits else SERVER_FULL)


def _opened(data: bytes) -> tuple[zipfile.ZipFile, list[zipfile.ZipInfo]]:
    if data.count(_ENTRY) > 2 * FILES:  # before the directory is parsed, whatever count it declares
        raise LimitError(f"The archive holds more than {FILES:,} files; bring it in parts.")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (*_BROKEN, NotImplementedError):
        raise DamagedError("The archive is damaged; pack it again, or bring the films themselves.") from None
    members = [info for info in archive.infolist() if not info.is_dir() and not _is_skipped(info.filename)]
    if len(members) > FILES:
        raise LimitError(f"The archive holds more than {FILES:,} files; bring it in parts.")
    if not members:
        raise ContentError("The archive holds no file; bring one with films in it.")
    unpacked = sum(info.file_size for info in members)
    if unpacked > min(UNPACKED_BYTES, RATIO * len(data)):
        raise LimitError("The archive unpacks to far more than films do; bring the films themselves.")
    return archive, members


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    if member.flag_bits & _LOCKED:
        raise FormatError("The file is locked with a password; unpack the archive and bring the film itself.")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise FormatError("The file is packed in a way that is not read here; pack the archive as plain zip.")
    check_file_bytes(member.file_size)
    if member.file_size > RATIO * max(member.compress_size, 1):
        raise LimitError("The file unpacks to far more than a film does; bring the film itself.")
    try:
        with archive.open(member) as stream:
            return stream.read(FILE_BYTES)
    except (*_BROKEN, NotImplementedError, RuntimeError):
        raise DamagedError(_DAMAGED) from None


def _is_skipped(name: str) -> bool:
    parts = _parts(name)
    return not parts or any(part.startswith(".") or part in _SKIPPED for part in parts)


def _shown(name: str) -> str:
    """A file's name as it is shown: no drive, no way up, nothing that does not print, not endless."""
    whole = "/".join(_parts(name)) or "file"
    whole = whole if len(whole) <= NAME else "…" + whole[1 - NAME :]
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in whole)


def _parts(name: str) -> list[str]:
    parts = name.replace("\\", "/").split("/")
    return [part for part in parts if part not in ("", ".", "..") and not part.endswith(":")]
