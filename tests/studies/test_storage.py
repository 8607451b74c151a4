"""Answers survive whatever kills their writer, and nothing is stored out of turn."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from chexview.errors import StudyError
from chexview.geometry import Rectangle
from chexview.studies.answers import Phase, ReaderAnswer, ReaderMark
from chexview.studies.design import Confidence
from chexview.studies.storage import ReaderStudy, create_study, list_studies, open_study
from tests.studies.builders import advice, answer, design

WRITER = """
import sys
from pathlib import Path
from chexview.studies.storage import open_study
from tests.studies.builders import answer
study = open_study(Path(sys.argv[1]))
for film in study.design.order("Ada"):
    study.store(answer(film.id))
    print(film.id, flush=True)
"""


@pytest.fixture
def study(tmp_path: Path) -> ReaderStudy:
    return create_study(tmp_path / "studies", design())


def test_what_is_stored_comes_back_from_the_disk(study: ReaderStudy) -> None:
    given = replace(
        answer("film-2"), marks=(ReaderMark("Nodule", Rectangle(0.1, 0.2, 0.3, 0.4)),), reader="Ada \u2013 second look"
    )
    study.store(given)
    study.store(replace(advice("film-2"), reader=given.reader))
    revised = replace(given, phase=Phase.ADVISED, confidence={**given.confidence, "Nodule": Confidence(5)}, marks=())
    study.store(revised)
    found = open_study(study.folder).entries(given.reader)
    assert found.alone == {"film-2": given}
    assert found.last("film-2") == revised
    assert found.advice["film-2"].scores == {"Nodule": 1.5, "Effusion": -2.0}
    assert study.readers() == (given.reader,)


def test_each_line_is_forced_to_the_disk(study: ReaderStudy, monkeypatch: pytest.MonkeyPatch) -> None:
    forced: list[int] = []
    real = os.fsync

    def spy(handle: int) -> None:
        forced.append(os.fstat(handle).st_size)
        real(handle)

    monkeypatch.setattr(os, "fsync", spy)
    study.store(answer("film-0"))
    (path,) = study.answer_files()
    assert forced[0] == path.stat().st_size > 0


def test_a_writer_killed_at_any_moment_loses_no_answer_that_it_acknowledged(tmp_path: Path) -> None:
    study = create_study(tmp_path, design(films=200))
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(study.folder)], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        acknowledged = [writer.stdout.readline().strip() for _ in range(7)]
        writer.send_signal(signal.SIGKILL)
        acknowledged += writer.stdout.read().split()
    stored = open_study(study.folder).entries("Ada").alone
    assert set(acknowledged) <= set(stored)
    assert 7 <= len(stored) < 200
    left = [film.id for film in study.design.order("Ada") if film.id not in stored]
    study.store(answer(left[0]))
    assert left[0] in study.entries("Ada").alone


def test_a_line_cut_at_any_byte_costs_that_line_alone(study: ReaderStudy) -> None:
    study.store(answer("film-0"))
    (path,) = study.answer_files()
    first = path.read_bytes()
    study.store(answer("film-1"))
    whole = path.read_bytes()
    for end in range(len(first), len(whole) - 1, 17):
        path.write_bytes(whole[:end])
        assert set(study.entries("Ada").alone) == {"film-0"}
        study.store(answer("film-2"))
        found = study.entries("Ada")
        assert set(found.alone) == {"film-0", "film-2"}
        assert found.damaged == (end > len(first))
        assert path.read_bytes().startswith(whole[:end])


def test_the_first_answer_stays(study: ReaderStudy) -> None:
    study.store(answer("film-0"))
    with pytest.raises(StudyError, match="has a first answer already"):
        study.store(answer("film-0"))


@pytest.mark.parametrize("entry", [advice("film-0"), replace(answer("film-0"), phase=Phase.ADVISED)])
def test_nothing_is_revealed_or_revised_before_the_first_answer(study: ReaderStudy, entry: ReaderAnswer) -> None:
    with pytest.raises(StudyError, match="no first answer yet"):
        study.store(entry)
    study.store(answer("film-0"))
    study.store(entry)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (answer("film-99"), "not one of the study's"),
        (replace(answer("film-0"), confidence={"Nodule": Confidence(1)}), "every finding"),
        (replace(answer("film-0"), reader=" "), "reader's name"),
        (replace(answer("film-0"), reader="a\nb"), "reader's name"),
    ],
)
def test_what_does_not_fit_is_refused(study: ReaderStudy, wrong: ReaderAnswer, sentence: str) -> None:
    with pytest.raises(StudyError, match=sentence):
        study.store(wrong)
    assert study.answer_files() == ()


def test_readers_have_files_of_their_own_whose_names_do_not_name_them(study: ReaderStudy) -> None:
    for reader in ("Ada", "Bo", "../Ada"):
        study.store(replace(answer("film-0"), reader=reader))
    assert study.readers() == ("../Ada", "Ada", "Bo")
    assert len(list((study.folder / "answers").iterdir())) == 3
    assert all("ada" not in path.name.lower() for path in study.answer_files())


def test_a_damaged_study_is_listed_with_its_problem(study: ReaderStudy) -> None:
    broken = study.folder.with_name("broken")
    broken.mkdir()
    (broken / "study.json").write_text(json.dumps({"schema_version": 1, "title": "A"}))
    listings = list_studies(study.folder.parent)
    assert [(item.folder.name, bool(item.problem)) for item in listings] == [("broken", True), (study.name, False)]


def test_own_films_are_stored_by_their_digest(tmp_path: Path) -> None:
    own = design(own=True)
    with pytest.raises(StudyError, match="are missing; add them again"):
        create_study(tmp_path, own)
    assert list(tmp_path.glob("[!.]*")) == []
    study = create_study(tmp_path, own, {film.id: film.id.encode() for film in own.films})
    assert study.film_file(own.films[0].id).read_bytes() == own.films[0].id.encode()
