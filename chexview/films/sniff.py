"""What kind of file the bytes are, by their first bytes and never by a name."""

from chexview.errors import FormatError
from chexview.films import formats
from chexview.films.formats import FilmFormat

_CONVERT = "save it as PNG or TIFF, or bring the DICOM file"
_UNPACK = "unpack it and bring the film itself"
_EXPORT = ""
"""The advice is to export the film itself in a format that is read."""

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
    (4, b"ftypavis", "an AVIF picture", _CONVERT),
    (4, b"ftyphevc", "a HEIC picture", _CONVERT),
    (4, b"ftypmsf1", "a HEIC picture", _CONVERT),
    (4, b"ftyp", "a video", _EXPORT),
    (8, b"AVI ", "a video", _EXPORT),
    (0, b"\x1aE\xdf\xa3", "a video", _EXPORT),
    (0, b"\x00\x00\x00\x0cjP  ", "a bare JPEG 2000 picture", _CONVERT),
    (0, b"\xff\x4f\xff\x51", "a bare JPEG 2000 picture", _CONVERT),
    (0, b"\xff\x0a", "a JPEG XL picture", _CONVERT),
    (0, b"\x00\x00\x00\x0cJXL ", "a JPEG XL picture", _CONVERT),
    *(
        (0, b"P%d%s" % (kind, end), "a PNM picture (PBM, PGM, PPM)", _CONVERT)
        for kind in range(1, 8)
        for end in (b"\n", b" ", b"\r")
    ),
    (0, b"Pf\n", "a PFM picture", _CONVERT),
    (0, b"8BPS", "a Photoshop document", _CONVERT),
    (0, b"\x76\x2f\x31\x01", "an OpenEXR picture", _CONVERT),
    (0, b"II\xbc", "a JPEG XR picture", _CONVERT),
    (0, b"DDS ", "a DDS picture", _CONVERT),
    (0, b"\x00\x00\x01\x00", "an icon", _EXPORT),
    (0, b"\x8bJNG", "a JNG picture", _CONVERT),
    (0, b"\x8aMNG", "an animation (MNG)", _EXPORT),
    (0, b"%!PS", "a PostScript document", _EXPORT),
    (0, b"SIMPLE  =", "a FITS picture", _CONVERT),
    (0, b"ObjectType = Image", "a MetaImage header", _EXPORT),
    (344, b"n+1\x00", "a NIfTI volume", _EXPORT),
    (344, b"ni1\x00", "a NIfTI header", _EXPORT),
    (4, b"n+2\x00", "a NIfTI volume", _EXPORT),
    (0, b"NRRD", "an NRRD volume", _EXPORT),
    (0, b"\x89HDF", "an HDF5 file", _EXPORT),
    (0, b"\x93NUMPY", "a NumPy array", _EXPORT),
    (0, b"PAR1", "a parquet table", _EXPORT),
    (0, b"SQLite format 3", "an SQLite database", _EXPORT),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document", _EXPORT),
    (0, b"version https://git-lfs", "a Git LFS pointer, not the film itself", "fetch the film with git lfs pull"),
    (0, b"MZ", "a program", _EXPORT),
    (0, b"\x7fELF", "a program", _EXPORT),
)


def sniff(data: bytes) -> FilmFormat:
    """The format that ``data`` is in. Raises FormatError, naming what it is, if it is not read here."""
    if not data:
        raise FormatError(f"The file is empty; export the film again and bring it as {formats.listed()}.")
    for each in formats.FORMATS:
        if each.begins(data):
            return each
    for each in formats.FORMATS:
        if each.recognise is not None and each.recognise(data):
            return each
    export = f"export the film itself as {formats.listed()}"
    for offset, magic, name, advice in _REFUSED:
        if data[offset : offset + len(magic)] == magic:
            raise FormatError(f"The file is {name}, which is not read here; {advice or export}.")
    raise FormatError(f"The file is {_text(data)}; {export}.")


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
