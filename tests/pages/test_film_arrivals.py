"""The film that is uploaded to an empty page: what the browser is told of it, and that it is taken once."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
import streamlit as st
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec
from streamlit.testing.v1 import AppTest

from chexview.pages import film_intake
from chexview.pages.film_arrivals import early_scene
from chexview.pages.film_serving import FilmServing
from chexview.pages.state.session import FilmsState
from chexview.settings import BUNDLED
from chexview.viewer.pixel_coding import PixelCoding, plain
from chexview.web.arrivals import ARRIVALS
from chexview.web.media_store import PATH, MediaItem, MediaStore
from chexview.web.session_media import SessionMedia
from chexview.worklist.queue import Worklist
from tests.pages.shown import MAIN, drawn, uploaded

PNG = BUNDLED / "films" / "00021782_018.png"


@pytest.mark.usefixtures("environment")
def test_the_browser_is_told_early_what_the_page_draws_later_and_no_score(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHEXVIEW_AUDIT", str(tmp_path / "audit.jsonl"))
    app = uploaded((PNG.name, PNG.read_bytes()))
    (later,) = drawn(app, "viewer")["panes"]
    work = app.session_state["chexview"].films.lease.work
    films, store, gone = FilmsState(), MediaStore(), list[str]()
    serving = FilmServing(SessionMedia(store, "anna"), PixelCoding.PLAIN, films.boxes)
    before = (tmp_path / "audit.jsonl").read_text().splitlines()
    scenes = [early_scene(films, work, serving, {}, True, lambda: gone.append("out")) for _ in range(2)]
    assert scenes[0] == scenes[1]
    scene = json.loads(scenes[0] or b"")
    (early,) = scene["panes"]
    assert later["heat"]["findings"]
    assert early["heat"] is None
    assert "probability" not in json.dumps(scene)
    own = {"pixels", "heat", "coding"}
    assert {key: early[key] for key in early.keys() - own} == {key: later[key] for key in later.keys() - own}
    item = store.get(early["pixels"].removeprefix(f"{PATH.removeprefix('/')}/"), "anna")
    entry = work.open()
    assert entry is not None
    assert isinstance(item, MediaItem)
    assert item.data == plain(entry.film.pixels)
    assert item.served is not None
    item.served()
    assert gone == ["out"]
    lines = (tmp_path / "audit.jsonl").read_text().splitlines()[len(before) :]
    assert [json.loads(line)["film"] for line in lines] == [entry.digest]


def test_without_a_film_the_browser_is_told_nothing() -> None:
    serving = FilmServing(SessionMedia(MediaStore(), "anna"), PixelCoding.PLAIN, {})
    assert early_scene(FilmsState(), Worklist(), serving, {}, True, lambda: None) is None


def test_a_file_that_was_taken_early_is_not_taken_again_and_its_bytes_are_let_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    films, brought, released = FilmsState(), list[str](), list[str]()
    work = SimpleNamespace(bring=lambda files: brought.extend(file.name for file in files))
    files = [UploadedFile(UploadedFileRec(f"id-{k}", f"{k}.dcm", "", b"x"), FileURLs()) for k in range(2)]
    state: dict[str, object] = {"upload-0": files[:1]}
    monkeypatch.setattr(st, "session_state", state)
    monkeypatch.setattr(film_intake, "session", lambda: SimpleNamespace(films=films))
    monkeypatch.setattr(film_intake, "bring", work.bring)
    monkeypatch.setattr(film_intake, "release", lambda gone: released.extend(file.name for file in gone))
    film_intake.take_early(films, work, "id-0", "0.dcm", b"x")  # type: ignore[arg-type]
    film_intake.take_early(films, work, "id-0", "0.dcm", b"x")  # type: ignore[arg-type]
    assert (brought, released, films.uploads) == (["0.dcm"], [], 0)
    film_intake.take_upload("upload-0")
    assert (brought, released, films.uploads) == (["0.dcm"], ["0.dcm"], 1)
    state["upload-0"] = files  # the browser tells again, of one more
    film_intake.take_upload("upload-0")
    assert brought == ["0.dcm", "1.dcm"]
    film_intake.take_early(films, work, "id-1", "1.dcm", b"x")  # type: ignore[arg-type]
    assert brought == ["0.dcm", "1.dcm"]


@pytest.mark.usefixtures("environment")
def test_only_the_empty_page_waits_for_a_film(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chexview.pages.film_arrivals.browser", lambda: "anna")
    app = AppTest.from_file(MAIN, default_timeout=300).run()
    assert not app.exception
    arrival = app.session_state["chexview"].films.arrival
    token = arrival.token
    assert ARRIVALS.find(token, "anna") is arrival
    assert any(token in element.proto.json for element in app.get("bidi_component"))
    app.run()
    assert app.session_state["chexview"].films.arrival is arrival
    app.switch_page("runs.py").run()
    assert not app.exception
    assert ARRIVALS.find(token, "anna") is None
