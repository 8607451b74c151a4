"""A figure's key stands over its axes at every width, however the window came to it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest
from playwright.sync_api import Browser
from plotly.offline import get_plotlyjs

from chexview.evaluation.bands import roc_band
from chexview.evaluation.confusion import confusion
from chexview.evaluation.curves import roc_of
from chexview.evaluation.intervals import auroc_estimate
from chexview.evaluation.selection import Selection
from chexview.figures.layout import KEY, flush_left
from chexview.figures.roc import RocExtras, roc_figure
from chexview.figures.theme import LIGHT, dress

pytestmark = pytest.mark.browser

PAGE = """<div id="figure" style="height: 540px"></div><script src="plotly.js"></script>
<script>const {data, layout} = %s; Plotly.newPlot("figure", data, layout, {responsive: true});</script>"""
OVERLAP = """() => {
  const at = (part) => document.querySelector("#figure " + part).getBoundingClientRect();
  return {width: innerWidth, overlap: at(".legend .bg").bottom - at(".gridlayer").top, key: at(".legend .bg").height};
}"""


def curve() -> go.Figure:
    """A ROC curve with its band, a control and its operating point, as Evaluate has it."""
    generator = np.random.default_rng(3)
    labels = generator.random(800) < 0.3
    films = Selection.of(labels, generator.normal(size=800) + labels)
    extras = RocExtras(control=roc_of(Selection.of(labels, generator.normal(size=800))), band=roc_band(films))
    return flush_left(roc_figure(roc_of(films), auroc_estimate(films), confusion(films, 0.5), LIGHT, extras, 540))


def lines() -> go.Figure:
    """Lines with long names, on axes of another shape."""
    figure = go.Figure([{"y": [0, 1], "name": f"A line of a name that is long {k}"} for k in range(4)])
    return dress(figure, LIGHT, 540).update_layout(legend=KEY)


@pytest.mark.parametrize("build", [curve, lines])
def test_no_key_lies_over_its_axes_after_the_window_was_resized(
    build: Callable[[], go.Figure], browser: Browser, tmp_path: Path
) -> None:
    (tmp_path / "plotly.js").write_text(get_plotlyjs(), encoding="utf-8")
    (tmp_path / "page.html").write_text("<!doctype html>" + PAGE % build().to_json(), encoding="utf-8")
    page = browser.new_page(viewport={"width": 700, "height": 600})
    page.goto((tmp_path / "page.html").as_uri())
    heights = set()
    for width in (700, 340, 900, 600):
        page.set_viewport_size({"width": width, "height": 600})
        page.wait_for_function("(width) => document.querySelector('#figure')._fullLayout.width > width - 40", arg=width)
        page.wait_for_function("(width) => document.querySelector('#figure')._fullLayout.width <= width", arg=width)
        found = page.evaluate(OVERLAP)
        assert found["overlap"] <= 1, found
        heights.add(round(found["key"]))
    assert len(heights) > 1  # its rows were other ones
    page.close()
