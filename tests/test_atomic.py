"""Files that are there whole or not at all, and what a killed process leaves of them."""

from pathlib import Path

import pytest

from chexview.atomic import remove_unfinished, write_atomically


def test_a_file_is_replaced_whole_and_nothing_else_is_left(tmp_path: Path) -> None:
    place = tmp_path / "a.json"
    write_atomically(place, b"one")
    write_atomically(place, b"two")
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"] and place.read_bytes() == b"two"
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError):
        write_atomically(tmp_path / "folder", b"three")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "folder"]


def test_only_what_was_being_written_is_removed(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    kept = ["a.sr.dcm", ".a.sr.dcm", ".b.dcm.backup12x", ".a.txt.ab12cd34", ".config", "c.sr.dcm.ab12cd34"]
    for name in (*kept, ".a.sr.dcm.ab12cd34", ".b.pdf.x_1y2z3w"):
        (tmp_path / "below" / name).write_bytes(b"")
    remove_unfinished(tmp_path, (".dcm", ".pdf"))
    assert sorted(path.name for path in (tmp_path / "below").iterdir()) == sorted(kept)
