"""A card in words: what the network is, and where its maps find."""

from dataclasses import replace

import pytest

from chexview.model.architecture import Architecture, Pooling
from chexview.model.card import Card
from chexview.text import card as card_text

CARD = Card(name="a", title="A", findings=("Mass", "Effusion"), input_size=224, weights="")


def fact(**change: object) -> dict[str, object]:
    found = {"places": 40, "patients": 20, "found": 0.5, "low": 0.4, "high": 0.6, "control": 0.25}
    return {**found, "best_control": "other boxes", "verdict": "beats the best control", **change}


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
    assert table["Found"].tolist() == ["50 % (40 % to 60 %)", "50 %"]
    assert table["Best guess without the film"].tolist() == ["25 % (other boxes)"] * 2
    assert table["Verdict"].tolist() == ["beats the best control", "too few patients to tell"]


@pytest.mark.parametrize("data", [{}, {"maps": {}}, {"maps": {"boxes": {}}}])
def test_a_card_that_tells_nothing_of_maps_has_no_table(data: dict[str, object]) -> None:
    assert card_text.map_numbers(replace(CARD, data=data)) is None
