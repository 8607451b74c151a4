"""What is taken in and what is not: archives meant well and archives meant ill."""

import io
import random
import struct
import zipfile
from pathlib import Path

import pytest

from chexview.errors import DamagedError, FilmError, FormatError, LimitError
from chexview.films import limits
from chexview.films.read import read
from chexview.worklist import input_files
from chexview.worklist.input_files import (
    Container,
    FilmSource,
    InputFile,
    RejectedFile,
    limit_waiting,
    list_files,
)
from tests.worklist.making import archive


def sources(data: bytes) -> list[FilmSource]:
    found = list(list_files(InputFile("study.zip", data, "a remark")))
    assert all(isinstance(item, FilmSource) for item in found)
    return [item for item in found if isinstance(item, FilmSource)]


def refusal(data: bytes) -> str:
    (found,) = list_files(InputFile("study.zip", data))
    assert isinstance(found, RejectedFile)
    assert found.name == "study.zip"
    return found.sentence


def error(source: FilmSource) -> FilmError:
    with pytest.raises(FilmError) as caught:
        source.load()
    assert caught.value.__cause__ is None
    return caught.value


def test_a_film_is_itself_whatever_its_name() -> None:
    (source,) = sources(b"no archive")
    assert (source.name, source.load(), source.remark) == ("study.zip", b"no archive", "a remark")
    assert source.held is not None
    assert source.held.size == 10


def test_members_in_their_order_without_what_systems_leave_behind() -> None:
    members = {
        "b.png": b"1",
        "__MACOSX/b.png": b"x",
        "__MACOSX/._b.png": b"x",
        ".DS_Store": b"x",
        "DICOMDIR": b"x",
        "study/DICOMDIR": b"x",
        "study/.git/a.png": b"x",
        "study/": b"",
        "study/a.dcm": b"2",
    }
    found = sources(archive(members))
    assert [(source.name, source.load()) for source in found] == [("b.png", b"1"), ("study/a.dcm", b"2")]
    assert len({source.held for source in found}) == 1
    assert all(source.remark == "a remark" for source in found)


def test_a_dicom_file_with_an_archives_preamble_is_a_film() -> None:
    data = b"PK\x03\x04".ljust(128, b"\0") + b"DICM and more"
    (source,) = sources(data)
    assert source.load() == data


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "etc/passwd"),
        ("/root/film.png", "root/film.png"),
        ("..\\..\\film.png", "film.png"),
        ("C:\\films\\film.png", "films/film.png"),
        ("a/./b//film.png", "a/b/film.png"),
        ("gnp.\u202emlif.png", "gnp.\ufffdmlif.png"),
        ("a\nb\x1b[31m.png", "a\ufffdb\ufffd[31m.png"),
        ("x" * 300 + ".png", "…" + "x" * 195 + ".png"),
    ],
)
def test_names_are_only_shown_and_lead_nowhere(
    name: str, shown: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (source,) = sources(archive({name: b"data"}))
    assert source.name == shown
    assert source.load() == b"data"
    assert not list(tmp_path.rglob("*"))
    (film,) = list_files(InputFile(name, b"data"))
    assert film.name == shown


def test_a_member_that_unpacks_to_far_too_much_is_refused_alone() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("bomb.dcm", bytes(2**20))
        made.writestr("film.dcm", b"film")
        made.writestr("large.dcm", bytes(range(256)) * 4096, zipfile.ZIP_STORED)
    bomb, film, _ = sources(out.getvalue())
    assert "far more than a film" in str(error(bomb))
    assert film.load() == b"film"


def test_an_archive_that_unpacks_to_far_too_much_is_refused() -> None:
    assert "far more than films" in refusal(archive({"bomb.dcm": bytes(20 * 2**20)}))


def test_a_member_larger_than_any_film_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    (source,) = sources(archive({"film.dcm": b"x" * 100}, zipfile.ZIP_STORED))
    monkeypatch.setattr(limits, "FILE_BYTES", 99)
    assert isinstance(error(source), LimitError)


def test_a_member_that_lies_about_its_size_is_damaged() -> None:
    data = archive({"film.dcm": b"0123456789" * 50}, zipfile.ZIP_STORED)
    lying = data.replace(struct.pack("<I", 500), struct.pack("<I", 400))
    (source,) = sources(lying)
    assert isinstance(error(source), DamagedError)


def test_overlapping_members_are_refused_by_their_sum() -> None:
    """After Fifield's "A better zip bomb" (2019): many directory entries for the same compressed bytes."""
    kernel = archive({"a.dcm": random.Random(1).randbytes(2000) + bytes(100_000)})
    start = kernel.index(b"PK\x01\x02")
    end = kernel.index(b"PK\x05\x06")
    count = 2000
    directory = kernel[start:end] * count
    tail = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, count, count, len(directory), start, 0)
    assert len(sources(kernel)) == 1
    assert "far more than films" in refusal(kernel[:start] + directory + tail)


