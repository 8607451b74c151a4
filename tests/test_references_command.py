"""The command of reference standards: what ships is listed, and a table becomes one more."""

from pathlib import Path

import pytest

from chexview.cli import main


def test_a_table_is_imported_and_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CHEXVIEW_HOME", str(tmp_path / "home"))
    (tmp_path / "mine.csv").write_text("image,reader,finding,answer\na.png,x,Edema,yes\nb.png,x,Edema,no\n")
    assert main(["references", "import", str(tmp_path / "mine.csv"), "--title", "My readers"]) == 0
    assert "2 films, 2 answers; it judges Edema." in capsys.readouterr().out
    assert main(["references", "list"]) == 0
    said = capsys.readouterr().out
    assert "mine  My readers, 2 films: Edema" in said
    assert "four-findings  Three radiologists, adjudicated, 4,376 films: Pneumothorax, nodule_mass, opacity" in said


@pytest.mark.parametrize(("name", "code"), [("../x", 2), ("nowhere.csv", 2), ("bad.csv", 1)])
def test_what_cannot_be_imported(name: str, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad.csv").write_text("image,reader,finding,answer\na.png,x,Edema,perhaps\n")
    file = "bad.csv" if name == "../x" else name
    assert (
        main(
            ["references", "import", str(tmp_path / file), "--out", str(tmp_path), "--name", name.removesuffix(".csv")]
        )
        == code
    )
    assert capsys.readouterr().err.strip().endswith(".")
