"""The few real films that ship: NIH's own layout, whole, with every finding on both sides."""

from pathlib import Path

import pytest
import torch

from chexview.findings import NAMES
from chexview.model import checkpoint
from chexview.model.architecture import Architecture, Pooling
from train import cache, index
from train.__main__ import main

NIH = Path(__file__).parents[1] / "data" / "nih"


def test_they_index_as_nihs_own_and_can_be_seen(tmp_path: Path) -> None:
    table, boxes, report = index.build([NIH / "images"], NIH / "labels", share=0.3)
    assert report.films == 124 and report.without_label == [] and report.without_picture == 0
    counts = {split: found["films"] for split, found in report.splits.items()}
    assert counts["test"] == 60 and counts["train"] + counts["validation"] == 64
    for side in ({"test"}, {"train", "validation"}):
        part = table[table["split"].isin(side)]
        assert all(part[f"label__{name}"].sum() >= 2 for name in NAMES)
    assert len(boxes) == report.boxes == 17
    assert (table.set_index("image").loc[boxes["image"], "split"] == "test").all()
    assert boxes["right"].between(boxes["left"], 1).all() and "Infiltration" in set(boxes["finding"])
    made = cache.build(table.head(6), tmp_path, 64, workers=1)
    assert made.readable.all() and made.films.std(axis=(1, 2)).min() > 20


def test_the_rehearsal_learns_from_regions_and_a_second_table(tmp_path: Path) -> None:
    """train/README's own commands, but for validate: index, fit and the exported network."""
    own = [str(NIH / "regions" / name) for name in ("regions.csv", "radiologists.csv")]
    sources = ["--images", str(NIH / "images"), "--labels", str(NIH / "labels"), "--validation", "0.3"]
    extra = ["--regions", own[0], "--also-labels", f"radiologists={own[1]}"]
    assert main(["index", *sources, *extra, "--out", str(tmp_path / "index")]) == 0
    regions = index.load_regions(tmp_path / "index")
    assert regions is not None and len(regions.films) == 24 and len(regions.regions) == 81
    call = ["--threads", "1", "fit", "--recipe", "rehearsal", "--index", str(tmp_path / "index")]
    assert main([*call, "--out", str(tmp_path / "fit")]) == 0
    made = checkpoint.load(tmp_path / "fit" / "checkpoint")
    assert made.card.architecture == Architecture(stride=16, pooling=Pooling.ADAPTIVE)
    logits, maps = made.network(torch.randint(0, 256, (1, 1, 96, 96)))
    assert maps.shape == (1, 14, 6, 6)
    whole = made.network.contributions(maps).sum((-2, -1)) + made.network.classifier.bias
    torch.testing.assert_close(whole, logits, atol=1e-4, rtol=0)


def test_they_stay_small() -> None:
    assert sum(path.stat().st_size for path in NIH.rglob("*") if path.is_file()) < 700_000
    assert (NIH / "ATTRIBUTION.md").read_text().count("NIH Clinical Center") == 1


@pytest.mark.parametrize("name", ["train_val_list.txt", "test_list.txt"])
def test_no_film_is_on_both_sides(name: str) -> None:
    lists = {path.name: set(path.read_text().split()) for path in (NIH / "labels").glob("*_list.txt")}
    other = next(films for key, films in lists.items() if key != name)
    assert not {film[:8] for film in lists[name]} & {film[:8] for film in other}
