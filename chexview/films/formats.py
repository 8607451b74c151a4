"""The kinds of film file that are read: one table for sniffing, decoding, sources, uploader and help.

To add a format, add one :class:`FilmFormat` to :data:`FORMATS` and write its reader; nothing else names a format.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from chexview.films.radiograph import Radiograph


@dataclass(frozen=True, slots=True)
class FilmFormat:
    """One kind of file.

    ``signatures`` are bytes at an offset, one of which the file has; ``recognise`` tells files that have none by their
    content, after all signatures have been tried. ``reader`` is ``module:function`` of a function of the file's bytes
    and their SHA-256 in hexadecimal, imported in the decoding child alone. ``suffixes`` are how such files are named.
    """

    name: str
    suffixes: tuple[str, ...]
    signatures: tuple[tuple[int, bytes], ...]
    reader: str
    recognise: Callable[[bytes], bool] | None = None

    def begins(self, data: bytes) -> bool:
        """Whether the file's first bytes are those of this format."""
        return any(data[offset : offset + len(magic)] == magic for offset, magic in self.signatures)

    def read(self, data: bytes, digest: str) -> Radiograph:
        """Reads a film of this format. Raises a FilmError."""
        module, function = self.reader.split(":")
        read: Callable[[bytes, str], Radiograph] = getattr(import_module(module), function)
        return read(data, digest)


_VR = re.compile(rb"A[ESTU]|C[S]|D[AST]|F[DL]|I[S]|L[OT]|O[BDFLVW]|P[N]|S[HLQSTV]|T[M]|U[CILNRSTV]")


def _is_bare_data_set(data: bytes) -> bool:
    """Whether the bytes look like a DICOM data set without preamble (PS3.10 7.1 asks for one, old files lack it)."""
    if len(data) < 16 or data[:2] not in (b"\x02\x00", b"\x08\x00", b"\x00\x08"):
        return False
    if _VR.fullmatch(data[4:6]):
        return True
    if data[:2] == b"\x00\x08":
        return False
    length = int.from_bytes(data[4:8], "little")
    return length % 2 == 0 and length <= 1024 and data[8 + length : 10 + length] in (b"\x02\x00", b"\x08\x00")


PNG = FilmFormat("PNG", (".png",), ((0, b"\x89PNG\r\n\x1a\n"),), "chexview.films.png_picture:read_png")
JPEG = FilmFormat("JPEG", (".jpg", ".jpeg"), ((0, b"\xff\xd8\xff"),), "chexview.films.jpeg_picture:read_jpeg")
TIFF = FilmFormat(
    "TIFF",
    (".tif", ".tiff"),
    ((0, b"II*\x00"), (0, b"MM\x00*"), (0, b"II+\x00"), (0, b"MM\x00+")),
    "chexview.films.tiff_picture:read_tiff",
)
DICOM = FilmFormat(
    "DICOM",
    (".dcm", ".dicom"),
    ((128, b"DICM"), (0, b"DICM\x02\x00"), (0, b"DICM\x08\x00")),
    "chexview.films.dicom:read_dicom",
    recognise=_is_bare_data_set,
)
FORMATS = (DICOM, PNG, JPEG, TIFF)
"""The formats, the one that may begin like any other first."""


def suffixes() -> frozenset[str]:
    """How files of all formats are named, with the dot, in lower case."""
    return frozenset(suffix for each in FORMATS for suffix in each.suffixes)


def listed(last: str = "or") -> str:
    """The names of the formats as a sentence has them: ``DICOM, PNG, JPEG or TIFF``."""
    *names, final = (each.name for each in FORMATS)
    return f"{', '.join(names)} {last} {final}"
