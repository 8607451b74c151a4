"""Maps of boxed films: a network that looks at a square finds it, and controls stand beside it."""

import numpy as np
import pandas as pd
import pytest
import torch

from chexview.evaluation.localisation import CLASS_MAP, CONTROLS, MapMeasure
from chexview.model.network import CheXNet, Shape
from train.localise import GRAD_CAM, boxed, localise

SIZE = 128


class Bright(CheXNet):
    """A network whose feature is the brightness of a cell, and whose first finding is that feature."""

    def __init__(self) -> None:
        super().__init__(2, shape=Shape(4, (1, 1, 1, 1), 8))
        width = self.classifier.in_features
        with torch.no_grad():
            self.classifier.weight.zero_()
            self.classifier.weight[0, 0] = 1.0
            self.classifier.weight[1, 1] = 1.0
        self.width = width

    def embed(self, x: torch.Tensor) -> torch.Tensor:
        bright = torch.nn.functional.avg_pool2d(x.float() / 255, 32)
        return self.relu(torch.cat([bright, 1 - bright, torch.zeros(len(x), self.width - 2, *bright.shape[2:])], dim=1))


def films() -> tuple[np.ndarray, pd.DataFrame, pd.DataFrame]:
    """Six films, each bright in one cell of four by four; the box is that cell."""
    pictures = np.zeros((6, SIZE, SIZE), np.uint8)
    rows = []
    for k in range(6):
        y, x = divmod(k * 5 % 16, 4)
        pictures[k, 32 * y : 32 * y + 32, 32 * x : 32 * x + 32] = 250
        rows.append(
            {
                "image": f"{k}.png",
                "finding": "Mass",
                "left": x / 4,
                "top": y / 4,
                "right": x / 4 + 0.25,
                "bottom": y / 4 + 0.25,
            }
        )
    table = pd.DataFrame(
        {"image": [f"{k}.png" for k in range(6)], "patient": [str(k) for k in range(6)], "row": range(6)}
    )
    return pictures, table, pd.DataFrame(rows)


def test_a_bright_square_is_found_and_its_opposite_is_not() -> None:
    pictures, table, boxes = films()
    network = Bright()
    found = localise(network, torch.device("cpu"), pictures, boxed(table, boxes, ("Mass", "Nodule")))
    assert found is not None and set(found["method"]) == {CLASS_MAP, *GRAD_CAM, *CONTROLS} and len(found) == 6 * 6
    means = found.groupby("method")[list(MapMeasure)].mean()
    assert (
        means.loc[CLASS_MAP, "pointing"] == 1
        and means.loc[CLASS_MAP, "centre"] == 1
        and means.loc[CLASS_MAP, "iou"] > 0.6
    )
    assert means.loc["GradCAM++", "pointing"] == 1
    assert means.loc[CONTROLS[0], "pointing"] == pytest.approx(1 / 16)
    assert not network.relu._forward_hooks and all(p.grad is None for p in network.parameters())
    dark = localise(network, torch.device("cpu"), pictures, boxed(table, boxes, ("Nodule", "Mass")))
    assert dark is not None and dark[dark["method"] == CLASS_MAP]["pointing"].max() == 0


def test_boxes_of_parts_count_for_their_composite_and_others_are_left_out() -> None:
    _, table, boxes = films()
    regions = boxed(table, pd.concat([boxes, boxes.assign(finding="Nodule", image="9.png")]), ("nodule_mass",))
    assert set(regions["finding"]) == {"nodule_mass"} and len(regions) == 6 and (regions["output"] == 0).all()
    both = boxed(table, boxes, ("Mass", "nodule_mass"))
    assert both.groupby("image")["output"].agg(list).iloc[0] == [0, 1]
    assert (
        localise(Bright(), torch.device("cpu"), np.zeros((1, SIZE, SIZE), np.uint8), boxed(table, boxes, ("Hernia",)))
        is None
    )
