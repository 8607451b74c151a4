"""The page on what is kept, and Erase all; and the lines that the audit log gets."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from chexview.settings import BUNDLED
from chexview.text import kept_data
from tests.pages.shown import MAIN, bodies, uploaded

FILM = BUNDLED / "films" / "00021782_018.png"


@pytest.fixture
def own(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own, with a run, a study and a verdict in it."""
    for name in ("runs/mine", "studies/one", "verdicts"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "verdicts" / "verdicts.jsonl").write_text("{}\n")
    (tmp_path / "checkpoints").symlink_to(home / "checkpoints")
    for name, value in {"HOME": str(tmp_path), "CHECKPOINT": "random", "DEVICE": "cpu"}.items():
        monkeypatch.setenv(f"CHEXVIEW_{name}", value)
    monkeypatch.setenv("CHEXVIEW_AUDIT", str(tmp_path / "audit.jsonl"))
    return tmp_path


def lines(own: Path) -> list[tuple[str, str, str]]:
    found = [json.loads(line) for line in (own / "audit.jsonl").read_text().splitlines()]
    return [(line["action"], line["who"], line["film"]) for line in found]


def test_the_page_shows_the_table(own: Path) -> None:
    app = AppTest.from_file(MAIN, default_timeout=300)
    app.switch_page("kept_data.py").run()
    assert not app.exception
    assert len(app.table[0].value) == len(kept_data.KEPT_DATA)
    assert "reader studies with their answers: 1;" in bodies(app)
    assert app.button(key="erase").disabled


def test_erase_all_erases_films_and_what_is_on_the_disk(own: Path) -> None:
    app = uploaded((FILM.name, FILM.read_bytes()))
    work = app.session_state["chexview"].films.lease.work
    (row,) = work.snapshot()
    app.switch_page("kept_data.py").run()
    app.text_input(key="erase-confirm").set_value("erase").run()
    assert app.button(key="erase").disabled
    app.text_input(key="erase-confirm").set_value("ERASE").run()
    app.button(key="erase").click().run()
    assert not app.exception
    assert "were erased" in bodies(app)
    assert work.snapshot() == ()
    assert sorted(path.name for path in own.iterdir()) == ["audit.jsonl", "checkpoints"]
    assert lines(own) == [("shown", "", row.digest), ("erased", "", "")]
