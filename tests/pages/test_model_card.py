"""The model card page: the card's own numbers and limits, whichever checkpoint is chosen, and what a bare card lacks."""

from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from chexview import settings
from chexview.evaluation.performance import mean_auroc
from chexview.evaluation.run import load_run
from chexview.findings import NAMES
from chexview.model import card as cards
from chexview.model import checkpoint
from chexview.model.card import Card
from chexview.model.network import CheXNet
from chexview.text import card as card_text
from tests.pages.shown import page_at
from tests.pages.test_compare import address, html


@pytest.fixture
def bundled() -> Card:
    return cards.read(next(iter(checkpoint.find(settings.load().checkpoints).values())))


def opened(**given: str) -> AppTest:
    return page_at("model_card.py", **given)


def test_numbers_and_limits_are_the_cards(bundled: Card) -> None:
    test = opened()
    assert not test.exception
    words = html(test)
    assert f"<p class='card-name'>{bundled.title}<small>{bundled.name}, weights SHA-256 {bundled.weights[:12]}" in words
    first = next(iter(bundled.performance.values()))
    assert f"<b>{first.mean_auroc:.3f}</b>" in words and f"{first.films:,} films" in words
    for limit in bundled.limits:
        assert limit.replace("'", "&#x27;") in words
    table = test.dataframe[0].value.set_index("Finding")
    effusion = first.aurocs["Effusion"]
    assert table.loc["Effusion", first.title] == f"{effusion.value:.3f} ({effusion.low:.3f} to {effusion.high:.3f})"
    assert table.loc["Effusion", "Slope"] == bundled.calibration["Effusion"].slope
    point = bundled.operating_points[bundled.default_policy]["Effusion"]
    assert table.loc["Effusion", "Threshold"] == pytest.approx(100 * bundled.calibration["Effusion"].probability(point))


def test_a_bare_checkpoint_is_chosen_by_its_link_and_says_what_it_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHEXVIEW_HOME", str(tmp_path))
    bare = Card("bare", "Bare <i>title</i>", ("nodule_mass",), 64, "")
    checkpoint.save(CheXNet(1), bare, tmp_path / "checkpoints" / "bare")
    test = opened(checkpoint="bare")
    assert not test.exception and address(test)["checkpoint"] == "bare"
    words = html(test)
    assert "not measured" in words and "names no limits" in words and "Not calibrated" in words and "2 x 2" in words
    assert "<i>title</i>" not in words and "does not say what it was trained on" in words


def test_the_control_stands_beside_the_numbers(bundled: Card) -> None:
    found = card_text.control(bundled)
    run = load_run(settings.BUNDLED / "runs" / bundled.name)
    for item in run.lists:
        value = mean_auroc(run.selections(item.name, control=True)).value
        assert value is not None and f"{item.title.lower()} {value:.3f}" in found
    assert found in html(opened()) and card_text.control(replace(bundled, data={})) == ""


def test_known_limits_name_few_patients_and_chance(bundled: Card) -> None:
    found = dict(card_text.finding_limits(bundled))
    first = next(iter(bundled.performance.values()))
    few = first.aurocs["Hernia"]
    assert f"Measured on {few.positive_patients} patients only." in found["Hernia"]
    low = replace(first.aurocs["Fibrosis"], low=0.5, value=0.53)
    chance = replace(bundled, performance={"sharp": replace(first, aurocs={**first.aurocs, "Fibrosis": low})})
    assert "Hardly better than chance here (AUROC 0.53)." in dict(card_text.finding_limits(chance))["Fibrosis"]


def test_training_is_told_from_its_beginning() -> None:
    stages = [{"size": 64, "epochs": 2, "batch_size": 32}]
    recipe = {
        "name": "second",
        "stages": [{"size": 128, "epochs": 3, "batch_size": 16}],
        "best_epoch": 1,
        "init": {"start": "first", "recipe": {"name": "first", "stages": stages, "init": {"start": "scratch"}}},
    }
    assert card_text.training(recipe) == [
        "first from scratch: 2 epochs at 64 pixels in batches of 32.",
        "second from first: 3 epochs at 128 pixels in batches of 16, weights of epoch 2.",
    ]
    assert card_text.training({}) == []


def test_every_finding_has_its_meaning(bundled: Card) -> None:
    assert len(card_text.meanings(bundled)) == len(NAMES)
    assert ("Weights, SHA-256", bundled.weights) in card_text.origin(bundled)
