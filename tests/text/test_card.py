"""A card in words: what the network is, and where its maps find."""

from dataclasses import replace

import pytest

from chexview.calibration import Calibration
from chexview.model.architecture import Architecture, Pooling
from chexview.model.card import Auroc, Card, Performance
from chexview.text import card as card_text

CARD = Card(name="a", title="A", findings=("Mass", "Effusion"), input_size=224, weights="")


def fact(**change: object) -> dict[str, object]:
    found = {"places": 40, "patients": 20, "found": 0.5, "low": 0.4, "high": 0.6, "control": 0.25}
    return {**found, "best_control": "other boxes", "verdict": "beats the best control", **change}


def test_a_findings_worth_is_its_auroc_and_what_is_known_of_it() -> None:
    known = Performance("Sharp test films", 1602, 729, 0.71, 0.7, 0.73, (), {"Mass": Auroc(0.646, 0.6, 0.69, 254, 178)})
    card = replace(CARD, performance={"sharp": known}, calibration={"Mass": Calibration(1.0, 0.0)})
    assert card_text.worth(card, "Mass") == (
        "AUROC of a mass on sharp test films: 0.646 (0.600 to 0.690); 254 films of 178 patients with it. The label depends on a "
        "size over 3 cm, which a network of this resolution hardly measures."
    )
    assert "Not calibrated" in card_text.worth(card, "Effusion") and card_text.worth(card, "Else") == ""


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (Architecture(), "DenseNet-121, 224 x 224 pixels, cells of 32 pixels; a score is the mean of its cells"),
        (
            Architecture(stride=16, pooling=Pooling.ADAPTIVE),
            "cells of 16 pixels; a score is a weighted mean of its cells",
        ),
        (Architecture("another", pooling=Pooling.PCAM), "another, 224 x 224 pixels"),
    ],
)
def test_the_network_is_said_in_a_line(plan: Architecture, words: str) -> None:
    card = replace(CARD, architecture=plan)
    assert words in card_text.network(card) and ("Network", card_text.network(card)) in card_text.origin(card)


def test_maps_stand_beside_the_best_guess_without_the_film() -> None:
    few = fact(low=None, high=None, verdict="too few patients to tell")
    card = replace(CARD, data={"maps": {"regions": {"all findings": fact(), "Mass": few}, "boxes": {"Mass": fact()}}})
    table = card_text.map_numbers(card)
    assert table is not None
    assert table["Finding"].tolist() == ["All findings", "Mass"]
    assert table["Found"].tolist() == ["50 % (40 to 60 %)", "50 %"]
    assert table["Best guess without the film"].tolist() == ["25 % (other boxes)"] * 2
    assert table["Verdict"].tolist() == ["beats the best control", "too few patients to tell"]


def test_radiologists_stand_in_a_table_of_their_own() -> None:
    sure, few = Auroc(0.75, 0.7, 0.8, 30, 20), Auroc(0.6, None, None, 3, 2)
    reports = Performance("Test films", 90, 60, 0.7, 0.65, 0.75, (), {"Mass": sure})
    experts = Performance("Test films, by three", 40, 30, 0.72, None, None, (), {"nodule_mass": few, "Mass": sure})
    card = replace(CARD, performance={"test": reports, "test:three": experts})
    table = card_text.by_references(card)
    assert table is not None
    assert table["Finding"].tolist() == ["Mean", "Mass", "Nodule or mass"]
    words = table["Test films, by three (40 films)"].tolist()
    assert (
        words[0] == "0.720"
        and words[1] == "0.750 (0.700 to 0.800); 30 films with it"
        and words[2].startswith("0.600, fewer")
    )
    assert list(card_text.numbers(card).columns[:2]) == ["Finding", "Test films"]
    assert card_text.by_references(replace(CARD, performance={"test": reports})) is None


@pytest.mark.parametrize("data", [{}, {"maps": {}}, {"maps": {"boxes": {}}}])
def test_a_card_that_tells_nothing_of_maps_has_no_table(data: dict[str, object]) -> None:
    assert card_text.map_numbers(replace(CARD, data=data)) is None
