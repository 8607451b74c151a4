"""Search, fetch and store against a server that behaves, and one that does not."""

import logging
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from pydicom.dataset import Dataset

from chexview.errors import PacsError
from chexview.films.read import read
from chexview.pacs.archive import FilmArchive
from chexview.pacs.studies import Study
from chexview.settings import PacsSettings
from tests.pacs.fake_server import PASSWORD, FakePacs
from tests.pacs.making import PATIENT, film, result, written

DATA = Path(__file__).parents[1] / "data" / "films" / "files"
SECRETS = (PASSWORD, "geheim", "Basic", "127.0.0.1", PATIENT, "Doe")


@pytest.fixture
def pacs(served_pacs: tuple[FakePacs, PacsSettings]) -> FakePacs:
    served_pacs[0].reset()
    return served_pacs[0]


@pytest.fixture
def archive(served_pacs: tuple[FakePacs, PacsSettings]) -> FilmArchive:
    return FilmArchive(served_pacs[1])


@pytest.fixture
def study(pacs: FakePacs, archive: FilmArchive) -> Study:
    """A study of two films in two series, as the search lists it."""
    first = film(rows=128)
    pacs.add(written(first))
    pacs.add(written(film(rows=128, study=first.StudyInstanceUID)))
    (found,) = archive.search(PATIENT).studies
    return found


def refused(call: Callable[[], object]) -> str:
    """The sentence of the PacsError that ``call`` raises, which holds no secret and came without a cause."""
    with pytest.raises(PacsError) as caught:
        call()
    sentence = str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    assert sentence.endswith(".") and "\n" not in sentence and len(sentence) < 300
    assert not any(secret in sentence for secret in SECRETS)
    return sentence


def test_a_search_finds_what_was_asked_for(pacs: FakePacs, archive: FilmArchive) -> None:
    for day in ("20240102", "20230607", "20191231"):
        pacs.add(written(film(rows=64, day=day)))
    pacs.add(written(film(rows=64, patient="another")))
    assert [each.date for each in archive.search(PATIENT).studies] == ["20240102", "20230607", "20191231"]
    within = archive.search(PATIENT, date(2020, 1, 1), date(2023, 12, 31)).studies
    assert [each.date for each in within] == ["20230607"]
    assert {each.patient_id for each in archive.search(first=date(2024, 1, 2), last=date(2024, 1, 2)).studies} == {
        PATIENT,
        "another",
    }
    found = archive.search(PATIENT).studies[0]
    assert (found.patient_name, found.instances) == ("Doe^Jane", 1)
    assert archive.search("nobody").studies == ()
    assert "Doe" not in repr(found) and PATIENT not in repr(found)


def test_priors_are_the_same_patients_and_earlier(pacs: FakePacs, archive: FilmArchive) -> None:
    for day in ("20240102", "20230607", "20250101", "20191231", "20180101", "20170101"):
        pacs.add(written(film(rows=64, day=day)))
    pacs.add(written(film(rows=64, day="20200101", patient="another")))
    (now,) = archive.search(PATIENT, date(2024, 1, 1), date(2024, 12, 31)).studies
    assert [each.date for each in archive.priors(now)] == ["20230607", "20191231", "20180101"]
    assert archive.priors(replace(now, patient_id="")) == archive.priors(replace(now, date="20241399")) == ()


def test_a_server_that_ignores_filters_shows_no_other_patient(pacs: FakePacs, archive: FilmArchive) -> None:
    pacs.add(written(film(rows=64)))
    pacs.add(written(film(rows=64, patient="another")))
    pacs.trouble = "ignores filters"
    assert [each.patient_id for each in archive.search(PATIENT).studies] == [PATIENT]


@pytest.mark.parametrize("patient", ["*", "CXV-*", "a?b", "a\\b", "a\nb", "x" * 65, "", "  "])
def test_a_search_for_everything_is_not_sent(pacs: FakePacs, archive: FilmArchive, patient: str) -> None:
    refused(lambda: archive.search(patient))
    assert pacs.requests == []


