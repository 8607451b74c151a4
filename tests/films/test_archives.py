"""Folders, zips and tars: bounded, and of regular files alone."""

import gzip
import io
import os
import tarfile
import threading
import zipfile
from pathlib import Path

import pytest

from chexview.errors import DamagedError, DataError, LimitError
from chexview.films import archives, limits


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit of a thousand bytes a file."""
    monkeypatch.setattr(limits, "FILE_BYTES", 1000)
    monkeypatch.setattr(archives, "FILE_BYTES", 1000)


def quickly(call: object) -> object:
    """What a call gives, or the exception it raises; fails where it does not come back."""
    result: list[object] = []

    def run() -> None:
        try:
            result.append(call())  # type: ignore[operator]
        except Exception as error:
            result.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(10)
    assert not thread.is_alive(), "it waits for ever"
    return result[0]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_pipes_and_devices_are_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "zero.png").symlink_to("/dev/zero")
    (tmp_path / "film.png").write_bytes(b"film")
    assert quickly(lambda: archives.members(tmp_path)) == ["film.png"]
    for name in ("pipe.png", "zero.png"):
        assert isinstance(quickly(lambda name=name: archives.member(str(tmp_path), name)), DamagedError)
        assert isinstance(quickly(lambda name=name: archives.members(tmp_path / name)), DataError)
        assert quickly(lambda name=name: list(archives.stream(str(tmp_path), [name]))) == [None]
        assert quickly(lambda name=name: list(archives.stream(str(tmp_path / name), ["a"]))) == [None]


@pytest.mark.usefixtures("small")
def test_a_member_that_swells_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "films.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.png", bytes(10**6))
        archive.writestr("film.png", b"film")
    with tarfile.open(tmp_path / "films.tar", "w") as tar:
        for name, size in (("bomb.png", 5000), ("film.png", 4)):
            item = tarfile.TarInfo(name)
            item.size = size
            tar.addfile(item, io.BytesIO(b"film" * size))
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "bomb.png").write_bytes(bytes(5000))
    (tmp_path / "folder" / "film.png").write_bytes(b"film")
    for source in ("films.zip", "films.tar", "folder"):
        with pytest.raises(LimitError, match="The file has"):
            archives.member(str(tmp_path / source), "bomb.png")
        assert archives.member(str(tmp_path / source), "film.png")[:4] == b"film"
        found = list(archives.stream(str(tmp_path / source), ["bomb.png", "film.png"]))
        assert found[0] is None and found[1] is not None


@pytest.mark.usefixtures("small")
def test_a_zip_that_lies_about_a_size_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "films.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.png", bytes(10**6))
    path.write_bytes(path.read_bytes().replace((10**6).to_bytes(4, "little"), (10).to_bytes(4, "little")))
    with pytest.raises((LimitError, DamagedError)):
        archives.member(str(path), "bomb.png")


def test_a_gzip_called_tar_is_known_by_its_content(tmp_path: Path) -> None:
    (tmp_path / "films.tar").write_bytes(gzip.compress(bytes(10**6)))
    (tmp_path / "plain.tar").write_bytes(bytes(10240))
    assert archives.sequential(tmp_path / "films.tar")
    assert not archives.sequential(tmp_path / "plain.tar")
    with pytest.raises(DamagedError):
        archives.member(str(tmp_path / "films.tar"), "film.png")


def test_too_many_entries_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "ENTRIES", 3)
    for number in range(5):
        (tmp_path / f"{number}.png").write_bytes(b"film")
    with pytest.raises(DataError, match="more than 3 files"):
        archives.members(tmp_path)


def test_what_a_mac_adds_to_a_zip_is_no_film(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "films.zip", "w") as archive:
        archive.writestr("film.png", b"film")
        archive.writestr("__MACOSX/._film.png", b"nothing")
    assert archives.members(tmp_path / "films.zip") == ["film.png"]


def test_a_damaged_member_is_told(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "films.zip", "w") as archive:
        archive.writestr("film.png", b"film" * 100)
    data = bytearray((tmp_path / "films.zip").read_bytes())
    data[60] ^= 255
    (tmp_path / "films.zip").write_bytes(data)
    with pytest.raises(DamagedError):
        archives.member(str(tmp_path / "films.zip"), "film.png")
    with pytest.raises(DamagedError):
        archives.member(str(tmp_path / "films.zip"), "nowhere.png")


@pytest.mark.parametrize("name", ["../outside.png", "a/../../outside.png", "{outside}", "a\0b.png"])
def test_a_name_that_leads_outside_its_folder_is_not_followed(tmp_path: Path, name: str) -> None:
    (tmp_path / "outside.png").write_bytes(b"not for you")
    (tmp_path / "films" / "a").mkdir(parents=True)
    with pytest.raises(DamagedError):
        archives.member(str(tmp_path / "films"), name.format(outside=tmp_path / "outside.png"))


def test_how_large_a_file_is_that_is_too_large_is_said(tmp_path: Path) -> None:
    with (tmp_path / "film.png").open("wb") as file:
        file.truncate(20 * 2**30)
    with pytest.raises(LimitError, match="has 20480 MB"):
        archives.read_file(tmp_path / "film.png")


def test_a_source_that_no_path_can_name_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="neither a folder nor"):
        archives.members(tmp_path / "a\0b")
