"""Judging candidates: a network that sees the planted disc is told from one that does not, on validation films alone."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from chexview.errors import DataError
from chexview.findings import NAMES
from chexview.model.card import Card
from chexview.model.network import CheXNet, Shape
from train import index, judge
from train.regions import RegionTable

DISC = " ".join(f"{0.5 + 0.18 * np.cos(a):.3f} {0.56 + 0.18 * np.sin(a):.3f}" for a in np.linspace(0, 2 * np.pi, 24))


class Bright(CheXNet):
    """A network whose every finding is the brightness of a cell over 150 grey levels."""

    def __init__(self, sign: float) -> None:
        super().__init__(14, shape=Shape(4, (1, 1, 1, 1), 8))
        with torch.no_grad():
            self.classifier.weight.zero_()
            self.classifier.weight[:, 0] = sign
            self.classifier.bias.zero_()

    def embed(self, x: torch.Tensor) -> torch.Tensor:
        bright = torch.nn.functional.avg_pool2d(x.float(), 32) / 50 - 3
        rest = torch.zeros(len(x), self.classifier.in_features - 1, *bright.shape[2:])
        return torch.cat([bright, rest], dim=1)


@pytest.mark.parametrize(("sign", "area", "peak"), [(1.0, 1.0, 1.0), (-1.0, 0.0, 0.0)])
def test_it_reads_validation_films_only(
    indexed: Path, monkeypatch: pytest.MonkeyPatch, sign: float, area: float, peak: float
) -> None:
    card = Card(name="b", title="B", findings=NAMES, input_size=96, weights="")
    monkeypatch.setattr(judge, "open_any", lambda folder: (card, Bright(sign).eval()))
    table = index.load(indexed)
    ill = table[table["label__Cardiomegaly"] == 1]["image"]
    regions = pd.DataFrame({"image": ill, "finding": "Cardiomegaly", "polygon": DISC})
    found = judge.judge(table, indexed, Path("unused"), RegionTable(regions, frozenset(table["image"])))
    heart = found.findings.loc["Cardiomegaly"]
    held = table[table["split"] == "validation"]
    assert heart["films"] == held["label__Cardiomegaly"].sum() > 0
    assert heart["nih"] == heart["expert"] == pytest.approx(area) and heart["peak"] == found.peak == peak
    assert heart["point"] == found.point == 1.0, "the disc is always at the same place"
    assert "peak" in found.lines()[0]


def test_an_index_without_regions_cannot_judge(indexed: Path) -> None:
    with pytest.raises(DataError, match="no regions"):
        judge.judge(index.load(indexed), indexed, Path("unused"), None)