def test_films_come_as_they_are_stored(pacs: FakePacs, archive: FilmArchive, study: Study) -> None:
    steps: list[tuple[int, int]] = []
    fetched = archive.fetch(study, lambda done, total: steps.append((done, total)))
    assert {item.data for item in fetched} == {data for _, data in pacs.held}
    assert steps == [(0, 2), (1, 2)]
    assert pacs.accepted[-1] == 'multipart/related; type="application/dicom"; transfer-syntax=*'
    assert read(fetched[0].data).identity.patient_id == PATIENT


def test_laterals_are_left_where_they_are(pacs: FakePacs, archive: FilmArchive, study: Study) -> None:
    pacs.add(written(film(rows=64, study=study.uid, view="LL")))
    assert len(archive.fetch(replace(study, instances=3))) == 2


def test_half_a_study_is_refused(pacs: FakePacs, archive: FilmArchive, study: Study) -> None:
    pacs.trouble = "half"
    assert "0 of the 1 instances" in refused(lambda: archive.fetch(study))
    pacs.trouble = ""
    assert "2 of the 7 instances" in refused(lambda: archive.fetch(replace(study, instances=7)))
    pacs.trouble = "no film"
    assert "status 406" in refused(lambda: archive.fetch(study))
    pacs.trouble = "cut"
    assert "broke off" in refused(lambda: archive.fetch(study))
    pacs.trouble = "twice"
    assert "2 of the 1" in refused(lambda: archive.fetch(study))


def test_more_bytes_than_are_kept_open_nothing(
    archive: FilmArchive, study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chexview.pacs.archive.STUDY_BYTES", 2**14)
    assert "nothing was opened" in refused(lambda: archive.fetch(study))


def test_more_films_than_are_fetched_are_not_begun(
    pacs: FakePacs, archive: FilmArchive, study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chexview.pacs.archive.FILMS", 1)
    assert "holds 2 films" in refused(lambda: archive.fetch(study))
    assert not any("/instances/" in line for line in pacs.requests)


def test_an_unknown_study_is_one_sentence(archive: FilmArchive, study: Study) -> None:
    assert "does not know that study" in refused(lambda: archive.fetch(replace(study, uid="1.2.3")))


def test_a_study_without_films_is_one_sentence(pacs: FakePacs, archive: FilmArchive) -> None:
    pacs.add(written(film(rows=64, view="LL")))
    (only,) = archive.search(PATIENT).studies
    assert "no frontal film" in refused(lambda: archive.fetch(only))


@pytest.mark.parametrize(
    "other",
    [film(rows=64, patient="another"), film(rows=64), film(rows=64, view="AP")],
    ids=["patient", "film", "study"],
)
def test_another_film_than_was_asked_for_is_refused(
    pacs: FakePacs, archive: FilmArchive, study: Study, other: Dataset
) -> None:
    pacs.sent = written(other)
    assert "a film that was not requested" in refused(lambda: archive.fetch(study))


@pytest.mark.parametrize("name", ["b01_text.png", "b04_trunc_header.dcm", "b92_dicm_then_random.dcm", "b76_mpeg4.dcm"])
def test_a_hostile_file_is_refused_soon(pacs: FakePacs, archive: FilmArchive, study: Study, name: str) -> None:
    pacs.sent = (DATA / name).read_bytes()
    start = time.monotonic()
    refused(lambda: archive.fetch(study))
    assert time.monotonic() - start < 30


def test_a_wrong_password_is_one_sentence(archive: FilmArchive, study: Study) -> None:
    for own in (replace(archive.own, password="wrong"), replace(archive.own, user="", password="", token="wrong")):
        assert "user and password, or token" in refused(lambda own=own: FilmArchive(own).search(PATIENT))
    assert FilmArchive(replace(archive.own, user="", password="", token="token-5678")).search(PATIENT).studies == (
        study,
    )


def test_a_dead_server_is_one_sentence_soon(archive: FilmArchive) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        dead = replace(archive.own, address=f"http://127.0.0.1:{free.getsockname()[1]}/dicom-web")
    start = time.monotonic()
    assert "cannot be reached" in refused(lambda: FilmArchive(dead).search(PATIENT))
    assert time.monotonic() - start < 20


def test_a_server_that_drips_is_left_in_time(pacs: FakePacs, archive: FilmArchive) -> None:
    pacs.trouble = "slow"
    start = time.monotonic()
    slow = FilmArchive(replace(archive.own, seconds=1))
    assert "within 1 seconds" in refused(lambda: slow.search(PATIENT))
    assert time.monotonic() - start < 20


def test_a_server_that_drips_its_headers_is_left_in_time(archive: FilmArchive) -> None:
    over = threading.Event()
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()

        def drip() -> None:
            taken, _ = listening.accept()
            with taken:
                taken.sendall(b"HTTP/1.1 200 OK\r\n")
                while not over.wait(0.1):
                    try:
                        taken.sendall(b"X")
                    except OSError:
                        return

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        own = replace(archive.own, address=f"http://127.0.0.1:{listening.getsockname()[1]}", seconds=1)
        start = time.monotonic()
        assert "within 1 seconds" in refused(lambda: FilmArchive(own).search(PATIENT))
        assert time.monotonic() - start < 20
        over.set()
        thread.join(5)


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        ("redirect", "another address"),
        ("no dicomweb", "no DICOMweb"),
        ("deep", "no DICOMweb"),
        ("endless", "more than any film"),
        ("broken", "status 500"),
    ],
)
def test_an_odd_answer_is_one_sentence(pacs: FakePacs, archive: FilmArchive, trouble: str, words: str) -> None:
    pacs.trouble = trouble
    assert words in refused(lambda: archive.search(PATIENT))
    assert len(pacs.requests) == 1


