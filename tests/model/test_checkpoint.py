"""Checkpoints load strictly or not at all."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from chexview.errors import CheckpointError
from chexview.findings import NAMES
from chexview.model import checkpoint
from chexview.model.architecture import STANDARD, Architecture, Pooling
from chexview.model.card import HEATMAP_SCALE, Card, parse, read
from chexview.model.network import CheXNet, build


def copy_of(home: Path, target: Path) -> Path:
    target.mkdir()
    for name in ("card.json", "model.safetensors"):
        (target / name).write_bytes((home / "checkpoints" / "random" / name).read_bytes())
    return target


def reweigh(folder: Path, tensors: dict[str, torch.Tensor]) -> None:
    """Saves ``tensors`` and makes the card's hash agree, so that only the tensors can be wrong."""
    save_file(tensors, folder / "model.safetensors", metadata={"findings": json.dumps(NAMES)})
    card = json.loads((folder / "card.json").read_text())
    card["weights"] = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    (folder / "card.json").write_text(json.dumps(card))


def test_a_saved_network_comes_back_in_half_precision(home: Path) -> None:
    loaded = checkpoint.load(home / "checkpoints" / "random")
    assert loaded.card.findings == NAMES
    assert not loaded.network.training
    torch.manual_seed(3)  # as the fixture did
    made = CheXNet(len(NAMES))
    for name, value in made.state_dict().items():
        if name.startswith("features.denseblock") and name.endswith("weight"):
            torch.testing.assert_close(loaded.network.state_dict()[name], value.half().float(), rtol=0, atol=0)
    assert (home / "checkpoints" / "random" / "model.safetensors").stat().st_size < 15_000_000


@pytest.mark.parametrize("change", ["missing", "strange", "shape", "nan"])
def test_tensors_that_do_not_fit_are_refused(home: Path, tmp_path: Path, change: str) -> None:
    folder = copy_of(home, tmp_path / "changed")
    tensors = load_file(folder / "model.safetensors")
    if change == "missing":
        del tensors["classifier.bias"]
    elif change == "strange":
        tensors["extra"] = torch.zeros(1)
    elif change == "shape":
        tensors["classifier.bias"] = torch.zeros(3)
    else:
        tensors["classifier.bias"][2] = torch.nan
    reweigh(folder, tensors)
    with pytest.raises(CheckpointError, match=r"nothing was loaded\.$"):
        checkpoint.load(folder)


def test_other_weights_than_the_cards_are_refused(home: Path, tmp_path: Path) -> None:
    folder = copy_of(home, tmp_path / "changed")
    data = bytearray((folder / "model.safetensors").read_bytes())
    data[-1] ^= 1
    (folder / "model.safetensors").write_bytes(bytes(data))
    with pytest.raises(CheckpointError, match="SHA-256"):
        checkpoint.load(folder)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("schema_version", 99, "schema version"),
        ("eye", "0", "network's eye"),
        ("findings", ["Mass", "Mass"], "twice"),
        ("input_size", 100, "multiple of 32"),
        ("heatmap_scales", {"Mass": 0}, "heatmap scale of Mass must be above 0"),
        ("heatmap_scales", {"Flu": 4.0}, "Flu"),
        ("default_policy", "none", "default policy"),
        ("calibration", {"Flu": {"slope": 1, "intercept": 0}}, "Flu"),
        ("calibration", {"Mass": {"slope": -1, "intercept": 0}}, "rising"),
        ("surprise", 1, "surprise"),
        ("input_size", "128", r"^card\.json: 'input_size' must be a whole number, not '128'\.$"),
        ("heatmap_scales", {"Mass": None}, r"'heatmap_scales\.Mass' must be a number, not None"),
        ("operating_points", [], "'operating_points' must be an object, not"),
        (
            "operating_points",
            {"specificity_90": {"Mass": "x"}},
            r"'operating_points\.specificity_90\.Mass' must be a number",
        ),
        ("operating_points", {"specificity_90": {"Mass": 0.1}}, "not a float32 logit"),
        ("operating_points", {"specificity_90": {"Mass": float("nan")}}, r"card\.json is not JSON"),
    ],
)
def test_cards_that_contradict_themselves_are_refused(home: Path, key: str, value: object, words: str) -> None:
    card = json.loads((home / "checkpoints" / "random" / "card.json").read_text())
    card[key] = value
    with pytest.raises(CheckpointError, match=words):
        parse(json.dumps(card))


