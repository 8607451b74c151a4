"""What the application wrote below its home goes; what it did not, stays."""

import errno
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from chexview import erasing
from chexview.errors import SettingsError
from tests.browser.serving import ROOT


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for name in ("runs/one", "runs/two", "studies/s", "verdicts", "checkpoints/mine"):
        (tmp_path / "home" / name).mkdir(parents=True)
    (tmp_path / "home" / "verdicts" / "verdicts.jsonl").write_text("{}\n")
    return tmp_path / "home"


def test_everything_of_ours_goes_and_checkpoints_stay(home: Path) -> None:
    assert [erasing.count(home, folder) for folder in erasing.KEPT] == [2, 0, 1, 1]
    assert erasing.erase(home) == 4
    assert sorted(path.name for path in home.iterdir()) == ["checkpoints"]
    assert erasing.erase(home) == 0
    assert erasing.erase(home / "none") == 0


def test_what_a_link_leads_to_stays(home: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "run").mkdir(parents=True)
    (home / "references").symlink_to(elsewhere)
    erasing.erase(home)
    assert (elsewhere / "run").is_dir() and not (home / "references").exists()


def test_what_cannot_be_erased_is_said(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(SettingsError, match=r"folder runs .* \(Permission denied\)"):
        erasing.erase(home)
    assert (home / "runs" / "two").is_dir()


KILLED = """
import os, shutil, sys
from pathlib import Path
from chexview import erasing

def killed_in_the_middle(place):
    next(path for path in place.rglob("*") if path.is_file()).unlink()
    os.kill(os.getpid(), 9)

shutil.rmtree = killed_in_the_middle
erasing.erase(Path(sys.argv[1]))
"""


def test_an_erasure_that_was_killed_shows_nothing_and_is_finished(home: Path) -> None:
    for name in ("runs/one", "studies/s"):
        (home / name / "answers.jsonl").write_text("{}")
        (home / name / "design.json").write_text("{}")
    done = subprocess.run([sys.executable, "-c", KILLED, str(home)], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    assert [path.name for path in home.iterdir() if not path.name.startswith(".erased-")] == ["checkpoints"]
    assert [path for path in home.rglob("*.json*")], "the kill came before all was removed"
    (home / ".erased-by-hand").mkdir()
    (home / f".erased-{'0' * 16}").symlink_to(home / "checkpoints")
    erasing.finish_erasing(home)
    left = sorted(path.name for path in home.iterdir())
    assert left == [f".erased-{'0' * 16}", ".erased-by-hand", "checkpoints"]
    assert (home / "checkpoints" / "mine").is_dir()
    erasing.finish_erasing(home / "none")
