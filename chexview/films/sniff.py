"""What kind of file the bytes are, by their first bytes and never by a name."""

import re
from enum import StrEnum

from chexview.errors import FormatError


class Kind(StrEnum):
    """The kinds of file that are read; all but DICOM carry Pillow's own name for the format."""

    DICOM = "DICOM"
    PNG = "PNG"
    JPEG = "JPEG"
    TIFF = "TIFF"


_READ = (
    (b"\x89PNG\r\n\x1a\n", Kind.PNG),
    (b"\xff\xd8\xff", Kind.JPEG),
    (b"II*\x00", Kind.TIFF),
    (b"MM\x00*", Kind.TIFF),
    (b"II+\x00", Kind.TIFF),
    (b"MM\x00+", Kind.TIFF),
)

_CONVERT = "save it as PNG or TIFF, or bring the DICOM file"
_UNPACK = "unpack it and bring the film itself"
_EXPORT = "export the film itself as DICOM, PNG, JPEG or TIFF"

_REFUSED = (
    (0, b"PK\x03\x04", "a zip archive", _UNPACK),
    (0, b"PK\x05\x06", "an empty zip archive", _UNPACK),
    (0, b"\x1f\x8b", "a gzip archive", _UNPACK),
    (0, b"BZh", "a bzip2 archive", _UNPACK),
    (0, b"\xfd7zXZ\x00", "an xz archive", _UNPACK),
    (0, b"\x28\xb5\x2f\xfd", "a zstd archive", _UNPACK),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", _UNPACK),
    (0, b"Rar!", "a RAR archive", _UNPACK),
    (257, b"ustar", "a tar archive", _UNPACK),
    (0, b"%PDF", "a PDF document", _EXPORT),
    (0, b"GIF8", "a GIF picture", _CONVERT),
    (0, b"BM", "a BMP picture", _CONVERT),
    (8, b"WEBP", "a WebP picture", _CONVERT),
    (4, b"ftypheic", "a HEIC picture", _CONVERT),
    (4, b"ftypheix", "a HEIC picture", _CONVERT),
    (4, b"ftypmif1", "a HEIC picture", _CONVERT),
    (4, b"ftypavif", "an AVIF picture", _CONVERT),
    (4, b"ftyp", "a video", _EXPORT),
    (0, b"\x00\x00\x00\x0cjP  ", "a bare JPEG 2000 picture", _CONVERT),
    (0, b"\xff\x4f\xff\x51", "a bare JPEG 2000 picture", _CONVERT),
    (0, b"\xff\x0a", "a JPEG XL picture", _CONVERT),
    (0, b"\x00\x00\x00\x0cJXL ", "a JPEG XL picture", _CONVERT),
    (344, b"n+1\x00", "a NIfTI volume", _EXPORT),
    (0, b"NRRD", "an NRRD volume", _EXPORT),
    (0, b"\x89HDF", "an HDF5 file", _EXPORT),
    (0, b"\x93NUMPY", "a NumPy array", _EXPORT),
    (0, b"MZ", "a program", _EXPORT),
    (0, b"\x7fELF", "a program", _EXPORT),
)

_VR = re.compile(rb"A[ESTU]|C[S]|D[AST]|F[DL]|I[S]|L[OT]|O[BDFLVW]|P[N]|S[HLQSTV]|T[M]|U[CILNRSTV]")


def sniff(data: bytes) -> Kind:
    """The kind of file that ``data`` is. Raises FormatError, naming what it is, where it is not read here."""
    if not data:
        raise FormatError("The file is empty; export the film again and bring it as DICOM, PNG, JPEG or TIFF.")
    if data[128:132] == b"DICM":
        return Kind.DICOM
    for magic, kind in _READ:
        if data.startswith(magic):
            return kind
    if _bare_data_set(data):
        return Kind.DICOM
    for offset, magic, name, advice in _REFUSED:
        if data[offset : offset + len(magic)] == magic:
            raise FormatError(f"The file is {name}, which is not read here; {advice}.")
    raise FormatError(f"The file is {_text(data)}; {_EXPORT}.")


def _bare_data_set(data: bytes) -> bool:
    """Whether the bytes look like a DICOM data set without preamble (PS3.10 7.1 asks for one, old files lack it)."""
    if len(data) < 16 or data[:2] not in (b"\x02\x00", b"\x08\x00"):
        return False
    if _VR.fullmatch(data[4:6]):
        return True
    length = int.from_bytes(data[4:8], "little")
    return length % 2 == 0 and length <= 1024 and data[8 + length : 10 + length] in (b"\x02\x00", b"\x08\x00")


def _text(data: bytes) -> str:
    start = data[:1024].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if b"<svg" in start:
        return "an SVG drawing, which is not read here"
    if start.startswith((b"<!doctype html", b"<html")) or b"<html" in start:
        return "an HTML page, which is not read here"
    if start.startswith(b"<?xml"):
        return "an XML document, which is not read here"
    if all(byte >= 32 or byte in b"\t\r\n\f" for byte in start):
        return "text, which is not read here"
    return "of no kind that is known here"
