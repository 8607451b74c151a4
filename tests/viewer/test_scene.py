"""What the browser is told: plain JSON, sums that hold, letters only from the header."""

import base64
import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from chexview.films.radiograph import Plane, Radiograph, Spacing, View, VoiTable, Window
from chexview.geometry import Rectangle
from chexview.model.reading import FindingScore, Reading
from chexview.viewer.heatmap import FLOOR, paint
from chexview.viewer.scene import (
    Box,
    Edges,
    PaneLayout,
    Scene,
    cell_words,
    edges_of,
    heat_of,
    pane_of,
    radiologists_box,
)


def film(**changes: object) -> Radiograph:
    pixels = np.arange(600, dtype=np.uint16).reshape(30, 20)
    table = VoiTable("table", -5.0, np.array([0, 300, 65535], np.uint16), 16)
    made = Radiograph(pixels, 0.5, -10.0, (Window("own", 40.0, 400.0), table), "a" * 64)
    return replace(made, **changes)  # type: ignore[arg-type]


def reading(where: Rectangle | None = None, calibrated: bool = True) -> Reading:
    shares = np.random.default_rng(0).normal(0, 0.1, (2, 6, 6)).astype(np.float32)
    scores = []
    for name, share in zip(("Mass", "Pleural_Thickening"), shares, strict=True):
        total = float(share.astype(np.float64).sum()) - 2.0
        scores.append(FindingScore(name, total, total, 0.5, calibrated, None, False, -2.0))
    place = where or Rectangle(0.0, 0.0, 1.0, 1.0)
    picture = np.zeros((192, 192), np.uint8)
    return Reading("c", "d", "a" * 64, "", tuple(scores), shares * 36, shares, picture, place, (), 0.0, "cpu")


def plain(value: Any) -> bool:
    """Whether a value is made of JSON's own types alone; numpy's scalars are subclasses of some of them."""
    if isinstance(value, dict):
        return all(type(key) is str and plain(item) for key, item in value.items())
    if isinstance(value, list):
        return all(plain(item) for item in value)
    return value is None or type(value) in (str, int, float, bool)


def test_a_scene_is_plain_json() -> None:
    box = Box("nodule", Rectangle.of_size(0.1, 0.2, 0.3, 0.4))
    spacing = Spacing(0.2, 0.1, Plane.PATIENT, "somewhere")
    pane = pane_of(film(spacing=spacing, pixel_aspect=2.0), reading(), pixels="film/x", boxes=[box], title="t")
    data = Scene((pane,), chosen="Mass", layout=PaneLayout.BESIDE).as_data()
    assert plain(data)
    json.dumps(data, allow_nan=False)
    (shown,) = data["panes"]
    assert (shown["display_rows"], shown["display_columns"], shown["aspect"]) == (60, 20, 2.0)
    assert shown["spacing"] == {"row_mm": 0.2, "column_mm": 0.1, "words": "patient plane"}
    assert shown["id"] == "a" * 64
    assert data["layout"] == "beside"
    own, table, *presets = shown["views"]
    assert own == {"name": "own", "centre": 40.0, "width": 400.0, "function": "LINEAR"}
    assert np.frombuffer(base64.b64decode(table["values"]), "<u2").tolist() == [0, 300, 65535]
    assert (table["first"], table["bits"]) == (-5.0, 16)
    assert [view["name"] for view in presets] == ["automatic", "lungs", "mediastinum", "bone"]


def test_contributions_and_base_make_the_total_whatever_the_grid() -> None:
    """Softmax-weighted maps on a 20 x 20 grid: what is coloured and what adds up are two things."""
    rng = np.random.default_rng(1)
    maps = rng.normal(0, 2, (2, 20, 20)).astype(np.float32)
    weights = np.exp(maps) / np.exp(maps).sum((-2, -1), keepdims=True)
    whole = reading()
    totals = [-2.0 + float((1.5 * weights[k] * maps[k]).sum(dtype=np.float64)) for k in range(2)]
    scores = tuple(
        replace(score, log_odds=total, logit=total / 1.5, slope=1.5, base=-2.0)
        for score, total in zip(whole.findings, totals, strict=True)
    )
    pooled = replace(whole, findings=scores, maps=maps, cell_contributions=(1.5 * weights * maps).astype(np.float32))
    shown = heat_of(film(), pooled)
    assert (shown.rows, shown.columns) == (20, 20)
    for finding in shown.findings:
        k = [score.name for score in scores].index(finding.name)
        np.testing.assert_allclose(finding.maps, 1.5 * maps[k], rtol=1e-6)
        assert -2.0 + float(finding.contributions.sum(dtype=np.float64)) == pytest.approx(totals[k], abs=1e-4)
        assert finding.total == f"{totals[k]:.2f}".replace("-", "\N{MINUS SIGN}")
        assert finding.unit == "log-odds"


