"""What kind of file the bytes are."""

import numpy as np
import pytest

from chexview.errors import FormatError
from chexview.films import formats
from chexview.films.sniff import sniff
from tests.films.builders import (
    picture,
    ramp,
)
from tests.films.expectations import is_sentence

EIGHT = ramp(8).astype(np.uint8)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"PK\x03\x04rest", "zip"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"%PDF-1.7", "PDF"),
        (b"GIF89a", "GIF"),
        (b"BM\0\0", "BMP"),
        (b"RIFF\0\0\0\0WEBP", "WebP"),
        (b"<!DOCTYPE html><html>", "HTML"),
        (b"<?xml version='1.0'?><svg/>", "SVG"),
        (b"\0\0\0\x18ftypheic", "HEIC"),
        (b"P5\n256 256\n255\n", "PNM"),
        (b"P2\n4 4\n255\n", "PNM"),
        (b"8BPS\0\1", "Photoshop"),
        (b"\0\0\0\x18ftyphevc", "HEIC"),
        (b"RIFF\0\0\0\0AVI ", "video"),
        (b"SIMPLE  =     T", "FITS"),
        (b"\x1c\2\0\0n+2\0", "NIfTI"),
        (b"version https://git-lfs.github.com/spec/v1", "git lfs pull"),
        (b"plain text of some length", "text"),
        (b"\x93\x01\x02\x03" * 8, "no kind that is known"),
    ],
)
def test_other_files_are_named(data: bytes, words: str) -> None:
    with pytest.raises(FormatError, match=words) as found:
        sniff(data)
    assert is_sentence(str(found.value))


def test_kinds_are_told_by_content() -> None:
    assert sniff(picture(EIGHT)) is formats.PNG
    assert sniff(picture(EIGHT, "JPEG")) is formats.JPEG
    assert sniff(picture(EIGHT, "TIFF")) is formats.TIFF
    assert sniff(b"MZ".ljust(128, b"\0") + b"DICM") is formats.DICOM
