"""What the application wrote below its home goes; what it did not, stays."""

import errno
from pathlib import Path

import pytest

from chexview import erasing
from chexview.errors import SettingsError


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