def test_maps_come_to_the_browser_exactly() -> None:
    data = Scene((pane_of(film(), reading(), pixels="film/x"),)).as_data()["panes"][0]["heat"]
    for finding in data["findings"]:
        k = reading().index(finding["name"])
        for part, wanted in (("maps", reading().maps), ("contributions", reading().cell_contributions)):
            values = np.frombuffer(base64.b64decode(finding[part]), "<f4").reshape(6, 6)
            np.testing.assert_array_equal(values, wanted[k])


def test_findings_come_in_the_order_of_the_list() -> None:
    whole = reading()
    scores = tuple(
        replace(score, logit=logit, threshold=0.0) for score, logit in zip(whole.findings, (-1.0, 2.0), strict=True)
    )
    shown = heat_of(film(), replace(whole, findings=scores))
    assert [finding.title for finding in shown.findings] == ["Pleural thickening", "Mass"]


def test_an_uncalibrated_finding_is_a_score() -> None:
    (first, *_) = heat_of(film(), reading(calibrated=False)).findings
    assert first.unit == "network output"
    assert first.score == "score 0.50"


def test_a_box_says_whose_it_is() -> None:
    place = Rectangle(0.1, 0.2, 0.4, 0.6)
    boxes = [radiologists_box("Pleural_Thickening", place), Box("Mass", place)]
    data = Scene((pane_of(film(), None, pixels="film/x", boxes=boxes),)).as_data()["panes"][0]["boxes"]
    assert [box["label"] for box in data] == ["Radiologist: pleural thickening", "Mass"]
    assert data[0] == {
        "label": "Radiologist: pleural thickening",
        "by_model": False,
        "left": 0.1,
        "top": 0.2,
        "width": pytest.approx(0.3),
        "height": pytest.approx(0.4),
    }


def test_colours_are_those_of_the_overlay() -> None:
    data = heat_of(film(), reading())
    colours = np.frombuffer(base64.b64decode(data.colours), np.uint8).reshape(256, 4)
    np.testing.assert_array_equal(colours[[0, 200, 255]], paint(np.array([-3, 3 * (200 / 127.5 - 1), 3]), 3.0))
    assert data.floor == FLOOR
    assert colours[128, 3] == 0


def test_a_film_without_reading_has_no_heat() -> None:
    pane = pane_of(film(), None, pixels="film/x")
    assert pane.heat is None
    assert plain(Scene((pane,)).as_data())


def test_padding_needs_its_mask() -> None:
    mask = np.zeros((30, 20), np.bool_)
    with pytest.raises(ValueError, match="mask"):
        pane_of(film(padding=mask), None, pixels="film/x")
    assert pane_of(film(padding=mask), None, pixels="film/x", mask="film/y").mask == "film/y"


@pytest.mark.parametrize(
    ("said", "view", "edges"),
    [
        ("L\\F", View.PA, Edges("R", "L", "H", "F")),
        ("R\\H", View.AP, Edges("R", "L", "H", "F")),
        ("F\\L", View.UNKNOWN, Edges("R", "L", "H", "F")),
        ("A\\F", View.LATERAL, Edges("P", "A", "H", "F")),
        ("L\\F", View.LATERAL, Edges("R", "L", "H", "F")),
        ("R\\F", View.LATERAL, Edges("L", "R", "H", "F")),
        ("LF\\FR", View.PA, Edges("R", "L", "H", "F")),
        ("L", View.PA, Edges()),
        ("X\\Y", View.PA, Edges()),
    ],
)
def test_letters_come_from_the_header(said: str, view: View, edges: Edges) -> None:
    """Frontal films were turned when they were read, so that the patient's left is on the right."""
    assert edges_of(film(header=(("Patient Orientation", said),), view=view)) == edges


def test_views_of_one_name_are_told_apart() -> None:
    views = (Window("NORMAL", 1, 2), Window("NORMAL", 3, 4), Window("lungs", 5, 6), Window("NORMAL", 7, 8))
    data = pane_of(film(views=views), None, pixels="film/x").views
    assert [view.name for view in data[:5]] == ["NORMAL", "NORMAL 2", "lungs", "NORMAL 3", "automatic"]
    assert data[5].name == "lungs 2"


def test_without_a_header_there_are_no_letters() -> None:
    assert edges_of(film()) == Edges()


def test_cells_are_measured_on_the_film() -> None:
    spacing = Spacing(1.0, 1.5, Plane.DETECTOR, "")
    whole = Rectangle(0.0, 0.0, 1.0, 1.0)
    assert cell_words(film(spacing=spacing), whole, 6, 6) == "6 x 6 map, 1 cell = 5 mm"
    assert cell_words(film(), whole, 6, 6) == "6 x 6 map, 1 cell = 17 % of the width"
    padded = Rectangle(left=0.25, top=0.0, right=0.75, bottom=1.0)
    assert cell_words(film(), padded, 6, 6) == "6 x 6 map, 1 cell = 33 % of the width, 17 % of the height"


def test_a_box_that_the_reader_drew_says_so() -> None:
    place = Rectangle(0, 0, 1, 1)
    assert Box("Mass", place).words == "Mass"
    assert Box("Mass", place, by_model=False).words == "Radiologist: mass"
    assert Box("You: mass", place, by_model=False, by_reader=True).words == "You: mass"
