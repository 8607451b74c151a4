"""One table of formats: what is added to it is sniffed, decoded, found in sources and named in help."""

from pathlib import Path

import numpy as np
import pytest

from chexview.errors import FormatError
from chexview.films import archives, formats
from chexview.films.decoder import answer
from chexview.films.formats import FilmFormat
from chexview.films.radiograph import Radiograph
from chexview.films.samples import Samples, to_radiograph
from chexview.films.sniff import sniff
from tests.films.builders import ramp

HEAD = b"P5 64 64 255\n"


def read_pgm(data: bytes, digest: str) -> Radiograph:
    """A reader of raw portable grey maps of one size."""
    return to_radiograph(Samples(np.frombuffer(data, np.uint8, 4096, len(HEAD)).reshape(64, 64), "read", 8), digest, [])


def test_a_format_is_added_in_one_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    data = HEAD + ramp(8).astype(np.uint8).tobytes()
    (tmp_path / "film.pgm").write_bytes(data)
    with pytest.raises(FormatError):
        sniff(data)
    assert archives.members(tmp_path) == []
    pgm = FilmFormat("PGM", (".pgm",), ((0, b"P5"),), f"{__name__}:read_pgm")
    monkeypatch.setattr(formats, "FORMATS", (*formats.FORMATS, pgm))
    assert sniff(data) is pgm
    head, buffers = answer(data, "d")
    assert head["shape"] == (64, 64) and len(buffers) == 1
    assert archives.members(tmp_path) == ["film.pgm"]
    assert archives.stem("film.pgm") == "film"
    assert formats.listed() == "DICOM, PNG, JPEG, TIFF or PGM"
    with pytest.raises(FormatError, match="TIFF or PGM"):
        sniff(b"some text that is nothing")


def test_every_format_names_a_reader_that_there_is() -> None:
    for each in formats.FORMATS:
        module, function = each.reader.split(":")
        assert callable(getattr(__import__(module, fromlist=[function]), function))
        assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in each.suffixes)