def test_too_many_members_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(input_files, "FILES", 3)
    assert len(sources(archive({f"{n}.png": b"x" for n in range(3)}))) == 3
    assert "in parts" in refusal(archive({f"{n}.png": b"x" for n in range(4)}))
    monkeypatch.setattr(zipfile, "ZipFile", None)
    many = b"PK\x03\x04" + b"PK\x01\x02" * 7
    assert "in parts" in refusal(many)


def test_damaged_and_empty_archives_are_refused() -> None:
    whole = archive({"film.png": b"x" * 1000}, zipfile.ZIP_STORED)
    assert "damaged" in refusal(whole[:200])
    assert "damaged" in refusal(b"PK\x03\x04")
    assert "no file" in refusal(archive({}))
    assert "no file" in refusal(archive({"__MACOSX/x": b"x"}))
    spoilt = bytearray(whole)
    spoilt[100] ^= 1
    (source,) = sources(bytes(spoilt))
    assert isinstance(error(source), DamagedError)


def test_no_cut_or_flipped_archive_ends_in_anything_but_a_sentence() -> None:
    whole = archive({"a.png": b"abc" * 40, "b/c.dcm": b"x"})
    flipped = [whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :] for at in range(4, len(whole))]
    for data in [*(whole[:length] for length in range(4, len(whole))), *flipped]:
        for item in list_files(InputFile("a.zip", data)):
            if isinstance(item, FilmSource):
                try:
                    item.load()
                except FilmError as caught:
                    assert str(caught).endswith(".")


def test_locked_and_strangely_packed_members_are_refused() -> None:
    locked = bytearray(archive({"film.png": b"x"}))
    locked[6] |= 1
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    (source,) = sources(bytes(locked))
    assert "password" in str(error(source))
    (source,) = sources(archive({"film.png": b"x"}, zipfile.ZIP_LZMA))
    assert isinstance(error(source), FormatError)


def test_an_archive_within_an_archive_is_refused_by_the_films_own_door() -> None:
    (source,) = sources(archive({"inner.zip": archive({"film.png": b"x"})}))
    with pytest.raises(FormatError, match="zip archive"):
        read(source.load(), source.name)


def test_what_does_not_fit_is_refused_once_an_archive() -> None:
    big, small, here = Container("big.zip", 90), Container("small.png", 20), Container("here.png", 5)
    items = [FilmSource("a", bytes, held=big), FilmSource("b", bytes, held=big), FilmSource("c", bytes, held=small)]
    free, no = FilmSource("d", bytes), RejectedFile("e", "No.")
    found = list(limit_waiting([*items, free, no], {here}, 90))
    assert [item.name for item in found] == ["big.zip", "c", "d", "e"]
    assert [item.name for item in limit_waiting(items, {here}, 120)] == ["a", "b", "c"]
    assert [item.name for item in limit_waiting(items, {big}, 100)] == ["a", "b", "small.png"]
