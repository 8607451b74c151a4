"""The Read page, as it stands after each thing a reader does."""

import base64
import io
import json
import threading
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pydicom
import pytest
from pydicom.uid import CTImageStorage
from streamlit.testing.v1 import AppTest

from chexview import settings
from chexview.evaluation.operating import Policy
from chexview.evaluation.run_schema import FilmList, RunCheckpoint, RunMetadata, made_now
from chexview.evaluation.run_writing import write_run
from chexview.evaluation.similarity import embed
from chexview.films.read import read
from chexview.findings import NAMES
from chexview.model.predictor import Predictor
from chexview.model.reading import Reading
from chexview.settings import BUNDLED
from chexview.text import numbers
from chexview.text import reading as reading_text
from chexview.worklist import queue
from chexview.worklist.input_files import InputFile
from chexview.worklist.sorting import Filter, SortOrder
from chexview.worklist.turns import Turns
from tests.pages.shown import MAIN, bodies, drawn, reading_of, section, settled, uploaded

pytestmark = pytest.mark.usefixtures("environment")

FILMS = BUNDLED / "films"
PNG, OTHER, DICOM = FILMS / "00021782_018.png", FILMS / "00013125_000.png", FILMS / "00013911_000.dcm"
COLOUR = Path(__file__).parents[1] / "data" / "films" / "files" / "b30_colour.jpg"


def examples(app: AppTest) -> list[dict[str, Any]]:
    """The example films that are offered."""
    parts = [json.loads(element.proto.json) for element in app.get("bidi_component")]
    (found,) = (data["items"] for data in parts if "items" in data and data["chosen"] is None)
    return list(found)


def test_the_page_shows_the_predictors_numbers(predictor: Predictor) -> None:
    app = uploaded((PNG.name, PNG.read_bytes()))
    reading = reading_of(predictor, PNG)
    rows = drawn(app, "findings")["films"][0]["rows"]
    assert [row["name"] for row in rows] == [score.name for score in reading_text.ordered(reading)]
    for row in rows:
        score = reading.score(row["name"])
        assert row["chance"] == reading_text.chance(score)
        assert row["flagged"] == score.flagged
        assert row["over"] == numbers.signed(score.margin)
    flagged = sum(score.flagged for score in reading.findings)
    assert 0 < flagged < len(reading.findings)
    assert drawn(app, "chooser")["items"][0]["status"] == f"{flagged} flagged"
    assert drawn(app, "findings")["chosen"] == reading_text.ordered(reading)[0].name


def test_every_finding_comes_with_its_sum_and_its_map(predictor: Predictor) -> None:
    app = uploaded((PNG.name, PNG.read_bytes()))
    reading = reading_of(predictor, PNG)
    (pane,) = drawn(app, "viewer")["panes"]
    maps = {each["name"]: each for each in pane["heat"]["findings"]}
    rows = {each["name"]: each for each in drawn(app, "findings")["films"][0]["rows"]}
    assert drawn(app, "findings")["films"][0]["film"] == pane["id"]
    assert set(rows) == set(maps) == {score.name for score in reading.findings}
    for score in reading.findings:
        total = reading_text.written_sum(score)
        row = rows[score.name]
        assert f"{row['sum']} {row['outcome']}" == total.text
        shares = reading.contributions(score.name)
        shown = np.frombuffer(base64.b64decode(maps[score.name]["contributions"]), "<f4")
        np.testing.assert_allclose(shown, shares.ravel(), atol=1e-6)
        assert row["contributions"] == maps[score.name]["contributions"]
        assert row["maps"] == maps[score.name]["maps"]
        assert score.base + float(shown.sum(dtype=np.float64)) == pytest.approx(score.log_odds, abs=1e-3)
        assert (maps[score.name]["score"], maps[score.name]["total"]) == (row["chance"], total.log_odds)
    assert rows["Mass"]["meaning"] == "A round opacity of more than 3 cm."


