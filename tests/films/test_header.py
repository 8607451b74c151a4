"""What is kept of a header, and what is kept apart."""

import pytest

from chexview.films.dicom import read_dicom
from chexview.films.radiograph import CautionKind
from tests.films.builders import PATIENT, SC, film
from tests.films.expectations import is_sentence


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"BurnedInAnnotation": "YES"}, CautionKind.BURNT_IN),
        ({"SOPClassUID": SC, "Modality": "OT"}, CautionKind.BURNT_IN),
        ({"LossyImageCompression": "01", "LossyImageCompressionRatio": "10"}, CautionKind.LOSSY),
        ({"PresentationIntentType": "FOR PROCESSING"}, CautionKind.FOR_PROCESSING),
        ({"BodyPartExamined": None}, CautionKind.BODY_PART),
    ],
)
def test_cautions(changes: dict[str, object], kind: CautionKind) -> None:
    cautions = read_dicom(film(**changes), "d").cautions
    assert [caution.kind for caution in cautions] == [kind]
    assert is_sentence(cautions[0].text)


def test_header_keeps_only_what_is_listed_and_cleans_it() -> None:
    radiograph = read_dicom(
        film(Manufacturer="<script>\x07" + "x" * 500, InstitutionName="Sentinel Hospital", KVP="120"), "d"
    )
    kept = dict(radiograph.header)
    assert kept["KVP"] == "120"
    assert kept["Rows"] == "64"
    assert len(kept["Manufacturer"]) == 64
    assert all(value.isprintable() for value in kept.values())
    assert "Sentinel" not in str(radiograph.header)


@pytest.mark.parametrize(
    ("charset", "name"),
    [
        ("ISO_IR 192", "王^小東"),
        ("ISO_IR 100", "Buc^Jérôme"),
        (["", "ISO 2022 IR 87"], "山田^太郎"),
        ("GB18030", "王^小东"),
    ],
)
def test_identity_is_decoded_and_kept_apart(charset: object, name: str) -> None:
    radiograph = read_dicom(film(SpecificCharacterSet=charset, PatientName=name), "d")
    assert radiograph.identity.patient_name == name
    assert radiograph.identity.patient_id == PATIENT
    assert name not in repr(radiograph) + str(radiograph) + repr(radiograph.identity) + str(radiograph.identity)
