"""The Reader study page: nothing is revealed before the first answer is on the disk; then everything is, and it goes on."""

import json
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from chexview import settings
from chexview.evaluation.references import load_reference
from chexview.films.library import Library
from chexview.studies.storage import list_studies, open_study
from tests.pages.shown import bodies, page_at


@pytest.fixture
def studies(home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    (tmp_path / "checkpoints").symlink_to(home / "checkpoints")
    monkeypatch.setenv("CHEXVIEW_HOME", str(tmp_path))
    monkeypatch.setenv("CHEXVIEW_CHECKPOINT", "random")
    monkeypatch.setenv("CHEXVIEW_DEVICE", "cpu")
    return tmp_path / "studies"


def opened(**address: str) -> AppTest:
    return page_at("reader_study.py", **address)


def press(app: AppTest, label: str) -> AppTest:
    (button,) = (item for item in app.button if item.label == label)
    assert not button.disabled
    app = button.click().run()
    assert not app.exception
    return app


def sent(app: AppTest) -> str:
    """All HTML and every component's data that the page sends; the components' own code is not among it."""
    return "\n".join([bodies(app), *(element.proto.json for element in app.get("bidi_component"))])


def begun() -> AppTest:
    app = opened()
    assert not app.exception
    app.text_input(key="study-reader").set_value("Ada").run()
    return press(app, "Begin the tour")


def test_the_tour_has_films_that_radiologists_adjudicated(studies: Path) -> None:
    begun()
    (listing,) = list_studies(studies)
    films = np.array([film.id for film in open_study(listing.folder).design.films], dtype=object)
    adjudicated = load_reference(settings.BUNDLED / "references" / "four-findings").labels("nodule_mass", films)
    assert sorted(adjudicated.tolist()) == [0] * 5 + [1] * 5
    small = Library((), (settings.BUNDLED / "films" / "test-films.zip",))
    assert all(film in small for film in films)


def test_a_film_is_revealed_only_after_its_first_answer_is_stored(studies: Path) -> None:
    app = begun()
    (listing,) = list_studies(studies)
    study = open_study(listing.folder)
    app = press(app, "Store the answer")
    assert study.entries("Ada").alone == {} and "Answer first: nodule or mass." in bodies(app)
    assert '"contributions"' not in sent(app)
    app = press(app, "Probably present")
    sent_data = sent(app)
    assert "study-film-1" in sent_data
    assert '"contributions"' not in sent_data and " %" not in sent_data
    assert study.entries("Ada").alone == {}
    app = press(app, "Store the answer")
    entries = study.entries("Ada")
    first = study.design.order("Ada")[0].id
    assert list(entries.alone) == [first] == list(entries.advice)
    assert set(entries.alone[first].confidence.values()) == {4}
    assert set(entries.advice[first].scores) == {"nodule_mass"}
    sent_data = sent(app)
    assert '"contributions"' in sent_data and " %" in sent_data
    app = press(app, "Definitely absent")
    app = press(app, "Next film")
    assert study.entries("Ada").last(first).confidence == {"nodule_mass": 1}
    assert study.entries("Ada").alone[first].confidence == {"nodule_mass": 4}
    assert '"contributions"' not in sent(app)


def test_a_reader_goes_on_where_the_server_was_killed_and_sees_the_result(studies: Path) -> None:
    begun()
    (listing,) = list_studies(studies)
    study = open_study(listing.folder)
    films = study.design.order("Ada")
    for number, film in enumerate(films):
        app = opened(study=study.name, reader="Ada")
        assert not app.exception
        app = press(app, "Definitely present" if number % 2 else "Definitely absent")
        app = press(app, "Store the answer")
        assert list(study.entries("Ada").alone) == [item.id for item in films[: number + 1]]
        assert film.id in study.entries("Ada").advice
    app = opened(study=study.name, reader="Ada")
    assert not app.exception
    assert f"{len(films)} films" in bodies(app)
    assert any("Results" in item.label for item in app.expander)


def test_an_answer_stored_before_a_crash_is_revealed_when_the_reader_comes_back(studies: Path) -> None:
    app = press(begun(), "Definitely present")
    press(app, "Store the answer")
    (listing,) = list_studies(studies)
    (path,) = open_study(listing.folder).answer_files()
    lines = path.read_bytes().splitlines(keepends=True)
    assert [next(iter(json.loads(line))) for line in lines] == ["answer", "advice"]
    path.write_bytes(lines[0])
    app = opened(study=listing.folder.name, reader="Ada")
    assert any(item.label == "Next film" for item in app.button)
    assert len(path.read_bytes().splitlines()) == 2


def test_a_study_that_is_not_here_is_one_sentence(studies: Path) -> None:
    for name in ("none", "../runs", ".."):
        app = opened(study=name, reader="Ada")
        assert not app.exception
        assert "class='caution'" in bodies(app)
