"""The Read page, as it stands after each thing a reader does."""

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pydicom
import pytest
import torch
from pydicom.uid import CTImageStorage
from streamlit.testing.v1 import AppTest

from chexview.films.reading import read
from chexview.model import checkpoint
from chexview.model.predictor import Predictor
from chexview.model.reading import Reading
from chexview.pages import lightbox, wording
from chexview.settings import BUNDLED
from tests.pages.test_main import MAIN, bodies

pytestmark = pytest.mark.usefixtures("environment")

FILMS = BUNDLED / "films"
PNG, OTHER, DICOM = FILMS / "00021782_018.png", FILMS / "00013125_000.png", FILMS / "00013911_000.dcm"
COLOUR = Path(__file__).parents[1] / "data" / "films" / "files" / "b30_colour.jpg"


@pytest.fixture
def environment(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHEXVIEW_HOME", str(home))
    monkeypatch.setenv("CHEXVIEW_CHECKPOINT", "random")
    monkeypatch.setenv("CHEXVIEW_DEVICE", "cpu")


@pytest.fixture(scope="module")
def predictor(home: Path) -> Predictor:
    return Predictor(checkpoint.load(home / "checkpoints" / "random"), torch.device("cpu"))


def uploaded(*files: tuple[str, bytes]) -> AppTest:
    """The page after an upload."""
    app = AppTest.from_file(MAIN, default_timeout=120).run()
    assert not app.exception
    for name, data in files:
        app.file_uploader[0].upload(name, data, "application/octet-stream")
    app.run()
    assert not app.exception
    return app


def drawn(app: AppTest, name: str) -> dict[str, Any]:
    """The data handed to one of our components."""
    for element in app.get("bidi_component"):
        told: dict[str, Any] = json.loads(element.proto.json)
        if element.proto.component_name.endswith(f"chexview_{name}") and told.get("chosen", "") is not None:
            return told
    raise AssertionError(f"the page has no {name}")


def examples(app: AppTest) -> list[dict[str, Any]]:
    """The example films that are offered."""
    told = [json.loads(element.proto.json) for element in app.get("bidi_component")]
    (found,) = (data["items"] for data in told if "items" in data and data["chosen"] is None)
    return list(found)


def reading_of(predictor: Predictor, path: Path, policy: str | None = None) -> Reading:
    return predictor.read([read(path.read_bytes())], policy)[0]


def test_the_page_shows_the_predictors_numbers(predictor: Predictor) -> None:
    app = uploaded((PNG.name, PNG.read_bytes()))
    reading = reading_of(predictor, PNG)
    rows = drawn(app, "findings")["rows"]
    assert [row["name"] for row in rows] == [score.name for score in wording.ordered(reading)]
    for row in rows:
        score = reading.score(row["name"])
        assert row["chance"] == wording.chance(score)
        assert row["flagged"] == score.flagged
        assert row["over"] == wording.signed(score.margin)
    flagged = sum(score.flagged for score in reading.findings)
    assert 0 < flagged < len(reading.findings)
    assert drawn(app, "chooser")["items"][0]["status"] == f"{flagged} flagged"
    first = wording.ordered(reading)[0]
    assert wording.written_sum(first).base in bodies(app)


def test_the_sum_of_the_chosen_finding_is_written_out(predictor: Predictor) -> None:
    app = uploaded((PNG.name, PNG.read_bytes()))
    app.session_state["finding"] = "Mass"
    app.run()
    reading = reading_of(predictor, PNG)
    score = reading.score("Mass")
    written = wording.written_sum(score)
    assert f"base {written.base} + contributions {written.contributions} = log-odds {written.log_odds}" in bodies(app)
    assert "A round opacity of more than 3 cm." in bodies(app)
    assert drawn(app, "findings")["chosen"] == "Mass"
    assert drawn(app, "film")["label"] == "Heatmap of Mass"
    for value in reading.contributions[reading.index("Mass")].ravel():
        assert f">{wording.signed(float(value))}</td>" in bodies(app)


def test_the_address_may_carry_a_finding() -> None:
    app = AppTest.from_file(MAIN, default_timeout=120)
    app.query_params["finding"] = "Hernia"
    app.run()
    app.file_uploader[0].upload(PNG.name, PNG.read_bytes(), "image/png")
    app.run()
    assert drawn(app, "findings")["chosen"] == "Hernia"
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
    assert drawn(app, "findings")["rows"]
    next(button for button in app.button if button.label == "Dismiss").click().run()
    assert "class='refused'" not in bodies(app)


def test_only_bad_files_leave_the_page_as_it_was() -> None:
    app = uploaded(("text.png", b"this is text and no film"))
    assert "class='refused'" in bodies(app)
    assert len(app.file_uploader) == 1


def test_films_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    real = lightbox.read

    def counted(data: bytes, name: str = "") -> Any:
        calls.append(name)
        return real(data, name)

    monkeypatch.setattr(lightbox, "read", counted)
    app = uploaded((PNG.name, PNG.read_bytes()), (OTHER.name, OTHER.read_bytes()))
    app.run()
    app.session_state["finding"] = "Mass"
    app.run()
    assert calls == [PNG.name, OTHER.name]
    assert not app.file_uploader[0].value
    assert len(drawn(app, "chooser")["items"]) == 2


def test_another_policy_flags_by_its_own_thresholds(predictor: Predictor) -> None:
    app = uploaded((PNG.name, PNG.read_bytes()))
    app.selectbox(key="policy").select("youden").run()
    reading = reading_of(predictor, PNG, "youden")
    assert {row["name"] for row in drawn(app, "findings")["rows"] if row["flagged"]} == {
        score.name for score in reading.findings if score.flagged
    }


def test_a_withheld_film_is_shown_without_its_score_until_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    sound = lightbox.read(PNG.read_bytes())
    monkeypatch.setattr(lightbox, "read", lambda data, name: replace(sound, withheld="This is a <lateral> film."))
    app = uploaded((PNG.name, PNG.read_bytes()))
    assert "This is a &lt;lateral&gt; film." in bodies(app)
    assert drawn(app, "film")["overlay"] is None
    assert not [e for e in app.get("bidi_component") if e.proto.component_name.endswith("findings")]
    next(button for button in app.button if button.label == "Show the score anyway").click().run()
    assert drawn(app, "findings")["rows"]
    assert "This is a &lt;lateral&gt; film." in bodies(app)


def test_what_was_done_to_the_film_and_its_header_are_told() -> None:
    app = uploaded((DICOM.name, DICOM.read_bytes()))
    film, text = read(DICOM.read_bytes()), bodies(app)
    for step in film.steps:
        assert step.section in text
    assert film.digest in text
    assert "detector plane" in text
    assert "1 cell = " in drawn(app, "film")["note"]


def test_identity_is_hidden_until_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    sound = lightbox.read(PNG.read_bytes())
    named = replace(sound, identity=replace(sound.identity, patient_name="DOE^JANE"))
    monkeypatch.setattr(lightbox, "read", lambda data, name: named)
    app = uploaded((PNG.name, PNG.read_bytes()))
    assert "DOE^JANE" not in bodies(app)
    app.toggle[0].set_value(True).run()
    assert "DOE^JANE" in bodies(app)


def test_examples_are_offered_and_opened() -> None:
    app = AppTest.from_file(MAIN, default_timeout=120).run()
    index = json.loads((FILMS / "index.json").read_text())
    assert [item["id"] for item in examples(app)] == [told["file"] for told in index]
    app.session_state["lightbox"].bring([lightbox.Waiting(PNG.name, PNG.read_bytes(), "NIH's labels: none.")])
    app.run()
    assert "NIH&#x27;s labels: none." in bodies(app)


def test_removed_films_are_gone() -> None:
    app = uploaded((PNG.name, PNG.read_bytes()), (OTHER.name, OTHER.read_bytes()))
    next(button for button in app.button if button.label == "Remove film").click().run()
    assert [item["title"] for item in drawn(app, "chooser")["items"]] == [OTHER.name]
    next(button for button in app.button if button.label == "Remove all").click().run()
    assert len(app.session_state["lightbox"].entries) == 0
    assert not app.exception
