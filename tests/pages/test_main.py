"""The frame of every page."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.shown import MAIN, bodies

NOTICE = "For research and teaching, not for diagnosis."


@pytest.mark.usefixtures("environment")
def test_the_notice_is_said_once() -> None:
    app = AppTest.from_file(MAIN, default_timeout=300).run()
    assert not app.exception
    assert bodies(app).count(NOTICE) == 1


def test_a_missing_checkpoint_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHEXVIEW_HOME", str(tmp_path))
    monkeypatch.setenv("CHEXVIEW_CHECKPOINT", "none-of-this-name")
    app = AppTest.from_file(MAIN, default_timeout=300).run()
    assert not app.exception
    assert "which CHEXVIEW_CHECKPOINT names" in bodies(app)


def test_a_wrong_setting_is_one_sentence(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHEXVIEW_DEVICE", "abacus")
    app = AppTest.from_file(MAIN, default_timeout=300).run()
    assert not app.exception
    assert "CHEXVIEW_DEVICE must be cpu or cuda" in bodies(app)
