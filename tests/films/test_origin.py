"""What new objects of a study are told of the film's own object: single elements, and how stored values become modality units."""

import hashlib
import io

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from chexview.films import wire
from chexview.films.dicom import read_dicom
from chexview.films.radiograph import Radiograph
from chexview.settings import BUNDLED


def changed(**elements: object) -> tuple[Dataset, Radiograph]:
    """The bundled film with other elements, uncompressed, and how it is read."""
    dataset = pydicom.dcmread(BUNDLED / "films" / "00013911_000.dcm")
    dataset.decompress()
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    out = io.BytesIO()
    dataset.save_as(out)
    return dataset, read_dicom(out.getvalue(), hashlib.sha256(out.getvalue()).hexdigest())


def test_identity_and_study_are_kept_as_they_stand_and_not_shown() -> None:
    dataset, film = changed(PatientName="Yamada^Tarou=山田^太郎", PatientID="A  17", AccessionNumber="0042")
    origin = film.origin
    assert origin is not None
    assert (origin.sop_class, origin.sop_instance) == (dataset.SOPClassUID, dataset.SOPInstanceUID)
    assert (origin.study, origin.series) == (dataset.StudyInstanceUID, dataset.SeriesInstanceUID)
    assert (origin.rows, origin.columns) == (1024, 1024)
    assert origin.text("PatientName") == "Yamada^Tarou=山田^太郎" and origin.text("PatientID") == "A  17"
    assert origin.text("AccessionNumber") == "0042" and origin.text("ImagerPixelSpacing") == "0.417688\\0.417828"
    assert origin.text("StudyDate") == origin.text("InstitutionName") == ""
    assert "Yamada" not in repr(origin) + repr(film)


@pytest.mark.parametrize(("slope", "intercept"), [(1, 0), (2.5, -100)])
def test_slope_and_intercept_take_stored_values_to_modality_units(slope: float, intercept: float) -> None:
    dataset, film = changed(RescaleSlope=slope, RescaleIntercept=intercept)
    assert film.origin is not None and film.origin.slope is not None
    units = dataset.pixel_array * film.origin.slope + film.origin.intercept
    np.testing.assert_allclose(units, film.pixels * film.scale + film.offset)


def test_a_modality_table_has_no_slope() -> None:
    table = Dataset()
    table.LUTDescriptor, table.ModalityLUTType = [256, 0, 16], "US"
    table.add_new("LUTData", "OW", np.arange(256, dtype="<u2").tobytes())
    _, film = changed(ModalityLUTSequence=[table], RescaleSlope=None, RescaleIntercept=None)
    assert film.origin is not None and film.origin.slope is None


def test_the_turn_of_a_film_is_kept() -> None:
    _, film = changed(PatientOrientation=["R", "F"])
    assert film.origin is not None
    assert (film.origin.transposed, film.origin.flipped_rows, film.origin.flipped_columns) == (False, False, True)


def test_it_comes_over_the_wire() -> None:
    _, film = changed()
    head, buffers = wire.pack(film)
    assert wire.unpack(head, b"".join(buffers), film.digest).origin == film.origin