def test_the_address_may_carry_a_finding() -> None:
    app = AppTest.from_file(MAIN, default_timeout=300)
    app.query_params["finding"] = "Hernia"
    app.run()
    app.file_uploader[0].upload(PNG.name, PNG.read_bytes(), "image/png")
    app.run()
    settled(app)
    assert drawn(app, "findings")["chosen"] == drawn(app, "viewer")["chosen"] == "Hernia"
    assert PNG.name not in json.dumps(dict(app.query_params))


def computed_tomography() -> bytes:
    """The example's data set under the SOP class of CT slices."""
    dataset = pydicom.dcmread(DICOM)
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = CTImageStorage
    dataset.Modality = "CT"
    out = io.BytesIO()
    dataset.save_as(out)
    return out.getvalue()


def test_bad_files_get_a_sentence_and_the_others_a_reading() -> None:
    app = uploaded(
        ("text.png", b"this is text and no film"),
        ("<b>empty</b>.dcm", b""),
        ("photo.jpg", COLOUR.read_bytes()),
        ("cut.dcm", DICOM.read_bytes()[:200_000]),
        ("slice.dcm", computed_tomography()),
        (PNG.name, PNG.read_bytes()),
    )
    text = bodies(app)
    assert text.count("class='refused'") == 5
    for name in ("text.png", "&lt;b&gt;empty&lt;/b&gt;.dcm", "photo.jpg", "cut.dcm", "slice.dcm"):
        assert f"<b>{name}</b>" in text
    assert [item["title"] for item in drawn(app, "chooser")["items"]] == [PNG.name]
    assert drawn(app, "findings")["films"][0]["rows"]
    next(button for button in app.button if button.label == "Dismiss").click().run()
    assert "class='refused'" not in bodies(app)


def test_only_bad_files_leave_the_page_as_it_was() -> None:
    app = uploaded(("text.png", b"this is text and no film"))
    assert "class='refused'" in bodies(app)
    assert len(app.file_uploader) == 1


def test_films_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def counted(data: bytes, name: str = "") -> Any:
        calls.append(name)
        return read(data, name)

    monkeypatch.setattr("chexview.worklist.queue.read", counted)
    app = uploaded((PNG.name, PNG.read_bytes()), (OTHER.name, OTHER.read_bytes()))
    settled(app)
    assert calls == [PNG.name, OTHER.name]
    assert not app.file_uploader[0].value
    assert len(drawn(app, "chooser")["items"]) == 2


def test_another_policy_flags_by_its_own_thresholds(predictor: Predictor) -> None:
    app = uploaded((PNG.name, PNG.read_bytes()))
    app.selectbox(key="policy").set_value(Policy.YOUDEN).run()
    reading = reading_of(predictor, PNG, "youden")
    assert {row["name"] for row in drawn(app, "findings")["films"][0]["rows"] if row["flagged"]} == {
        score.name for score in reading.findings if score.flagged
    }


def test_a_withheld_film_is_shown_without_its_score_until_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    sound = read(PNG.read_bytes())
    withheld = replace(sound, withheld="This is a <lateral> film.")
    monkeypatch.setattr("chexview.worklist.queue.read", lambda data, name="": withheld)
    app = uploaded((PNG.name, PNG.read_bytes()))
    assert "This is a &lt;lateral&gt; film." in bodies(app) and "The score then stands with this caution" in bodies(app)
    assert drawn(app, "viewer")["panes"][0]["heat"] is None
    assert not [e for e in app.get("bidi_component") if e.proto.component_name.endswith("findings")]
    next(button for button in app.button if button.label == "Show the score anyway").click().run()
    settled(app)
    assert drawn(app, "findings")["films"][0]["rows"]
    assert "This is a &lt;lateral&gt; film." in bodies(app)


