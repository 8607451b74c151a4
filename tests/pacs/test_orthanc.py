"""The round trip through Orthanc: films uploaded, searched, fetched as they are stored, read, and results stored beside them."""

import io
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
import requests
import torch
from dicomweb_client.web import DICOMwebClient
from pydicom.dataset import Dataset
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
    generate_uid,
)

from chexview.errors import PacsError
from chexview.exports.film_result import FilmResult
from chexview.exports.registry import FILM_EXPORTS
from chexview.films.read import read
from chexview.model import checkpoint
from chexview.model.predictor import Predictor
from chexview.pacs.archive import FilmArchive
from chexview.pacs.studies import Study
from chexview.worklist.input_files import InputFile
from chexview.worklist.queue import Worklist
from chexview.worklist.reader import Reader
from tests.pacs import orthanc
from tests.pacs.making import PATIENT, film, result, written
from tests.pacs.orthanc import Orthanc, running

pytestmark = pytest.mark.skipif(bool(orthanc.missing()), reason=orthanc.missing() or "Orthanc is here")

DATA = Path(__file__).parents[1] / "data" / "films" / "files"
LOSSY = ("v06_jpeg_baseline8", "v07_jpeg_extended12", "v11_jpegls_near4", "v13_j2k_lossy", "v14_htj2k_lossless")


def filed(dataset: Dataset, study: str) -> bytes:
    """The data set as one of a study of our patient."""
    dataset.PatientID, dataset.PatientName, dataset.StudyDate = PATIENT, "Doe^Jane", "20240102"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = study, generate_uid()
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    dataset.preamble = bytes(128)
    return written(dataset)


@pytest.fixture(scope="module")
def films() -> dict[str, bytes]:
    """One film in each transfer syntax, by the syntax's UID."""
    study = generate_uid()
    made = [filed(pydicom.dcmread(DATA / f"{name}.dcm"), study) for name in LOSSY]
    for syntax in (RLELossless, JPEGLSLossless, JPEG2000Lossless):
        dataset = film(rows=256)
        dataset.compress(
            syntax, encoding_plugin="pylibjpeg" if syntax == JPEG2000Lossless else "", generate_instance_uid=False
        )
        made.append(filed(dataset, study))
    for syntax in (ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian):
        dataset = film(rows=256)
        dataset.file_meta.TransferSyntaxUID = syntax
        made.append(filed(dataset, study))
    made.append(filed(film(rows=256), study))
    made.append(filed(film(), study))
    return {f"{pydicom.dcmread(io.BytesIO(data)).file_meta.TransferSyntaxUID} {len(data)}": data for data in made}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, films: dict[str, bytes]) -> Iterator[Orthanc]:
    with running(tmp_path_factory.mktemp("orthanc")) as found:
        for data in films.values():
            found.upload(data)
        found.upload(written(film(rows=128, day="20190304")))
        found.upload(written(film(rows=128, patient="another")))
        yield found


@pytest.fixture(scope="module")
def study(server: Orthanc) -> Study:
    found = server.ask(lambda: FilmArchive(server.own).search(PATIENT)).studies
    assert [each.date for each in found] == ["20240102", "20190304"]
    return found[0]


def test_it_is_reached_from_nowhere_else(server: Orthanc) -> None:
    with socket.socket() as raw:
        assert raw.connect_ex(("127.0.0.1", 18042)) != 0


def test_every_transfer_syntax_comes_as_it_is_stored(server: Orthanc, study: Study, films: dict[str, bytes]) -> None:
    fetched = server.ask(lambda: FilmArchive(server.own).fetch(study))
    assert len(films) == 12 and len({key.split()[0] for key in films}) >= 11
    assert sorted(item.data for item in fetched) == sorted(films.values())


def test_films_from_the_archive_are_read_as_uploads_are(server: Orthanc, study: Study, home: Path) -> None:
    reader = Reader(Predictor(checkpoint.load(home / "checkpoints" / "random"), torch.device("cpu")), None)
    fetched = server.ask(lambda: FilmArchive(server.own).fetch(study))[:3]
    work = Worklist(reader)
    work.bring([InputFile(f"film {place}.dcm", item.data) for place, item in enumerate(fetched)])
    assert work.wait(60)
    rows = work.snapshot()
    work.close()
    direct = reader.read([read(item.data) for item in fetched], insist=True)
    for row, outcome in zip(rows, direct, strict=True):
        if row.reading is not None:
            assert outcome.reading is not None
            ours = [score.logit for score in row.reading.findings]
            np.testing.assert_allclose(ours, [score.logit for score in outcome.reading.findings], atol=1e-4)
    assert any(row.reading is not None for row in rows)


def test_priors_are_found(server: Orthanc, study: Study) -> None:
    (prior,) = server.ask(lambda: FilmArchive(server.own).priors(study))
    assert (prior.date, prior.patient_id) == ("20190304", PATIENT)


def opened(data: bytes) -> Dataset:
    return pydicom.dcmread(io.BytesIO(data))


def stored(result: Dataset) -> Dataset:
    """The result as another client reads it back."""
    session = requests.Session()
    session.auth = (orthanc.USER, orthanc.PASSWORD)
    client = DICOMwebClient(Orthanc.own.address, session=session)
    return client.retrieve_instance(result.StudyInstanceUID, result.SeriesInstanceUID, result.SOPInstanceUID)


def test_results_are_stored_and_read_back_equal(server: Orthanc, study: Study, films: dict[str, bytes]) -> None:
    archive = FilmArchive(server.own)
    source = opened(next(iter(films.values())))
    sent = [written(result(source)) for _ in range(3)]
    assert server.ask(lambda: archive.store(sent, study)) == 3
    assert server.ask(lambda: [stored(dataset) for dataset in map(opened, sent)]) == [opened(data) for data in sent]
    found = server.ask(lambda: archive.search(PATIENT, None, None)).studies[0]
    assert found.instances == len(films) + 3
    assert len(server.ask(lambda: archive.fetch(found))) == len(films)


def test_every_dicom_export_is_stored_and_read_back_equal(server: Orthanc, home: Path) -> None:
    archive = FilmArchive(server.own)
    server.upload(written(film(patient="third", rows=512)))
    (study,) = server.ask(lambda: archive.search("third")).studies
    (fetched,) = server.ask(lambda: archive.fetch(study))
    predictor = Predictor(checkpoint.load(home / "checkpoints" / "random"), torch.device("cpu"))
    (outcome,) = Reader(predictor, None).read([read(fetched.data)], insist=True)
    made = FilmResult(outcome.film, predictor.card, outcome.reading)
    sent = [data for export in FILM_EXPORTS if export.is_dicom for data in export.write(made)]
    assert {str(opened(data).Modality) for data in sent} >= {"SR", "PR"} and len(sent) >= 4
    assert server.ask(lambda: archive.store(sent, study)) == len(sent)
    assert server.ask(lambda: [stored(dataset) for dataset in map(opened, sent)]) == [opened(data) for data in sent]


def test_a_wrong_password_is_one_sentence(server: Orthanc) -> None:
    with pytest.raises(PacsError, match="user and password"):
        server.ask(lambda: FilmArchive(replace(server.own, password="wrong")).search(PATIENT))


def test_an_unknown_study_is_one_sentence(server: Orthanc, study: Study) -> None:
    with pytest.raises(PacsError, match="does not know that study"):
        server.ask(lambda: FilmArchive(server.own).fetch(replace(study, uid="1.2.3")))