def test_findings_in_another_order_than_the_weights_are_refused(home: Path, tmp_path: Path) -> None:
    folder = copy_of(home, tmp_path / "changed")
    card = json.loads((folder / "card.json").read_text())
    card["findings"].reverse()
    (folder / "card.json").write_text(json.dumps(card))
    with pytest.raises(CheckpointError, match="another order"):
        checkpoint.load(folder)


def test_card_survives_a_round_trip(home: Path) -> None:
    text = (home / "checkpoints" / "random" / "card.json").read_text()
    assert parse(text).to_json() == text


def test_folders_that_are_no_checkpoints(home: Path, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"card\.json"):
        checkpoint.load(tmp_path)
    folder = copy_of(home, tmp_path / "half")
    (folder / "model.safetensors").unlink()
    with pytest.raises(CheckpointError, match=r"model\.safetensors"):
        checkpoint.load(folder)
    assert list(checkpoint.find([tmp_path, tmp_path / "nowhere"])) == ["half"]


@pytest.mark.parametrize(
    "plan", [Architecture(stride=16, pooling=Pooling.ADAPTIVE), Architecture(pooling=Pooling.PCAM)]
)
def test_an_architecture_comes_back_with_its_weights(tmp_path: Path, plan: Architecture) -> None:
    network = build(2, plan)
    if network.log_sharpness is not None:
        torch.nn.init.constant_(network.log_sharpness, 0.7)
    card = Card(name="a", title="A", findings=("Mass", "Nodule"), input_size=64, weights="", architecture=plan)
    checkpoint.save(network, card, tmp_path / "a")
    loaded = checkpoint.load(tmp_path / "a")
    assert loaded.card.architecture == loaded.network.architecture == plan
    x = torch.randint(0, 256, (1, 1, 64, 64))
    torch.testing.assert_close(loaded.network(x)[0], network.eval()(x)[0], rtol=0.02, atol=0.02)


def test_a_card_of_the_first_schema_names_no_architecture(home: Path) -> None:
    old = json.loads((home / "checkpoints" / "random" / "card.json").read_text())
    del old["architecture"]
    card = parse(json.dumps({**old, "schema_version": 1}))
    assert card.architecture == STANDARD and card.schema_version == 3


def test_a_card_of_the_second_schema_has_one_heatmap_scale_for_every_finding(home: Path) -> None:
    old = json.loads((home / "checkpoints" / "random" / "card.json").read_text())
    del old["heatmap_scales"]
    card = parse(json.dumps({**old, "schema_version": 2, "heatmap_scale": 21.1}))
    assert {card.heatmap_scale(name) for name in NAMES} == {21.1}
    with pytest.raises(CheckpointError, match="heatmap scale of Atelectasis must be above 0"):
        parse(json.dumps({**old, "schema_version": 2, "heatmap_scale": 0}))


def test_a_composite_is_coloured_by_the_larger_scale_of_its_parts(home: Path) -> None:
    card = replace(read(home / "checkpoints" / "random"), heatmap_scales={"Nodule": 3.0, "Mass": 7.5})
    assert [card.heatmap_scale(name) for name in ("Nodule", "Mass", "nodule_mass")] == [3.0, 7.5, 7.5]
    assert card.heatmap_scale("Edema") == HEATMAP_SCALE


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"stride": 8}, "stride must be 16 or 32"),
        ({"pooling": "median"}, r"'median' in 'architecture\.pooling'; there are mean, adaptive, pcam"),
        ({"colour": 1}, "unknown key 'colour' in 'architecture'"),
    ],
)
def test_an_architecture_that_is_none_is_refused(home: Path, change: dict[str, object], words: str) -> None:
    card = json.loads((home / "checkpoints" / "random" / "card.json").read_text())
    card["architecture"] |= change
    with pytest.raises(CheckpointError, match=words):
        parse(json.dumps(card))
