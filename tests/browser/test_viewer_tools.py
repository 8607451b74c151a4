"""What a reader does with the film viewer beyond looking: measuring, covering, saving, full screen; and by which means."""

import csv
import io
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from chexview.findings import title
from chexview.text.reading import chance, ordered
from tests.browser.accessibility import axe, violations
from tests.browser.open_viewer import HOST, OpenViewer
from tests.browser.serving import PATIENCE
from tests.browser.viewer_films import readings

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_axe_finds_nothing_in_the_viewer(viewer: OpenViewer, scheme: Literal["dark", "light"]) -> None:
    """With a heatmap, boxes, a measurement half made, the list of keys, and two films."""
    axe()
    viewer.page.emulate_media(color_scheme=scheme)
    viewer.open(films="chest,padded", layout="pair", box="1", regions="1")
    viewer.wait(1)
    host = "[data-testid=stBidiComponentIsolated]"
    viewer.press("t") if not viewer.state()["preferences"]["heat"] else None
    viewer.press("c", "Enter", "ArrowLeft", "Enter")
    expect(viewer.page.locator(".viewer .prompt")).to_contain_text("across to")
    assert violations(viewer.page, host) == []
    viewer.press("?")
    assert violations(viewer.page, host) == []
    nameless = "host.shadowRoot.querySelector('.viewer').append(document.createElement('button'))"
    viewer.page.locator(host).first.evaluate(f"host => {nameless}")
    (planted,) = violations(viewer.page, host)
    assert planted.startswith("button-name")


def test_a_ratio_stroke_that_goes_down_is_refused_on_the_film(viewer: OpenViewer) -> None:
    viewer.open()
    viewer.press("c")
    prompt = viewer.page.locator(".viewer .prompt")
    expect(prompt).to_have_text("Ratio, 1 of 3: start on the midline of the spine")
    viewer.page.mouse.click(*viewer.at(1250, 1500))
    viewer.page.mouse.click(*viewer.at(1260, 2300))
    expect(prompt).to_contain_text("goes down rather than across")
    viewer.drag(viewer.at(1250, 1500), viewer.at(1255, 2300))
    expect(prompt).to_contain_text("goes down rather than across")
    viewer.page.mouse.click(*viewer.at(800, 1560))
    expect(prompt).to_contain_text("Ratio, 2 of 3")
    stage, said = viewer.page.locator(".viewer .stage").bounding_box(), prompt.bounding_box()
    assert stage is not None and said is not None
    assert stage["y"] < said["y"] < said["y"] + said["height"] < stage["y"] + stage["height"]


def test_a_regions_answer_stands_beside_it_and_never_grows_old(viewer: OpenViewer) -> None:
    viewer.open(regions="1")
    viewer.press("e")
    viewer.drag(viewer.at(800, 800), viewer.at(1400, 1600))
    assert answered(viewer) == "24 % of the film away"
    corner = viewer.at(1400, 1600)
    viewer.page.mouse.move(*corner)
    viewer.page.mouse.down()
    viewer.page.mouse.move(corner[0] + 40, corner[1] + 40, steps=4)
    (moving,) = viewer.state()["results"]
    assert moving["words"] == "Reading without this region \N{HORIZONTAL ELLIPSIS}"
    viewer.page.mouse.up()
    assert answered(viewer) not in ("24 % of the film away", "")
    viewer.press("Delete")
    expect(viewer.page.get_by_text("region: None")).to_be_visible()
    viewer.press("Control+z")
    assert answered(viewer) not in ("24 % of the film away", "")


def answered(viewer: OpenViewer) -> str:
    """What stands beside the region, once its answer is there."""
    viewer.page.wait_for_function(
        f"() => {HOST}?.state(0).results.some(({{ words }}) => words.includes(' without this: '))", timeout=PATIENCE
    )
    (region,) = viewer.state()["results"]
    return str(region["words"].split(" without this: ")[1])


def test_what_is_shown_can_be_saved_with_its_legend(viewer: OpenViewer) -> None:
    viewer.open()
    viewer.press("t") if not viewer.state()["preferences"]["heat"] else None
    expect(viewer.page.locator("button[data-name=table]")).to_be_hidden()
    viewer.press("l")
    viewer.drag(viewer.at(600, 1000), viewer.at(1800, 1500))
    with viewer.page.expect_download() as saving:
        viewer.page.locator("button[data-name=save]").click()
    assert saving.value.suggested_filename == "chexview-film.png"
    picture = np.asarray(Image.open(saving.value.path()).convert("RGB")).astype(int)
    film = viewer.grey()
    rows, columns = film.shape
    assert picture.shape[1] == columns and rows + 40 < picture.shape[0] < rows + 200
    bare = (np.abs(picture[:rows] - film[..., None]).max(axis=-1) <= 1).mean()
    assert 0.2 < bare < 0.999
    foot = picture[rows:]
    assert (foot[..., 0] - foot[..., 2]).max() > 60 and (foot[..., 2] - foot[..., 0]).max() > 60
    with viewer.page.expect_download() as saving:
        viewer.page.locator("button[data-name=table]").click()
    assert saving.value.suggested_filename == "chexview-measurements.csv"
    (line,) = csv.DictReader(io.StringIO(Path(saving.value.path()).read_text("utf-8")))
    assert (line["film"], line["measurement"], line["unit"], line["plane"]) == (
        "The film called chest",
        "length",
        "mm",
        "detector plane",
    )
    assert float(line["value"]) == pytest.approx(1300 * 0.14, rel=0.01)


def test_full_screen_keeps_the_findings(viewer: OpenViewer) -> None:
    viewer.open()
    panel = viewer.page.locator(".viewer aside")
    expect(panel).to_be_hidden()
    viewer.press("x")
    expect(panel).to_be_visible()
    ranked = ordered(readings()["chest"])
    expect(panel.locator("button")).to_have_count(len(ranked))
    for row, score in zip(panel.locator("button").all(), ranked, strict=True):
        assert row.inner_text().split("\n")[-2:] == [title(score.name), chance(score)]
    panel.locator("button").nth(5).click()
    assert viewer.state()["finding"] == ranked[5].name