def test_results_are_stored_as_they_are(pacs: FakePacs, archive: FilmArchive, study: Study) -> None:
    sent = [written(result(pacs.held[0][0])) for _ in range(3)]
    assert archive.store(sent, study) == 3
    assert [data for _, data in pacs.held[2:]] == sent
    pacs.trouble = "silent"
    assert archive.store([written(result(pacs.held[0][0]))], study) == 1


def test_a_refused_store_is_one_sentence(pacs: FakePacs, archive: FilmArchive, study: Study) -> None:
    sent = [written(result(pacs.held[0][0])) for _ in range(3)]
    pacs.trouble = "refuses"
    assert "status 409" in refused(lambda: archive.store(sent, study))
    assert len(pacs.held) == 2
    pacs.trouble, pacs.refuses = "", {1}
    with pytest.raises(PacsError, match="took 2 of 3 results"):
        archive.store(sent, study)


def test_nothing_is_sent_where_one_file_is_unfit(pacs: FakePacs, archive: FilmArchive, study: Study) -> None:
    good, other = written(result(pacs.held[0][0])), written(result(film(rows=64)))
    before = len(pacs.requests)
    with pytest.raises(PacsError, match="another study"):
        archive.store([good, other], study)
    assert len(pacs.requests) == before and len(pacs.held) == 2


def test_no_log_names_anybody_or_anything_secret(
    pacs: FakePacs, archive: FilmArchive, study: Study, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        archive.fetch(study)
        pacs.trouble = "broken"
        refused(lambda: archive.search(PATIENT))
        refused(lambda: FilmArchive(replace(archive.own, password="wrong")).search(PATIENT))
    assert caplog.records
    assert not any(secret in record.getMessage() for record in caplog.records for secret in (*SECRETS, study.uid))
    assert PASSWORD not in repr(archive.own)
