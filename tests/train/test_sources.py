"""Pictures in folders, zips and tars: the same bytes from each, and DICOM files by what they hold, not by their names."""

import shutil
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

import chexview
from chexview.errors import DataError
from chexview.films import archives, sources
from train import cache, index

DICOM = next(Path(chexview.__file__).parent.glob("bundled/films/*.dcm"))


@pytest.fixture(scope="module")
def three(nih: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same films as a folder, a zip, a tar and a compressed tar whose order is not that of names."""
    root = tmp_path_factory.mktemp("sources")
    names = sorted(path.name for path in (nih / "images").iterdir())
    (root / "folder" / "images").mkdir(parents=True)
    for name in names:
        shutil.copy(nih / "images" / name, root / "folder" / "images" / name)
    with zipfile.ZipFile(root / "films.zip", "w") as archive:
        for name in names:
            archive.write(nih / "images" / name, f"images/{name}")
    for kind, mode in (("films.tar", "w"), ("films.tar.gz", "w:gz")):
        with tarfile.open(root / kind, mode) as archive:
            for name in names[::-1]:
                archive.add(nih / "images" / name, f"images/{name}")
    return {kind: root / kind for kind in ("folder", "films.zip", "films.tar", "films.tar.gz")}


@pytest.mark.parametrize("kind", ["films.zip", "films.tar", "films.tar.gz"])
def test_every_archive_gives_the_folders_films(kind: str, three: dict[str, Path], nih: Path, tmp_path: Path) -> None:
    made = {}
    for which in ("folder", kind):
        table, _, _ = index.build([three[which], nih / "more.zip"], nih / "labels", share=0.3)
        (tmp_path / which).mkdir()
        made[which] = table["image"].tolist(), cache.build(table, tmp_path / which, 32, workers=1).films
    assert made[kind][0] == made["folder"][0] and len(made[kind][0]) > 70
    np.testing.assert_array_equal(made[kind][1], made["folder"][1])


def test_a_compressed_tar_is_read_in_one_go(three: dict[str, Path]) -> None:
    found, _ = sources.find_pictures([three["films.tar.gz"]])
    assert found["stem"].tolist() == sorted(found["stem"], reverse=True) and found["place"].tolist() == list(
        range(len(found))
    )
    assert archives.sequential(three["films.tar.gz"]) and not archives.sequential(three["films.tar"])
    members = found["member"].tolist()
    assert all(archives.stream(str(three["films.tar.gz"]), members))
    back = list(archives.stream(str(three["films.tar.gz"]), [members[5], members[2], "nowhere.png", members[6]]))
    assert [data is None for data in back] == [False, False, True, False]


def test_dicom_files_are_known_by_their_preamble(tmp_path: Path, nih: Path) -> None:
    (tmp_path / "series").mkdir()
    for name in ("00000000_000.dcm", "1.2.840.113", "00000000_001"):
        shutil.copy(DICOM, tmp_path / "series" / name)
    for name in ("notes", "README.9", ".hidden.png", "table.csv"):
        (tmp_path / "series" / name).write_text("not a film")
    found, _ = sources.find_pictures([tmp_path / "series"])
    assert set(found["stem"]) == {"00000000_000", "1.2.840.113", "00000000_001"}
    table, _, report = index.build([tmp_path / "series", nih / "more.zip"], nih / "labels", share=0.5)
    assert {"00000000_000.png", "00000000_001.png"} <= set(table["image"]) and "1.2.840.113" in report.without_label
    films = cache.build(table, tmp_path, 64, workers=1).films
    seen = films[table["image"].tolist().index("00000000_001.png")]
    np.testing.assert_array_equal(seen, cache.see(DICOM.read_bytes(), 64))
    assert seen.std() > 10


def test_a_damaged_or_foreign_source_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "cut.tar.gz").write_bytes(b"\x1f\x8b\x08\x00" + b"\x00" * 30)
    (tmp_path / "text.zip").write_text("no zip")
    for name in ("cut.tar.gz", "text.zip", "nowhere"):
        with pytest.raises(DataError, match=name):
            sources.find_pictures([tmp_path / name])
    assert list(archives.stream(str(tmp_path / "cut.tar.gz"), ["a", "b"])) == [None, None]
