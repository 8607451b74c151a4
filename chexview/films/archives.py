"""Films in folders, zips and tars: their names, and one film's bytes, read within bounds and from regular files alone.

What a user names may be a device that never ends, a pipe that never answers, or an archive whose members swell: a file is
looked at before it is opened, and never more of it is read than a film may have.
"""

import os
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from chexview.errors import DamagedError, DataError, LimitError
from chexview.films import formats
from chexview.films.limits import FILE_BYTES, check_file_bytes

ENTRIES = 1_000_000
"""At most so many files of a folder, or members of an archive, are looked through."""

BROKEN = (KeyError, OSError, RuntimeError, EOFError, ValueError, zipfile.BadZipFile, tarfile.TarError, zlib.error)
"""What a damaged archive or a member that is not there can raise."""

_COPIES = (".webp",)
"""Endings of a data set's own copies, which no user brings by hand."""
_COMPRESSED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd")
"""How gzip, bzip2, xz and zstd begin, whatever the file is called."""


def is_dicom(data: bytes) -> bool:
    """Whether a file begins as DICOM PS3.10, section 7.1, has it: 128 bytes of preamble and ``DICM``."""
    return data[128:132] == b"DICM"


def sequential(source: Path) -> bool:
    """Whether a source can only be read from its beginning: a compressed tar, by its content or its name."""
    if source.name.lower().endswith((".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")):
        return True
    return is_regular(source) and _beginning(source, 6).startswith(_COMPRESSED)


def is_regular(path: Path) -> bool:
    """Whether a path is a file that has an end: no device, pipe or socket."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except (OSError, ValueError):
        return False


def picture_suffixes() -> frozenset[str]:
    """How pictures in a source are named."""
    return formats.suffixes() | frozenset(_COPIES)


def stem(name: str) -> str:
    """What a picture is matched by: its name without folder and known ending; DICOM names keep their dots."""
    path = PurePosixPath(name)
    return path.stem if path.suffix.lower() in picture_suffixes() else path.name


def members(source: Path) -> list[str]:
    """The names of all pictures in a source, in the order in which they are read fastest.

    Raises DataError if it is no folder, zip or tar, is damaged, or holds more entries than are looked through.
    """
    try:
        if source.is_dir():
            return [name for name in _files(source) if _is_wanted(name) and _is_picture(source / name, name)]
        if not is_regular(source):
            raise DataError(f"{source.name} is neither a folder nor a zip or tar archive of pictures.")
        if zipfile.is_zipfile(source):
            with zipfile.ZipFile(source) as archive:
                return [name for name in sorted(_bounded(archive.namelist(), source)) if _is_certain(name)]
        if tarfile.is_tarfile(source):
            with tarfile.open(source) as archive:
                names = (item.name if item.isfile() else "" for item in archive)
                return [name for name in _bounded(names, source) if _is_certain(name)]
    except BROKEN as error:
        raise DataError(f"{source.name} is damaged ({type(error).__name__}); copy or unpack it again.") from error
    raise DataError(f"{source.name} is neither a folder nor a zip or tar archive of pictures.")


def member(source: str, name: str) -> bytes:
    """One picture's bytes. Raises LimitError if it is larger than a film, DamagedError where it cannot be read."""
    path = Path(source)
    try:
        if path.is_dir():
            if _leads_outside(name):
                raise KeyError(name)
            return read_file(path / name)
        if not is_regular(path):
            raise OSError
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                return _from_zip(archive, name)
        with tarfile.open(path, "r:") as tar:
            return _from_tar(tar, name)
    except BROKEN as error:
        raise DamagedError(
            "The film is named in its folder or archive but cannot be taken out; copy or unpack it again."
        ) from error


def read_file(path: Path) -> bytes:
    """A regular file's bytes. Raises LimitError if it is larger than a film, OSError where it is none."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError("not a regular file")
        check_file_bytes(os.fstat(descriptor).st_size)
        return _bounded_read(file)


def stream(source: str, names: list[str]) -> Iterator[bytes | None]:
    """The raw bytes of ``names``, in their order; None if one cannot be read or is larger than a film.

    From a tar archive they come fastest in the order in which they lie there; others are found by going back.
    """
    path = Path(source)
    if path.is_dir():
        for name in names:
            try:
                yield read_file(path / name)
            except (OSError, ValueError, LimitError):
                yield None
        return
    try:
        if not is_regular(path):
            raise OSError
        with zipfile.ZipFile(path) if zipfile.is_zipfile(path) else tarfile.open(path) as archive:
            for name in names:
                yield _one(archive, name)
    except BROKEN:
        yield from (None for _ in names)


def _leads_outside(name: str) -> bool:
    """Whether a picture's name in a folder is of a place elsewhere; :func:`members` gives none."""
    path = Path(name)
    return path.is_absolute() or bool(path.drive) or ".." in path.parts


def _one(archive: zipfile.ZipFile | tarfile.TarFile, name: str) -> bytes | None:
    try:
        return _from_zip(archive, name) if isinstance(archive, zipfile.ZipFile) else _from_tar(archive, name)
    except (*BROKEN, LimitError):
        return None


def _from_zip(archive: zipfile.ZipFile, name: str) -> bytes:
    check_file_bytes(archive.getinfo(name).file_size)
    with archive.open(name) as file:
        return _bounded_read(file)


def _from_tar(archive: tarfile.TarFile, name: str) -> bytes:
    """Forward from where the archive stands; only a member behind that, or none, makes it look everywhere."""
    while (item := archive.next()) is not None:
        if item.name == name:
            break
    item = item or archive.getmember(name)
    check_file_bytes(item.size)
    file = archive.extractfile(item)
    if file is None:
        raise KeyError(name)
    return _bounded_read(file)


def _bounded_read(file: IO[bytes]) -> bytes:
    data = file.read(FILE_BYTES + 1)
    check_file_bytes(len(data))
    return data


def _files(folder: Path) -> list[str]:
    found = (item.relative_to(folder).as_posix() if is_regular(item) else "" for item in folder.rglob("*"))
    return sorted(name for name in _bounded(found, folder) if name)


def _bounded(names: Iterable[str], source: Path) -> Iterator[str]:
    for number, name in enumerate(names):
        if number >= ENTRIES:
            raise DataError(f"{source.name} holds more than {ENTRIES:,} files; name a smaller folder.")
        yield name


def _is_wanted(name: str) -> bool:
    path = PurePosixPath(name)
    ending = path.suffix.lower()
    return not path.name.startswith(".") and (ending in picture_suffixes() or not ending or ending[1:].isdigit())


def _is_certain(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in picture_suffixes() and "__MACOSX" not in PurePosixPath(name).parts


def _is_picture(path: Path, name: str) -> bool:
    """Whether a file is named as a picture or begins as DICOM, whatever it is called (1.2.840.113)."""
    return _is_certain(name) or is_dicom(_beginning(path, 132))


def _beginning(path: Path, count: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(count)
    except OSError:
        return b""
