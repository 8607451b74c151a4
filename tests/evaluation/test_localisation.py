"""Localisation: closed forms on planted maps, and the controls' published numbers on NIH's own boxes."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from chexview.evaluation.localisation import (
    CLASS_MAP,
    CONTROLS,
    GRID,
    MapMeasure,
    MapVerdict,
    cells_inside,
    control_scores,
    localised,
    on_grid,
    overall,
    row,
    score,
)
from chexview.geometry import Rectangle
from train.labels import boxes, read_labels

SHARED = Path(__file__).parents[3] / "shared" / "nih" / "labels.zip"


def test_the_grid_is_torchs_bilinear_interpolation() -> None:
    heatmap = np.random.default_rng(0).normal(size=(6, 7))
    wanted = torch.nn.functional.interpolate(
        torch.from_numpy(heatmap)[None, None], (GRID, GRID), mode="bilinear", align_corners=False
    )[0, 0].numpy()
    np.testing.assert_allclose(on_grid(heatmap), wanted, atol=1e-12)


def test_a_map_that_is_the_box_scores_one_and_its_opposite_nothing() -> None:
    box = Rectangle(0.25, 0.5, 0.5, 0.75)
    heatmap = cells_inside(box).astype(float)
    found = score(heatmap, box)
    assert (found.pointing, found.centre, found.inside, found.iou, found.iobb) == (1, 1, 1, 1, 1)
    other = score(1 - heatmap, box)
    assert (other.pointing, other.inside) == (0, 0)
    nothing = score(-heatmap, box)
    assert (nothing.pointing, nothing.centre, nothing.inside, nothing.iou, nothing.iobb) == (0, 0, 0, 0, 0)


def test_half_in_half_out_in_closed_form() -> None:
    """A square region of which the box covers the left half, beside a smaller second region and a faint slope."""
    heatmap = np.full((GRID, GRID), 0.1)
    heatmap[64:128, 64:128] = 1.0
    heatmap[200:210, 200:210] = 0.9
    box = Rectangle(64 / GRID, 64 / GRID, 96 / GRID, 128 / GRID)
    found = score(heatmap, box)
    assert found.pointing == 0.5 and found.iou == pytest.approx(0.5) and found.iobb == pytest.approx(0.5)
    assert found.inside == pytest.approx(64 * 32 / heatmap.sum())
    assert found.centre == 1.0 or found.centre == 0.0


def test_the_region_of_two_parts_is_the_larger_and_iobb_is_of_its_bounding_box() -> None:
    heatmap = np.zeros((GRID, GRID))
    heatmap[10:20, 10:60] = 0.6
    heatmap[10:60, 10:20] = 0.6
    heatmap[200:205, 200:205] = 1.0
    corner = Rectangle(0.0, 0.0, 60 / GRID, 60 / GRID)
    found = score(heatmap, corner)
    assert found.iobb == 1.0 and found.iou == pytest.approx(900 / 3600) and found.pointing == 0


def test_a_box_smaller_than_a_cell_has_one() -> None:
    assert cells_inside(Rectangle(0.5001, 0.5001, 0.5002, 0.5002)).sum() == 1
    assert cells_inside(Rectangle(0.0, 0.0, 1.0, 1.0)).all()


def test_a_random_point_hits_by_area_and_other_boxes_leave_the_patients_own_out() -> None:
    table = pd.DataFrame(
        {
            "image": ["a", "b", "c"],
            "patient": ["1", "1", "2"],
            "finding": "Mass",
            "left": [0.0, 0.0, 0.5],
            "top": [0.0, 0.0, 0.5],
            "right": [0.5, 0.5, 1.0],
            "bottom": [0.5, 0.5, 1.0],
        }
    )
    found = control_scores(table).set_index(["image", "method"])
    assert found.loc[("a", CONTROLS[0]), "pointing"] == 0.25 and found.loc[("a", CONTROLS[0]), "inside"] == 0.25
    assert found.loc[("a", CONTROLS[2]), "pointing"] == 0  # only patient 2's box is left, which lies elsewhere
    assert found.loc[("c", CONTROLS[2]), "pointing"] == 0
    alone = control_scores(table.iloc[:2]).set_index(["image", "method"])
    assert alone.loc[("a", CONTROLS[2]), "pointing"] == 0  # no other patient: nothing to know
    twins = control_scores(table.assign(patient=["1", "2", "3"])).set_index(["image", "method"])
    assert twins.loc[("a", CONTROLS[2]), "iou"] == pytest.approx(1.0)


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="the shared data are not here")
def test_controls_on_nihs_boxes_reach_what_was_measured() -> None:
    """Area, hits of the film's centre, and the prior's hits, mass and IoU, computed elsewhere on the pixels of 1024."""
    table, lost = boxes(read_labels(SHARED))
    assert len(table) == 984 and lost == 0
    table["patient"] = table["image"].str[:8]
    found = control_scores(table).groupby(["finding", "method"])[["pointing", "inside", "iou"]].mean()
    wanted = {
        "Atelectasis": (0.032, 0.07, 0.20, 0.10, 0.12),
        "Cardiomegaly": (0.176, 0.97, 0.99, 0.68, 0.64),
        "Effusion": (0.069, 0.03, 0.35, 0.16, 0.18),
        "Infiltration": (0.097, 0.24, 0.46, 0.24, 0.22),
        "Mass": (0.042, 0.11, 0.32, 0.12, 0.10),
        "Nodule": (0.005, 0.00, 0.00, 0.02, 0.02),
        "Pneumonia": (0.094, 0.14, 0.41, 0.23, 0.23),
        "Pneumothorax": (0.052, 0.01, 0.30, 0.14, 0.15),
    }
    for finding, (area, centre, hits, mass, iou) in wanted.items():
        assert found.loc[(finding, CONTROLS[0]), "pointing"] == pytest.approx(area, abs=0.003)
        assert found.loc[(finding, CONTROLS[1]), "pointing"] == pytest.approx(centre, abs=0.02)
        prior = found.loc[(finding, CONTROLS[2])]
        assert prior["pointing"] == pytest.approx(hits, abs=0.04)
        assert prior["inside"] == pytest.approx(mass, abs=0.02) and prior["iou"] == pytest.approx(iou, abs=0.04)


def planted(better: float, patients: int = 60) -> pd.DataFrame:
    """Two boxes a patient; the class map's values stand above the controls' by ``better``."""
    generator = np.random.default_rng(4)
    rows = []
    for k in range(2 * patients):
        base = generator.uniform(0.1, 0.4)
        place = {"image": f"{k}.png", "patient": str(k // 2), "finding": "Mass", "left": 0.1, "top": 0.1}
        values = {name: base + generator.normal(0, 0.02) for name in CONTROLS}
        values[CLASS_MAP] = base + better + generator.normal(0, 0.05)
        rows += [{**place, "method": name, **dict.fromkeys(MapMeasure, value)} for name, value in values.items()]
    return pd.DataFrame(rows)


@pytest.mark.parametrize(
    ("better", "verdict"), [(0.2, MapVerdict.BEATS), (0.0, MapVerdict.OPEN), (-0.2, MapVerdict.LOSES)]
)
def test_the_verdict_follows_the_planted_difference(better: float, verdict: MapVerdict) -> None:
    (found,) = localised(planted(better), MapMeasure.INSIDE)
    assert found.verdict is verdict and found.boxes == 120 and found.patients == 60
    assert found.difference == pytest.approx(found.scores[CLASS_MAP].value - found.scores[found.best_control].value)  # type: ignore[operator]
    assert found.best_control == max(CONTROLS, key=lambda name: found.scores[name].value or 0)
    assert overall(planted(better), MapMeasure.IOU).verdict is verdict


def test_levels_count_boxes_and_few_patients_have_no_interval() -> None:
    table = planted(0.2)
    (found,) = localised(table, MapMeasure.IOU, level=0.5)
    share = (table[table["method"] == CLASS_MAP]["iou"] >= 0.5).mean()
    assert found.scores[CLASS_MAP].value == pytest.approx(share)
    few = localised(table[table["patient"].isin(["0", "1", "2"])], MapMeasure.IOU)[0]
    assert few.verdict is MapVerdict.FEW and few.low is None and few.scores[CLASS_MAP].low is None
    assert localised(table, MapMeasure.IOU, findings=["Hernia"]) == ()


def test_two_findings_drawn_at_one_place_count_twice() -> None:
    place = {"image": "a", "patient": "1", "left": 0.25, "top": 0.25, "right": 0.5, "bottom": 0.5}
    boxes = pd.DataFrame([{**place, "finding": name} for name in ("Mass", "Nodule")])
    hit = score(cells_inside(Rectangle(0.25, 0.25, 0.5, 0.5)).astype(float), Rectangle(0.25, 0.25, 0.5, 0.5))
    rows = [row(boxes.iloc[k], CLASS_MAP, hit) for k in range(2)]
    table = pd.concat([pd.DataFrame(rows), control_scores(boxes)], ignore_index=True)
    found = overall(table, MapMeasure.POINTING)
    assert found.boxes == 2 and found.patients == 1 and found.scores[CLASS_MAP].value == 1.0
