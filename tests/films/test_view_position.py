"""The projection, in the words of consoles and data sets."""

import pydicom
import pytest

from chexview.films.body_words import TILTED, folded
from chexview.films.dicom import read_dicom
from chexview.films.radiograph import CautionKind, View
from tests.films.builders import element, film, item, kinds
from tests.films.expectations import is_sentence


def coded(value: str, meaning: str) -> list[pydicom.Dataset]:
    return [item(CodeValue=value, CodingSchemeDesignator="SCT", CodeMeaning=meaning)]


@pytest.mark.parametrize(
    ("changes", "view", "withheld"),
    [
        ({"ViewPosition": "PA"}, View.PA, False),
        ({"ViewPosition": "AP"}, View.AP, False),
        ({"ViewPosition": "LL"}, View.LATERAL, True),
        ({"ViewPosition": "lateral"}, View.LATERAL, True),
        ({"ViewPosition": None}, View.UNKNOWN, False),
        ({"ViewPosition": None, "ViewCodeSequence": coded("399067008", "antero-posterior")}, View.AP, False),
        ({"ViewPosition": None, "ViewCodeSequence": coded("399198007", "right lateral")}, View.LATERAL, True),
        ({"ViewPosition": None, "ViewCodeSequence": coded("1", "left lateral")}, View.LATERAL, True),
        ({"ViewPosition": "PA", "ViewCodeSequence": coded("399173006", "left lateral")}, View.LATERAL, True),
        ({"ViewPosition": None, "PatientOrientation": ["A", "F"]}, View.LATERAL, True),
        ({"ViewPosition": "LAO"}, View.UNKNOWN, True),
    ],
)
def test_views(changes: dict[str, object], view: View, withheld: bool) -> None:
    radiograph = read_dicom(film(**changes), "d")
    assert radiograph.view is view
    assert (radiograph.withheld is not None) == withheld
    assert (CautionKind.VIEW in kinds(radiograph)) == (withheld or view is View.UNKNOWN)
    assert radiograph.withheld is None or is_sentence(radiograph.withheld)


@pytest.mark.parametrize(
    ("said", "view", "withheld"),
    [
        ("XTABLE LATERAL", View.LATERAL, True),
        ("L LATERAL", View.LATERAL, True),
        ("LEFT LATERAL", View.LATERAL, True),
        ("SWIMMERS", View.LATERAL, True),
        ("PERFIL", View.LATERAL, True),
        ("PROFIL", View.LATERAL, True),
        ("SEITLICH", View.LATERAL, True),
        ("LATERALE", View.LATERAL, True),
        ("YAN", View.LATERAL, True),
        ("BOCZNE", View.LATERAL, True),
        ("L", View.LATERAL, True),
        ("LL", View.LATERAL, True),
        ("RAO", View.UNKNOWN, True),
        ("AP LLD", View.AP, False),
        ("AP RLD", View.AP, False),
        ("LLD", View.UNKNOWN, True),
        ("LEFT LATERAL DECUBITUS", View.UNKNOWN, True),
        ("AP AXIAL", View.AP, False),
        ("AP_horizontal", View.AP, False),
        ("P.A.", View.PA, False),
        ("PA erect", View.PA, False),
        ("POSTERO-ANTERIOR", View.PA, False),
        ("antero posterior", View.AP, False),
        ("COSTAL", View.UNKNOWN, False),
    ],
)
def test_views_in_the_words_of_consoles(said: str, view: View, withheld: bool) -> None:
    radiograph = read_dicom(film(ViewPosition=element("ViewPosition", said, "CS")), "d")
    assert (radiograph.view, radiograph.withheld is not None) == (view, withheld)


@pytest.mark.parametrize(
    ("described", "view"),
    [
        ("Thorax seitlich", View.LATERAL),
        ("CHEST LATERAL", View.LATERAL),
        ("CHEST PA AND LATERAL", View.UNKNOWN),
        ("Thorax pa", View.PA),
        ("bilateral ribs", View.UNKNOWN),
        ("Chest", View.UNKNOWN),
    ],
)
def test_a_description_speaks_where_the_position_is_silent(described: str, view: View) -> None:
    assert read_dicom(film(ViewPosition=None, SeriesDescription=described), "d").view is view
    assert read_dicom(film(ViewPosition="AP", SeriesDescription=described), "d").view is View.AP


@pytest.mark.parametrize(
    ("words", "view"),
    [
        ("DORSOVENTRAL", View.PA),
        ("v.d.", View.AP),
        ("TYLNO-PRZEDNIE", View.PA),
        ("PRZEDNIO-TYLNE", View.AP),
        ("LATRAL", View.LATERAL),
        ("R", View.LATERAL),
        ("SEITE", View.LATERAL),
    ],
)
def test_views_in_other_words(words: str, view: View) -> None:
    assert read_dicom(film(ViewPosition=words), "d").view is view


@pytest.mark.parametrize(
    ("words", "view"),
    [
        ("AP LORDOTIC", View.AP),
        ("AP AXIAL", View.AP),
        ("APICAL", View.UNKNOWN),
        ("AP lordótica", View.AP),
        ("Ápico-lordótica", View.UNKNOWN),
        ("PA LORDOTIQUE", View.PA),
        ("SOMMETS", View.UNKNOWN),
        ("Apicogramma", View.UNKNOWN),
        ("lordotisch ap", View.AP),
        ("LONGTOPPEN", View.UNKNOWN),
        ("LORDOTIK", View.UNKNOWN),
        ("SZCZYTY AP", View.AP),
        ("LUNGETOPPER", View.UNKNOWN),
    ],
)
def test_a_lordotic_film_is_scored_with_a_caution(words: str, view: View) -> None:
    radiograph = read_dicom(film(ViewPosition=words), "d")
    assert (radiograph.view, radiograph.withheld) == (view, None)
    (caution,) = [caution.text for caution in radiograph.cautions if caution.kind is CautionKind.VIEW]
    assert caution.startswith("This is a lordotic or apical film by its header (") and is_sentence(caution)


@pytest.mark.parametrize(
    "words", ["верхушки легких", "両側肺尖", "폐첨", "λορδωτική", "plicní hroty", "tüdőcsúcs", "keuhkonkärjet"]
)
def test_a_lordotic_film_in_words_that_need_a_character_set(words: str) -> None:
    assert TILTED.search(folded(words))


def test_a_code_or_a_description_tells_of_a_lordotic_film() -> None:
    by_code = read_dicom(film(ViewPosition="AP", ViewCodeSequence=coded("1", "apical lordotic")), "d")
    described = read_dicom(film(ViewPosition="AP", ProtocolName="Thorax apices"), "d")
    assert by_code.view is described.view is View.AP
    for radiograph in (by_code, described):
        assert any("lordotic or apical" in caution.text for caution in radiograph.cautions)
    lateral = read_dicom(film(ViewPosition="LL", ProtocolName="Thorax apices"), "d")
    assert lateral.view is View.LATERAL and lateral.withheld is not None
    dental = read_dicom(film(ViewPosition="PA", SeriesDescription="periapical"), "d")
    assert not any("lordotic" in caution.text for caution in dental.cautions)
