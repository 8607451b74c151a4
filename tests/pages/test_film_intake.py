"""How films come onto Read: each uploaded file is taken once, however often the browser tells of it."""

from types import SimpleNamespace

import pytest
import streamlit as st
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.runtime.uploaded_file_manager import DeletedFile, UploadedFile, UploadedFileRec

from chexview.pages import film_intake
from chexview.pages.state.session import FilmsState
from chexview.worklist.input_files import InputFile


def uploaded(name: str) -> UploadedFile:
    """A file as Streamlit holds it."""
    return UploadedFile(UploadedFileRec(f"id-{name}", name, "image/png", b"bytes"), FileURLs())


def test_a_batch_that_is_told_of_twice_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    films, brought = FilmsState(), []
    uploads = [uploaded(f"{k}.png") for k in range(13)]
    state: dict[str, object] = {"upload-0": uploads[:5]}
    monkeypatch.setattr(st, "session_state", state)
    monkeypatch.setattr(film_intake, "session", lambda: SimpleNamespace(films=films))
    monkeypatch.setattr(film_intake, "bring", lambda files: brought.extend(files))
    film_intake.take_upload("upload-0")
    state["upload-0"] = uploads  # the browser tells again, of all, under the old key
    film_intake.take_upload("upload-0")
    film_intake.take_upload("upload-0")
    assert [file.name for file in brought] == [f"{k}.png" for k in range(13)]
    assert all(isinstance(file, InputFile) for file in brought)


def test_an_upload_that_changes_twice_quickly_leaves_out_what_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    films, brought = FilmsState(), []
    state = {"upload-0": [DeletedFile("id-a.png"), uploaded("b.png")]}
    monkeypatch.setattr(st, "session_state", state)
    monkeypatch.setattr(film_intake, "session", lambda: SimpleNamespace(films=films))
    monkeypatch.setattr(film_intake, "bring", lambda files: brought.extend(files))
    film_intake.take_upload("upload-0")
    assert [file.name for file in brought] == ["b.png"]
    assert films.taken == {"id-b.png"}
