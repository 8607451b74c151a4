"""``chexview watch`` with a network."""

import json
import shutil
from pathlib import Path

import pytest

from chexview import cli
from chexview.settings import BUNDLED

FILM = BUNDLED / "films" / "00021782_018.png"


@pytest.fixture(autouse=True)
def environment(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHEXVIEW_HOME", str(home))
    monkeypatch.setenv("CHEXVIEW_CHECKPOINT", "random")
    monkeypatch.setenv("CHEXVIEW_DEVICE", "cpu")


def test_what_is_there_is_read_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    films, out = tmp_path / "in", tmp_path / "out"
    films.mkdir()
    shutil.copy(FILM, films / "film.png")
    (films / "bad.dcm").write_bytes(b"no film")
    command = ["watch", str(films), "--out", str(out), "--once", "--every", "0.1", "--insist"]
    assert cli.main(command) == 0
    said = capsys.readouterr().out.splitlines()
    assert "bad.dcm: refused." in said[0]
    assert "of 14 findings flagged" in said[1] and said[-1] == "2 files read."
    record = json.loads((out / "film.png.chexview.json").read_text())
    assert len(record["findings"]) == 14 and len(record["digest"]) == 64
    assert json.loads((out / "bad.dcm.chexview.json").read_text())["refused"]
    assert cli.main(command) == 0
    assert capsys.readouterr().out.splitlines() == ["0 files read."]


@pytest.mark.parametrize("extra", [["--every", "0"], ["--policy", "none"]])
def test_a_wrong_call_is_one_sentence(tmp_path: Path, extra: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["watch", str(tmp_path), *extra]) == 2
    assert cli.main(["watch", str(tmp_path / "none")]) == 2
    assert "There is no folder" in capsys.readouterr().err
