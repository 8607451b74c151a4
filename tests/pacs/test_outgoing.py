"""What is fit to be sent."""

from collections.abc import Callable

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import RLELossless

from chexview.errors import PacsError
from chexview.pacs.outgoing import check_outgoing
from tests.pacs.making import PATIENT, film, result, written

OF = film(rows=64)


def check(data: bytes) -> str:
    return check_outgoing(data, OF.StudyInstanceUID, PATIENT)


def changed(change: Callable[[Dataset], None]) -> bytes:
    """A result after a change."""
    dataset = result(OF)
    change(dataset)
    return written(dataset)


def nested(depth: int) -> Callable[[Dataset], None]:
    def change(dataset: Dataset) -> None:
        for _ in range(depth):
            inner = Dataset()
            inner.PatientID = "x"
            dataset.ReferencedStudySequence = [inner]
            dataset = inner

    return change


def test_a_result_is_fit_and_its_uid_is_told() -> None:
    dataset = result(OF)
    assert check(written(dataset)) == dataset.SOPInstanceUID
    assert check(changed(nested(20)))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda dataset: setattr(dataset, "StudyInstanceUID", "1.2.3"), "another study"),
        (lambda dataset: setattr(dataset, "PatientID", "other"), "another patient"),
        (lambda dataset: delattr(dataset, "SeriesInstanceUID"), "lacks"),
        (lambda dataset: setattr(dataset, "preamble", b"who?" * 32), "empty preamble"),
        (nested(30), "nests"),
        (nested(190), "nests"),
        (lambda dataset: dataset.compress(RLELossless), "transfer syntax"),
    ],
)
def test_what_is_unfit_is_said(change: Callable[[Dataset], None], words: str) -> None:
    with pytest.raises(PacsError, match=words) as caught:
        check(changed(change))
    assert PATIENT not in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"MZ" * 100, bytes(128) + b"DICM", bytes(128) + b"DICM" + b"\xff" * 500])
def test_what_is_no_dicom_is_not_sent(data: bytes) -> None:
    with pytest.raises(PacsError):
        check(data)


def test_a_film_is_no_result() -> None:
    with pytest.raises(PacsError, match="no result"):
        check(written(OF))