def test_films_of_one_patient_may_stand_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    def named(data: bytes, name: str = "") -> Any:
        film = read(data)
        return replace(film, identity=replace(film.identity, patient_id="SAME"))

    monkeypatch.setattr("chexview.worklist.queue.read", named)
    app = uploaded((PNG.name, PNG.read_bytes()), (OTHER.name, OTHER.read_bytes()))
    menu = next(box for box in app.selectbox if str(box.key).startswith("beside-"))
    assert menu.options[1] == f"Beside it: {OTHER.name} (same patient by the header)"
    rows = app.session_state["chexview"].films.lease.work.snapshot()
    menu.set_value(rows[1].id).run()
    found = drawn(app, "viewer")
    assert [pane["title"] for pane in found["panes"]] == [PNG.name, OTHER.name]
    assert found["layout"] == "pair"
    assert [(film["film"], film["title"]) for film in drawn(app, "findings")["films"]] == [
        (row.id, row.name) for row in rows
    ]
    assert "SAME" not in json.dumps(found)


def test_examples_are_offered_and_opened() -> None:
    app = AppTest.from_file(MAIN, default_timeout=300).run()
    index = json.loads((FILMS / "index.json").read_text())
    assert [item["id"] for item in examples(app)] == [each["file"] for each in index]
    app.session_state["chexview"].films.lease.work.bring([InputFile(PNG.name, PNG.read_bytes(), "NIH's labels: none.")])
    settled(app)
    assert "NIH&#x27;s labels: none." in bodies(app)


def test_many_films_are_sorted_and_filtered(predictor: Predictor) -> None:
    paths = [PNG, OTHER, DICOM, FILMS / "00012376_010.png", FILMS / "00017611_002.png"]
    app = uploaded(*((path.name, path.read_bytes()) for path in paths))
    readings = {path.name: reading_of(predictor, path) for path in paths}
    flags = {name: sum(score.flagged for score in reading.findings) for name, reading in readings.items()}
    farthest = {name: max(score.margin for score in reading.findings) for name, reading in readings.items()}
    shown = [item["title"] for item in drawn(app, "chooser")["items"]]
    assert shown == sorted(flags, key=lambda name: (-flags[name], -farthest[name]))
    app.selectbox(key="list-order").set_value(SortOrder.NAME).run()
    assert [item["title"] for item in drawn(app, "chooser")["items"]] == sorted(flags)
    app.selectbox(key="list-filter").set_value(Filter.FLAGGED).run()
    app.selectbox(key="list-finding").set_value("Hernia").run()
    flagged = sorted(name for name, reading in readings.items() if reading.score("Hernia").flagged)
    assert [item["title"] for item in drawn(app, "chooser")["items"]] == flagged
    assert "Films in memory: " in bodies(app)


def test_removed_films_are_gone() -> None:
    app = uploaded((PNG.name, PNG.read_bytes()), (OTHER.name, OTHER.read_bytes()))
    next(button for button in app.button if button.label == "Remove film").click().run()
    app.run()
    assert [item["title"] for item in drawn(app, "chooser")["items"]] == [OTHER.name]
    next(button for button in app.button if button.label == "Remove all").click().run()
    assert app.session_state["chexview"].films.lease.work.snapshot() == ()
    assert not app.exception


def test_the_film_is_shown_before_its_score(monkeypatch: pytest.MonkeyPatch) -> None:
    scored = threading.Event()
    read_films_now = Predictor.read

    def slow(self: Predictor, *films: Any) -> list[Reading]:
        assert scored.wait(60)
        return read_films_now(self, *films)

    monkeypatch.setattr(Predictor, "read", slow)
    monkeypatch.setattr("chexview.pages.film_list.SCORE_SECONDS", 0.0)
    monkeypatch.setattr("chexview.pages.film_list.ALONE_SECONDS", 0.0)
    app = AppTest.from_file(MAIN, default_timeout=300).run()
    app.file_uploader[0].upload(PNG.name, PNG.read_bytes(), "image/png")
    app.run()
    assert not app.exception
    assert drawn(app, "viewer")["panes"] and "Reading the findings" in bodies(app)
    with pytest.raises(AssertionError, match="no findings"):
        drawn(app, "findings")
    scored.set()
    settled(app)
    assert drawn(app, "findings")["films"][0]["rows"] and "Reading the findings" not in bodies(app)


