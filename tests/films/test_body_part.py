"""The part of the body, in the words of consoles, and what they lead to."""

import pydicom
import pytest

from chexview.errors import ContentError
from chexview.films.dicom import read_dicom
from chexview.films.radiograph import CautionKind
from tests.films.builders import CR, element, film, item, kinds


def coded(value: str, meaning: str) -> list[pydicom.Dataset]:
    return [item(CodeValue=value, CodingSchemeDesignator="SCT", CodeMeaning=meaning)]


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"BodyPartExamined": "CHEST"}, "film"),
        ({"BodyPartExamined": "PORT CHEST"}, "film"),
        ({"BodyPartExamined": "THORAX", "Laterality": "R"}, "film"),
        ({"BodyPartExamined": None}, "film"),
        ({"BodyPartExamined": "HAND"}, "withheld"),
        ({"BodyPartExamined": "HAND", "AnatomicRegionSequence": coded("51185008", "Chest")}, "film"),
        ({"BodyPartExamined": None, "AnatomicRegionSequence": coded("85562004", "Hand")}, "withheld"),
        ({"BodyPartExamined": "EXTREMITY", "Laterality": "R"}, "refused"),
        ({"BodyPartExamined": "HAND", "StudyDescription": "wrist, two views"}, "refused"),
        ({"BodyPartExamined": "HAND", "StudyDescription": "wrist and chest"}, "withheld"),
        ({"BodyPartExamined": "EXTREMITY", "AcquisitionDeviceProcessingDescription": "[LOWER LEG  ]"}, "refused"),
    ],
)
def test_body_parts(changes: dict[str, object], outcome: str) -> None:
    if outcome == "refused":
        with pytest.raises(ContentError, match="another part of the body"):
            read_dicom(film(SOPClassUID=CR, **changes), "d")
        return
    radiograph = read_dicom(film(SOPClassUID=CR, **changes), "d")
    assert (radiograph.withheld is not None) == (outcome == "withheld")


@pytest.mark.parametrize(
    "part", ["PECHO", "TORACE", "TORAKS", "BRUST", "CXR", "THX", "TORAX", "UNDEFINED", "GENERAL", "XRAY"]
)
def test_words_for_the_chest_and_words_for_nothing_pass(part: str) -> None:
    assert read_dicom(film(SOPClassUID=CR, BodyPartExamined=part, Laterality="R"), "d").withheld is None


def test_a_chest_among_others_is_cautioned() -> None:
    described = film(SOPClassUID=CR, BodyPartExamined="TORAX", StudyDescription="RX TORAX Y ABDOMEN")
    radiograph = read_dicom(described, "d")
    assert radiograph.withheld is None
    assert CautionKind.BODY_PART in kinds(radiograph)


def test_the_thoracic_spine_is_no_chest() -> None:
    assert read_dicom(film(SOPClassUID=CR, BodyPartExamined="TSPINE"), "d").withheld is not None


def test_a_word_that_nobody_knows_is_withheld_unless_the_study_is_of_the_chest() -> None:
    assert read_dicom(film(SOPClassUID=CR, BodyPartExamined="QQZZ"), "d").withheld is not None
    described = film(SOPClassUID=CR, BodyPartExamined="QQZZ", StudyDescription="chest")
    assert read_dicom(described, "d").withheld is None


def test_the_files_own_letters_are_read() -> None:
    made = film(
        SOPClassUID=CR, BodyPartExamined="GENERAL", SpecificCharacterSet="ISO_IR 192", StudyDescription="рентген колена"
    )
    assert read_dicom(made, "d").body_part == "GENERAL"


@pytest.mark.parametrize("described", ["RODILLA AP Y LATERAL", "KNEE 2 VIEWS", "BECKENÜBERSICHT", "CZASZKA"])
def test_a_study_of_another_part_is_withheld_where_no_body_part_is_named(described: str) -> None:
    text = element("StudyDescription", described)
    data = film(SOPClassUID=CR, BodyPartExamined=None, SpecificCharacterSet="ISO_IR 192", StudyDescription=text)
    withheld = read_dicom(data, "d").withheld
    assert withheld is not None and "Study Description" in withheld


def test_a_word_that_is_not_known_is_not_said_to_be_another_part() -> None:
    withheld = read_dicom(film(SOPClassUID=CR, BodyPartExamined="DADA"), "d").withheld
    assert withheld is not None and "is not known here" in withheld
