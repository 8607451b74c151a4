"""The findings' words, and that a new finding is found by everything that speaks of findings."""

import pytest

from chexview import findings
from chexview.findings import Finding


@pytest.mark.parametrize(
    ("finding", "words"),
    [
        ("Nodule", "a nodule"),
        ("Effusion", "an effusion"),
        ("Pleural_Thickening", "pleural thickening"),
        ("Edema", "edema"),
        ("nodule_mass", "a nodule or mass"),
        ("COVID", "COVID"),
        ("Rib_Fracture", "rib fracture"),
    ],
)
def test_findings_in_a_sentence(finding: str, words: str) -> None:
    assert findings.phrase(finding) == words


def test_a_fifteenth_finding_has_its_words_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    from chexview.text import card as card_text
    from chexview.text import reading as reading_text
    from tests.text.test_reading import CARD, SCORE, reading_of

    fracture = Finding("Rib_Fracture", "Rib fracture", "A broken rib.", countable=True)
    monkeypatch.setitem(findings.BY_NAME, "Rib_Fracture", fracture)
    assert findings.title("Rib_Fracture") == "Rib fracture" and findings.phrase("Rib_Fracture") == "a rib fracture"
    assert reading_text.meaning("Rib_Fracture") == "A broken rib."
    scores = tuple(SCORE for _ in range(15))
    assert "the 15 assessed" in reading_text.none_flagged(reading_of(*scores))
    from dataclasses import replace

    more = replace(CARD, findings=(*CARD.findings, "Rib_Fracture"))
    assert ("Rib fracture", "A broken rib.") in card_text.meanings(more)