def test_a_reload_keeps_the_films(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chexview.pages.film_intake.browser", lambda: "this browser")
    app = uploaded((PNG.name, PNG.read_bytes()))
    lease = app.session_state["chexview"].films.lease
    lease.notes["boxes"]["digest"] = ()
    lease.release()
    reloaded = AppTest.from_file(MAIN, default_timeout=300).run()
    assert not reloaded.exception
    films = reloaded.session_state["chexview"].films
    assert films.lease is lease and not lease.is_left and films.boxes == {"digest": ()}
    assert drawn(reloaded, "findings")["films"][0]["rows"]
    other = AppTest.from_file(MAIN, default_timeout=300).run()
    assert other.session_state["chexview"].films.lease is not lease


def test_similar_films_are_offered_where_a_run_knows_them(
    predictor: Predictor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings.Settings, "runs", property(lambda _: (tmp_path / "runs",)))
    app = uploaded((PNG.name, PNG.read_bytes()))
    offered = next(group for group in app.segmented_control if group.key == "film-section").options
    assert "Similar films" not in offered
    films = 30
    generator = np.random.default_rng(2)
    table = pd.DataFrame(
        {
            "image": [f"film{k}.png" for k in range(films)],
            "patient": [f"p{k}" for k in range(films)],
            "sex": "",
            "age": np.int16(-1),
            "view": "PA",
            "split": "validation",
            "list__all": True,
        }
        | {f"label__{name}": (np.arange(films) % 3 == 0).astype(np.int8) for name in NAMES}
        | {f"logit__{name}": generator.normal(size=films).astype(np.float32) for name in NAMES}
    )
    meta = RunMetadata(
        title="Seen",
        checkpoint=RunCheckpoint("random", predictor.card.weights),
        data_set="Noise",
        attribution="nobody",
        split_hash="ef" * 32,
        lists=(FilmList("all", "All films", "All."),),
        made=made_now(),
    )
    features = generator.normal(size=(films, 1024))
    write_run(tmp_path / "runs" / "seen", meta, table, embedding=embed(features, np.arange(films)))
    app = section(app.run(), "similar")
    words = bodies(app)
    near = app.dataframe[0].value["Image"].str.removeprefix("film").str.removesuffix(".png").astype(int)
    assert f"Of the 20 most similar validation films {int((near % 3 == 0).sum())} had " in words
    assert "Their pictures do not ship" in words


def test_films_that_gave_way_are_named_as_gone_and_none_is_shown() -> None:
    app = uploaded((PNG.name, PNG.read_bytes()))
    films = app.session_state["chexview"].films
    shown = films.lease.work.shown
    films.results[(shown, "kind")] = "kept"
    films.lease.work.give_way()
    app.run()
    assert not app.exception
    sentence = escape(reading_text.GAVE_WAY)
    assert sentence in bodies(app)
    with pytest.raises(AssertionError, match="no viewer"):
        drawn(app, "viewer")
    assert films.results == {}
    next(button for button in app.button if button.label == "Dismiss").click().run()
    assert sentence not in bodies(app)


def test_a_page_waits_for_its_first_film_as_long_as_others_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    turns = Turns(1, expires=60)
    monkeypatch.setattr(queue, "TURNS", turns)
    app = AppTest.from_file(MAIN, default_timeout=300).run()
    app.file_uploader[0].upload(PNG.name, PNG.read_bytes(), "image/png")
    waits = threading.Thread(target=app.run)
    with turns.take():
        waits.start()
        while not turns.waiting:
            waits.join(0.01)
        waits.join(1.0)
        assert waits.is_alive()
    waits.join(120)
    assert not app.exception
    assert drawn(app, "viewer")["panes"] and drawn(app, "findings")["films"][0]["rows"]
