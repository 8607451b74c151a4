"""Which checkpoint reads films."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from chexview import settings
from chexview.errors import CheckpointError, UnknownCheckpointError, UsageError
from chexview.model import card as cards
from chexview.model.checkpoint_choice import checkpoint_with, choose_checkpoint, choose_policy
from chexview.settings import Settings


@pytest.fixture
def own(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings with the checkpoints ``random`` and ``second``, whose card alone is here, and nothing bundled."""
    monkeypatch.setattr(settings, "BUNDLED", tmp_path / "nothing")
    made = tmp_path / "home" / "checkpoints"
    shutil.copytree(home / "checkpoints" / "random", made / "random")
    card = cards.read(made / "random")
    (made / "second").mkdir()
    (made / "second" / "card.json").write_text(replace(card, name="second", weights="0" * 64).to_json())
    (made / "wrong").mkdir()
    (made / "wrong" / "card.json").write_text("{}")
    return Settings(home=tmp_path / "home", checkpoint=None, device="cpu", decoders=1)


def test_a_name_comes_before_the_environment_and_that_before_the_first(own: Settings) -> None:
    assert choose_checkpoint(own).name == "random"
    assert choose_checkpoint(replace(own, checkpoint="second")).name == "second"
    assert choose_checkpoint(replace(own, checkpoint="second"), "random").name == "random"


def test_an_unknown_name_is_said_with_those_that_are_there(own: Settings) -> None:
    with pytest.raises(UnknownCheckpointError, match=r"no checkpoint other; there are random, second, wrong\."):
        choose_checkpoint(own, "other")
    with pytest.raises(UnknownCheckpointError, match="other, which CHEXVIEW_CHECKPOINT names"):
        choose_checkpoint(replace(own, checkpoint="other"))
    with pytest.raises(CheckpointError, match="no checkpoint yet"):
        choose_checkpoint(replace(own, home=own.home / "none"), "random")


def test_a_checkpoint_is_found_by_its_weights_whatever_else_is_damaged(own: Settings, home: Path) -> None:
    weights = cards.read(home / "checkpoints" / "random").weights
    assert checkpoint_with(weights, own) == own.home / "checkpoints" / "random"
    assert checkpoint_with("1" * 64, own) is None
    assert checkpoint_with("", own) is None


def test_a_policy_is_the_one_asked_for_or_the_cards_own_and_never_another() -> None:
    card = cards.Card("a", "A", ("Mass",), 64, "", operating_points={"youden": {}, "f1": {}}, default_policy="f1")
    assert (choose_policy(card), choose_policy(card, "youden")) == ("f1", "youden")
    with pytest.raises(UsageError, match="no policy sharp; this checkpoint has youden, f1"):
        choose_policy(card, "sharp")
    adopted = cards.Card("a", "A", ("Mass",), 64, "")
    assert choose_policy(adopted) == ""
    with pytest.raises(UsageError, match="no policy youden; this checkpoint has none"):
        choose_policy(adopted, "youden")
