"""The PACS page: there only where a PACS is configured, and what a reader does on it."""

import pytest
from streamlit.testing.v1 import AppTest

from chexview.pages import catalogue
from chexview.pages.predictors import predictor
from chexview.settings import PacsSettings
from chexview.worklist.reader import reader_of
from tests.pacs.fake_server import PASSWORD, USER, FakePacs
from tests.pacs.making import PATIENT, film, written
from tests.pages.planting import SHORT, seen, sown
from tests.pages.shown import bodies, page_at

PAGE = "pacs_films.py"


@pytest.fixture
def pacs(served_pacs: tuple[FakePacs, PacsSettings], home: object, monkeypatch: pytest.MonkeyPatch) -> FakePacs:
    for name, value in {
        "HOME": str(home),
        "CHECKPOINT": "random",
        "DEVICE": "cpu",
        "PACS_URL": served_pacs[1].address,
        "PACS_USER": USER,
        "PACS_PASSWORD": PASSWORD,
        "PACS_SECONDS": "60",
    }.items():
        monkeypatch.setenv(f"CHEXVIEW_{name}", value)
    served_pacs[0].reset()
    return served_pacs[0]


def opened() -> AppTest:
    return page_at(PAGE)


def searched(patient: str = PATIENT) -> AppTest:
    app = opened()
    app.text_input(key="pacs-patient").set_value(patient)
    app.button(key="FormSubmitter:pacs-search-Search").click()
    app.run()
    assert not app.exception
    return app


def test_the_page_is_there_only_where_a_pacs_is_configured(pacs: FakePacs, monkeypatch: pytest.MonkeyPatch) -> None:
    assert PAGE in [entry.file for entry in catalogue.pages()]
    monkeypatch.setenv("CHEXVIEW_PACS_URL", "nonsense")
    assert PAGE in [entry.file for entry in catalogue.pages()]
    assert "must be an address" in bodies(opened())
    monkeypatch.delenv("CHEXVIEW_PACS_URL")
    assert PAGE not in [entry.file for entry in catalogue.pages()]
    assert pacs.requests == []


def test_a_study_and_its_priors_are_fetched_and_read(pacs: FakePacs) -> None:
    for day in ("20240102", "20230607", "20220101"):
        pacs.add(written(film(rows=128, day=day, view="LL" if day == "20220101" else "PA")))
    app = searched()
    assert "3 studies" in bodies(app)
    assert next(iter(app.selectbox(key="pacs-study").options)) == "2024-01-02 · Doe, Jane · CXV-0042 · DX · 1 instance"
    app.button(key="pacs-fetch").click().run()
    assert not app.exception
    assert "2 films are being read, of the study and 1 earlier one" in bodies(app)
    work = app.session_state["chexview"].films.lease.work
    assert work.wait(60)
    rows = work.snapshot()
    assert [row.name for row in rows] == ["film 1 from the PACS.dcm", "earlier film 1 from the PACS.dcm"]
    assert all(row.facts is not None and row.facts.identity.patient_id == PATIENT for row in rows)
    origins = app.session_state["chexview"].pacs.origins
    assert {row.digest for row in rows} == set(origins)


def test_half_a_study_opens_nothing(pacs: FakePacs) -> None:
    pacs.add(written(film(rows=128)))
    app = searched()
    pacs.trouble = "half"
    app.button(key="pacs-fetch").click().run()
    assert not app.exception
    assert "no half study" in bodies(app)
    assert app.session_state["chexview"].films.lease is None
    assert app.session_state["chexview"].pacs.origins == {}


def test_what_goes_wrong_is_one_sentence(pacs: FakePacs, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Type a patient ID or a date" in bodies(searched(""))
    assert "No study" in bodies(searched("nobody"))
    monkeypatch.setenv("CHEXVIEW_PACS_PASSWORD", "wrong")
    app = searched()
    assert "user and password" in bodies(app)
    assert "selectbox" not in [item.type for item in app.main]


def test_a_hostile_list_is_text(pacs: FakePacs) -> None:
    dataset = film(rows=64)
    dataset.PatientName = SHORT[:60]
    pacs.add(written(dataset))
    app = searched()
    assert "planted" in seen(app)
    assert sown(app) == []


def fetched(pacs: FakePacs) -> AppTest:
    """The page after a film was fetched and read."""
    pacs.add(written(film(rows=256)))
    app = searched()
    app.toggle(key="pacs-priors").set_value(False)
    app.button(key="pacs-fetch").click().run()
    work = app.session_state["chexview"].films.lease.work
    work.use(reader_of(predictor()))
    assert work.wait(60)
    app.run()
    assert not app.exception
    return app


def test_results_are_sent_on_a_click_and_only_once(pacs: FakePacs) -> None:
    app = fetched(pacs)
    assert [ask for ask in pacs.requests if ask.startswith("POST")] == []
    app.button(key="pacs-send").click().run()
    assert not app.exception
    assert "stored in the film" in bodies(app)
    source, *results = [dataset for dataset, _ in pacs.held]
    assert {dataset.Modality for dataset in results} >= {"SR", "PR"}
    assert {dataset.StudyInstanceUID for dataset in results} == {source.StudyInstanceUID}
    assert {dataset.PatientID for dataset in results} == {PATIENT}
    assert app.button(key="pacs-send").disabled
    assert len([ask for ask in pacs.requests if ask.startswith("POST")]) == 1


def test_a_refused_store_is_said_and_may_be_tried_again(pacs: FakePacs) -> None:
    app = fetched(pacs)
    pacs.trouble = "refuses"
    app.button(key="pacs-send").click().run()
    assert "status 409" in bodies(app)
    assert not app.button(key="pacs-send").disabled and len(pacs.held) == 1
