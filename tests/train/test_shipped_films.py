"""The few real films that ship: NIH's own layout, whole, with every finding on both sides."""

from pathlib import Path

import pytest

from chexview.findings import NAMES
from train import cache, index

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


def test_they_stay_small() -> None:
    assert sum(path.stat().st_size for path in NIH.rglob("*") if path.is_file()) < 700_000
    assert (NIH / "ATTRIBUTION.md").read_text().count("NIH Clinical Center") == 1


@pytest.mark.parametrize("name", ["train_val_list.txt", "test_list.txt"])
def test_no_film_is_on_both_sides(name: str) -> None:
    lists = {path.name: set(path.read_text().split()) for path in (NIH / "labels").glob("*_list.txt")}
    other = next(films for key, films in lists.items() if key != name)
    assert not {film[:8] for film in lists[name]} & {film[:8] for film in other}
