"""Studies travel as one zip and come together again, each answer once, and nothing foreign with them."""

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from chexview.errors import StudyError
from chexview.studies.answers import Phase
from chexview.studies.exchange import merge, packed
from chexview.studies.storage import ReaderStudy, create_study
from tests.studies.builders import advice, answer, design


def study_of(parent: Path, *readers: str, nodule: int = 2) -> ReaderStudy:
    study = create_study(parent, design())
    for reader in readers:
        study.store(answer("film-0", nodule, reader=reader))
        study.store(advice("film-0", reader=reader))
    return study


def test_two_places_come_together_and_again_changes_nothing(tmp_path: Path) -> None:
    here, there = study_of(tmp_path / "here", "Ada"), study_of(tmp_path / "there", "Bo", "Cy")
    there.store(answer("film-0", 5, phase=Phase.ADVISED, reader="Bo"))
    merged = merge(packed(there), tmp_path / "here")
    assert merged.folder == here.folder
    assert merged.readers() == ("Ada", "Bo", "Cy")
    assert merged.entries("Bo").last("film-0").confidence["Nodule"] == 5
    before = packed(merged)
    merge(packed(there), tmp_path / "here")
    merge(before, tmp_path / "here")
    assert packed(merged) == before


def test_a_study_that_is_not_here_yet_is_made(tmp_path: Path) -> None:
    there = study_of(tmp_path / "there", "Bo")
    merged = merge(packed(there), tmp_path / "here")
    assert merged.design == there.design
    assert merged.entries("Bo").alone == there.entries("Bo").alone


def test_a_reader_who_went_on_elsewhere_brings_the_rest(tmp_path: Path) -> None:
    here = study_of(tmp_path / "here", "Ada")
    there = merge(packed(here), tmp_path / "there")
    there.store(answer("film-1"))
    assert set(merge(packed(there), tmp_path / "here").entries("Ada").alone) == {"film-0", "film-1"}


def test_two_people_of_one_name_are_not_mixed(tmp_path: Path) -> None:
    here = study_of(tmp_path / "here", "Ada")
    before = packed(here)
    with pytest.raises(StudyError, match="Two readers called Ada"):
        merge(packed(study_of(tmp_path / "there", "Ada", nodule=5)), tmp_path / "here")
    assert packed(here) == before


def test_own_films_stay_where_they_are(tmp_path: Path) -> None:
    own = design(own=True)
    study = create_study(tmp_path / "there", own, {film.id: b"SECRET NAME" for film in own.films})
    study.store(answer("film-0"))
    with zipfile.ZipFile(io.BytesIO(packed(study))) as archive:
        assert all(b"SECRET" not in archive.read(name) for name in archive.namelist())
        assert len(archive.namelist()) == 2
    with pytest.raises(StudyError, match="are missing; add them again"):
        merge(packed(study), tmp_path / "here")


def zip_of(**members: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in members.items():
            archive.writestr(name.replace("__", "/"), text)
    return out.getvalue()


def test_what_is_no_study_is_refused_and_nothing_is_written_outside(tmp_path: Path) -> None:
    wrong = f"answers/{'0' * 32}.jsonl"
    line = '{"answer": {}}\n'
    for data, sentence in [
        (b"no zip", "not a readable zip"),
        (zip_of(**{"other.txt": "x"}), "has no study.json"),
        (zip_of(**{"study.json": "{}"}), "schema version"),
        (zip_of(**{"study.json": design().to_json(), wrong: line}), "not named for its reader"),
    ]:
        with pytest.raises(StudyError, match=sentence):
            merge(data, tmp_path / "home")
    made = merge(zip_of(**{"study.json": design().to_json(), "..__..__evil.jsonl": "x"}), tmp_path / "home")
    assert made.readers() == ()
    assert [path.name for path in tmp_path.rglob("*") if "evil" in path.name] == []
    assert replace(made.design) == design()
