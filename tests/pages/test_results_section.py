"""Verdicts and files on *Read*: what a reader decides is kept and counted, and results leave as they were asked for."""

import csv
import io
import json
import re
import zipfile
from hashlib import sha256
from pathlib import Path

import pydicom
import pytest
from streamlit.testing.v1 import AppTest

from chexview.exports.bundle import Purpose
from chexview.model.predictor import Predictor
from chexview.settings import BUNDLED
from chexview.text import reading as reading_text
from chexview.web.media_store import STORE, MediaItem
from chexview.worklist.verdicts import Decision, VerdictFile
from tests.pages.shown import bodies, reading_of, section, uploaded

pytestmark = pytest.mark.usefixtures("environment")

FILMS = BUNDLED / "films"
PNG, DICOM = FILMS / "00021782_018.png", FILMS / "00013911_000.dcm"


@pytest.fixture(autouse=True)
def _no_verdicts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A file of verdicts of the test's own."""
    from chexview.pages import results_section

    monkeypatch.setattr(results_section, "verdict_file", lambda: VerdictFile(tmp_path / "verdicts"))
    monkeypatch.setenv("CHEXVIEW_AUDIT", str(tmp_path / "audit.jsonl"))


def button(app: AppTest, label: str, part: str = "") -> None:
    """Presses a button by its label, and a part of its key."""
    next(each for each in app.button if each.label == label and part in (each.key or "")).click().run()


def saved(app: AppTest, name: str) -> bytes:
    """What lies behind a link that saves a file."""
    (address,) = re.findall(rf"href='([^']+)' download='{name}'", bodies(app))
    token = address.rsplit("/", 1)[1]
    item = STORE._items[token][1]
    return item.data if isinstance(item, MediaItem) else item.make()


def films_of(app: AppTest, name: str) -> tuple[str, ...]:
    """The films that the audit log gets when a link is followed."""
    (address,) = re.findall(rf"href='([^']+)' download='{name}'", bodies(app))
    return STORE._items[address.rsplit("/", 1)[1]][1].films


def test_a_verdict_is_kept_counted_and_shown_and_the_reading_stays(predictor: Predictor, tmp_path: Path) -> None:
    app = section(uploaded((DICOM.name, DICOM.read_bytes())), "results")
    reading = reading_of(predictor, DICOM)
    ranked = reading_text.ordered(reading)
    first, last = ranked[0], ranked[-1]
    assert first.flagged and not last.flagged
    next(each for each in app.text_input if each.key == "verdict-reader").set_value("Reader 2").run()
    button(app, "Reject", first.name)
    next(each for each in app.selectbox if "missed" in each.key).set_value(last.name).run()
    button(app, "Add")
    one, other = VerdictFile(tmp_path / "verdicts").read()
    assert (one.finding, one.decision, one.reader) == (first.name, Decision.REJECTED, "Reader 2")
    assert (other.finding, other.decision) == (last.name, Decision.CORRECTED)
    assert {one.film, other.film} == {reading.film_digest} and one.weights == predictor.card.weights
    said = bodies(app).replace("&nbsp;", " ")
    assert "rejected: the reader does not see it by Reader 2" in said
    assert said.count("overruled on 1 of 1 (100 %)") == 2
    rows = csv.DictReader(io.StringIO(saved(app, "chexview-readings.csv").decode("utf-8-sig")))
    assert [row[f"{first.name} verdict"] for row in rows] == ["rejected"]
    noted = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    assert [(line["action"], line["film"]) for line in noted] == [
        (action, reading.film_digest) for action in ("shown", "judged", "judged")
    ]
    assert "Reader 2" not in (tmp_path / "audit.jsonl").read_text()
    button(app, "Accept", first.name)
    assert "overruled on 0 of 1" in bodies(app).replace("&nbsp;", " ")
    assert len(VerdictFile(tmp_path / "verdicts").read()) == 3


def test_files_of_a_dicom_film_for_the_record_and_for_sharing() -> None:
    app = section(uploaded((DICOM.name, DICOM.read_bytes())), "results")
    next(each for each in app.pills if "result-forms" in each.key).set_value(["sr", "gsps"]).run()
    button(app, "Make the files")
    with zipfile.ZipFile(io.BytesIO(saved(app, "chexview-results.zip"))) as archive:
        assert sorted(archive.namelist()) == ["README.txt", "film.gsps.dcm", "film.sr.dcm"]
        report = pydicom.dcmread(io.BytesIO(archive.read("film.sr.dcm")))
    assert str(report.PatientName) == "Example^ChestX-ray14"
    assert films_of(app, "chexview-results.zip") == (sha256(DICOM.read_bytes()).hexdigest(),)
    next(each for each in app.radio if each.key == "result-purpose").set_value(Purpose.SHARING).run()
    assert "Pixels were not looked at" in bodies(app)
    button(app, "Make the files")
    with zipfile.ZipFile(io.BytesIO(saved(app, "chexview-for-sharing.zip"))) as archive:
        films = [
            pydicom.dcmread(io.BytesIO(archive.read(name))) for name in archive.namelist() if name.endswith(".dcm")
        ]
    assert len(films) == 3 and all(str(film.PatientName).startswith("SHARED^") for film in films)


def test_a_picture_without_a_study_is_offered_no_dicom_and_told_why() -> None:
    app = section(uploaded((PNG.name, PNG.read_bytes())), "results")
    assert "is not a DICOM object of a study" in bodies(app)
    offered = next(each for each in app.pills if "result-forms" in each.key).options
    assert len(offered) == 2 and not any("SR" in each for each in offered)
    next(each for each in app.pills if "result-forms" in each.key).set_value(["pdf"]).run()
    button(app, "Make the files")
    with zipfile.ZipFile(io.BytesIO(saved(app, "chexview-results.zip"))) as archive:
        assert archive.read("film.pdf").startswith(b"%PDF")


def test_all_films_as_one_pdf() -> None:
    app = section(uploaded((DICOM.name, DICOM.read_bytes()), (PNG.name, PNG.read_bytes())), "results")
    button(app, "Make a PDF of all 2 films")
    assert saved(app, "chexview-films.pdf").count(b"/Type /Page ") == 3
    both = {sha256(path.read_bytes()).hexdigest() for path in (DICOM, PNG)}
    assert set(films_of(app, "chexview-films.pdf")) == set(films_of(app, "chexview-readings.csv")) == both
