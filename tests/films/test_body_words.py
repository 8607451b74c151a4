"""The words of consoles, archives and data sets for views and parts of the body."""

import pytest

from chexview.films import body_words
from chexview.films.body_words import folded, is_silent, names_another, names_chest

CHESTS = """CHEST|THORAX|TORAX|TÓRAX|PECHO|TORACE|PETTO|TORAKS|GÖĞÜS|AKCİĞER|BRUST|BRUSTKORB|CXR|THX|PORTABLE CHEST|CHEST_PORT
PEITO|POITRINE|POUMONS|LUNGE|LUNG|KLATKA PIERSIOWA|PŁUCA|BORSTKAS|BRÖST|BRYSTKASSE|RINTAKEHÄ|HRUDNÍK|MELLKAS|TORACIC
ГРУДНАЯ КЛЕТКА|胸部|흉부|X-RAY CHEST|RIBS|PULMÓN|RX-TORAX|Thorax_pa|PCXR|TORACAS
PAAG|BETTLUNGE|RX TORAX 2 PROY|THORAX FACE|ΘΩΡΑΚΑΣ|صدر|GRIL COSTAL|BABYGRAM|CHESTABDOMEN|ПРЯМАЯ ГРУДЬ"""

OTHERS = """HAND|KNEE|ABDOMEN|RODILLA|JOELHO|GENOU|GINOCCHIO|KNIEGELENK|DİZ|KOLANO|LWS|CSPINE|PELVIS|BECKEN
THORACIC SPINE|BRUSTWIRBELSÄULE|COLUMNA DORSAL|TSPINE|BREAST|HEAD
OBERSCHENKEL|BRAZO|KNÄ|BUKÖVERSIKT|JAMBE|NOGA|OPG|ESOFAGO|MAMMOGRAPHY"""
SILENT = "UNDEFINED|GENERAL|XRAY|X-RAY|UNKNOWN|OTHER|N/A|--|Not Specified|DESCONOCIDO|"


@pytest.mark.parametrize("text", CHESTS.replace("\n", "|").split("|"))
def test_the_chest_is_known(text: str) -> None:
    assert names_chest(folded(text))


@pytest.mark.parametrize("text", OTHERS.replace("\n", "|").split("|"))
def test_other_parts_are_known(text: str) -> None:
    assert names_another(folded(text))
    assert not names_chest(folded(text))


@pytest.mark.parametrize("text", SILENT.split("|"))
def test_what_says_nothing_is_silent(text: str) -> None:
    assert is_silent(folded(text))
    assert not names_chest(folded(text)) and not names_another(folded(text))


def test_folding_drops_accents_and_signs() -> None:
    assert folded("Tórax_P.A. (Göğüs) Płuca") == "TORAX P A GOGUS PLUCA"


def test_words_within_words_do_not_count() -> None:
    assert not body_words.LATERAL.search(folded("bilateral collateral"))
    assert not names_another(folded("chestnut handle")) and not names_chest(folded("tribune"))


@pytest.mark.parametrize("text", ["CHESTABDOMEN", "BABYGRAM", "TORACOABDOMINAL", "CHESTABDPELVIS"])
def test_more_than_the_chest_is_both(text: str) -> None:
    assert names_chest(folded(text)) and names_another(folded(text))
