"""For sharing: what PNG, JPEG and TIFF files carry beside their picture stays behind, as do their names."""

import hashlib
import io
import struct
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, TiffImagePlugin

from chexview.errors import FilmError
from chexview.exports.batch_export import BatchExport, ExportPlan
from chexview.exports.bundle import Purpose, bundle, zipped
from chexview.exports.film_result import FilmResult
from chexview.exports.registry import FILM_EXPORTS, export_named
from chexview.exports.sharing import SharingKey
from chexview.films.pictures import read_picture
from chexview.films.radiograph import Radiograph
from chexview.worklist.batch_reading import FileOutcome, FilmFile
from tests.exports.marks import marks_in
from tests.exports.results import CARD, reading

EXIF = b"MM\0*\0\0\0\x08\0\x01\x01\x0e\0\x02\0\0\0\x0b\0\0\0\x1a\0\0\0\0quartzexif\0"
XMP = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>quartzxmp</x:xmpmeta>"
GREY = np.linspace(0, 255, 96 * 96).reshape(96, 96).astype(np.uint8)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png() -> bytes:
    """Text plain, packed and international, EXIF, a time, a name of a profile and of a palette, a private chunk."""
    out = io.BytesIO()
    Image.fromarray(GREY).save(out, "PNG")
    data = out.getvalue()
    planted = (
        chunk(b"tEXt", b"Author\0quartztext")
        + chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"quartzpacked" * 4))
        + chunk(b"iTXt", b"Title\0\1\0en\0quartztranslated\0" + zlib.compress(b"quartzinternational"))
        + chunk(b"eXIf", EXIF)
        + chunk(b"prVt", b"quartzchunk")
    )
    return data[:33] + planted + data[33:]


def jpeg() -> bytes:
    """EXIF, XMP, a comment, and Photoshop's block."""
    out = io.BytesIO()
    Image.fromarray(GREY).save(out, "JPEG", quality=95, exif=b"Exif\0\0" + EXIF, comment=b"quartztext")
    data = out.getvalue()
    blocks = b""
    for marker, body in ((0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP), (0xED, b"Photoshop 3.0\0quartzchunk")):
        blocks += bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body
    return data[:2] + blocks + data[2:]


def tiff() -> bytes:
    """Description, artist, computer, date, XMP, a private tag."""
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[270], tags[315], tags[316], tags[305] = "quartztext", "quartzauthor", "quartzcomputer", "quartzsoftware"
    tags[700], tags.tagtype[700] = XMP, 7
    tags[65001], tags.tagtype[65001] = b"quartzchunk", 7
    out = io.BytesIO()
    Image.fromarray(GREY).save(out, "TIFF", tiffinfo=tags)
    return out.getvalue()


PLANTED = {
    "png": (
        png,
        {"quartztext", "quartzpacked", "quartztranslated", "quartzinternational", "quartzexif", "quartzchunk"},
    ),
    "jpg": (jpeg, {"quartztext", "quartzexif", "quartzxmp", "quartzchunk"}),
    "tif": (tiff, {"quartztext", "quartzauthor", "quartzcomputer", "quartzsoftware", "quartzxmp", "quartzchunk"}),
}


def film_of(data: bytes) -> Radiograph:
    return read_picture(data, hashlib.sha256(data).hexdigest())


@pytest.mark.parametrize("kind", PLANTED)
def test_no_mark_of_a_picture_file_is_left_for_sharing(kind: str, tmp_path: Path) -> None:
    make, marks = PLANTED[kind]
    data = make()
    assert marks_in(data, tuple(marks)) == marks
    source = tmp_path / "quartzfolder-19631107" / f"quartzfile.{kind}"
    source.parent.mkdir()
    source.write_bytes(data)
    film = film_of(data)
    words = (*marks, "quartz", "19631107", film.digest)
    paper = tuple(form for form in FILM_EXPORTS if not form.is_dicom)
    plan = ExportPlan(export_named("csv"), paper, Purpose.SHARING, CARD, "specificity_90", False)
    export = BatchExport(tmp_path / "out", plan)
    export.write(FileOutcome(FilmFile(source, str(source)), film=film, reading=reading(digest=film.digest)))
    export.finish()
    left = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert {path.suffix for path in left} == {".csv", ".txt", ".pdf", ".png"} and len(left) >= 3 + len(paper)
    for path in left:
        assert marks_in(path.read_bytes(), words) == set(), path.name
        assert marks_in(str(path.relative_to(tmp_path)).encode(), words) == set()


@pytest.mark.parametrize("kind", PLANTED)
def test_what_stands_after_the_picture_or_in_its_name_stays_behind(kind: str) -> None:
    make, _ = PLANTED[kind]
    try:
        film = film_of(make() + b"quartzafterwards")
    except FilmError:
        return  # such a file is refused, and nothing is made of it
    given = replace(FilmResult(film, CARD, reading(digest=film.digest)), name="quartzname.png")
    made = bundle(given, FILM_EXPORTS, "quartzfile", SharingKey())
    assert made.files and marks_in(zipped(made.files), ("quartz",)) == set()
