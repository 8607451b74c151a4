"""Where pictures lie: folders, zips and tar archives, found by name and read in the order a cache asks for.

NIH publishes its films as ``images_001.tar.gz`` to ``images_012.tar.gz``; a compressed tar can only be read from its beginning,
so its members are asked for in the order they lie in it. DICOM files are known by their preamble, whatever they are called.
"""

import tarfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

import pandas as pd

from chexview.errors import DataError

PICTURES = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".dcm", ".dicom"}
UNNAMED = {""}
"""Endings of files that may be DICOM all the same, and are looked into; numbers count as none (1.2.840.113)."""

BROKEN = (KeyError, OSError, RuntimeError, EOFError, zipfile.BadZipFile, tarfile.TarError, zlib.error)
"""What a damaged archive or a member that is not there can raise."""


def is_dicom(data: bytes) -> bool:
    """Whether a file begins as DICOM PS3.10, section 7.1, has it: 128 bytes of preamble and ``DICM``."""
    return data[128:132] == b"DICM"


def sequential(source: Path) -> bool:
    """Whether a source can only be read from its beginning: a compressed tar."""
    return source.name.lower().endswith((".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz"))


def _wanted(name: str) -> bool:
    path = PurePosixPath(name)
    ending = path.suffix.lower()
    return not path.name.startswith(".") and (ending in PICTURES or ending in UNNAMED or ending[1:].isdigit())


def _certain(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in PICTURES


def _members(source: Path) -> list[str]:
    """The names of all pictures in a source, in the order in which they are read fastest. Raises DataError."""
    if source.is_dir():
        names = sorted(item.relative_to(source).as_posix() for item in source.rglob("*") if item.is_file())
        return [name for name in names if _wanted(name) and (_certain(name) or _begins_as_dicom(source / name))]
    try:
        if zipfile.is_zipfile(source):
            with zipfile.ZipFile(source) as archive:
                return [name for name in sorted(archive.namelist()) if _certain(name)]
        if source.is_file() and tarfile.is_tarfile(source):
            with tarfile.open(source) as archive:
                return [item.name for item in archive if item.isfile() and _certain(item.name)]
    except BROKEN as error:
        raise DataError(f"{source.name} is damaged ({type(error).__name__}); copy or unpack it again.") from error
    raise DataError(f"{source.name} is neither a folder nor a zip or tar archive of pictures.")


def _begins_as_dicom(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return is_dicom(file.read(132))
    except OSError:
        return False


def stem(name: str) -> str:
    """What a picture is matched by: its name without folder and known ending; DICOM names keep their dots."""
    path = PurePosixPath(name)
    return path.stem if path.suffix.lower() in PICTURES else path.name


def all_pictures(sources: Iterable[Path]) -> pd.DataFrame:
    """Every picture of some sources: columns stem, source, member, and place (its number in its source).

    Raises DataError for a source that is not there or cannot be read.
    """
    rows = [
        (stem(member), str(source.resolve()), member, place)
        for source in sources
        for place, member in enumerate(_members(source))
    ]
    return pd.DataFrame(rows, columns=["stem", "source", "member", "place"])


def find_pictures(sources: Iterable[Path]) -> tuple[pd.DataFrame, list[str]]:
    """Every picture by stem: columns stem, source, member, and place (its number in its source); and the stems met twice.

    Raises DataError for a source that is not there or cannot be read.
    """
    found = all_pictures(sources)
    again = found["stem"].duplicated()
    return found[~again].reset_index(drop=True), found.loc[again, "stem"].tolist()


def stream(source: str, members: list[str]) -> Iterator[bytes | None]:
    """The raw bytes of ``members``, in their order; None where one cannot be read.

    From a tar archive they come fastest in the order in which they lie there; others are found by going back.
    """
    path = Path(source)
    if path.is_dir():
        for member in members:
            try:
                yield (path / member).read_bytes()
            except OSError:
                yield None
        return
    try:
        with zipfile.ZipFile(path) if zipfile.is_zipfile(path) else tarfile.open(path) as archive:
            for member in members:
                yield _one(archive, member)
    except BROKEN:
        yield from (None for _ in members)


def _one(archive: zipfile.ZipFile | tarfile.TarFile, member: str) -> bytes | None:
    try:
        return archive.read(member) if isinstance(archive, zipfile.ZipFile) else _from_tar(archive, member)
    except BROKEN:
        return None


def _from_tar(archive: tarfile.TarFile, member: str) -> bytes | None:
    """Forward from where the archive stands; only a member behind that, or none, makes it look everywhere."""
    while (item := archive.next()) is not None:
        if item.name == member:
            file = archive.extractfile(item)
            return file.read() if file else None
    file = archive.extractfile(archive.getmember(member))
    return file.read() if file else None
