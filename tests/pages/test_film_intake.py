"""How films come onto Read: each uploaded file is taken once, however often the browser tells of it."""

from types import SimpleNamespace

import pytest
import streamlit as st

from chexview.pages import film_intake
from chexview.pages.state.session import FilmsState
from chexview.worklist.input_files import InputFile


def test_a_batch_that_is_told_of_twice_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    films, brought = FilmsState(), []
    uploads = [SimpleNamespace(file_id=f"id-{k}", name=f"{k}.png", getvalue=lambda: b"bytes") for k in range(13)]
    state = {"upload-0": uploads[:5]}
    monkeypatch.setattr(st, "session_state", state)
    monkeypatch.setattr(film_intake, "session", lambda: SimpleNamespace(films=films))
    monkeypatch.setattr(film_intake, "bring", lambda files: brought.extend(files))
    film_intake.take_upload("upload-0")
    state["upload-0"] = uploads  # the browser tells again, of all, under the old key
    film_intake.take_upload("upload-0")
    film_intake.take_upload("upload-0")
    assert [file.name for file in brought] == [f"{k}.png" for k in range(13)]
    assert all(isinstance(file, InputFile) for file in brought)
