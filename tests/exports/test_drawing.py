"""Plotly's figures drawn without a browser: the same numbers, the same words, and nothing left out silently."""

import io
import xml.etree.ElementTree as ElementTree

import numpy as np
import plotly.graph_objects as go
import pytest
from matplotlib.patches import Patch
from PIL import Image

from chexview.exports.drawing import draw, html, png, svg
from chexview.exports.style import UndrawableError, colour
from chexview.figures.theme import LIGHT, dress


def plain() -> go.Figure:
    figure = go.Figure()
    figure.add_scatter(
        x=[0, 0.5, 1], y=[0.2, None, 0.9], mode="lines+markers", name="one", line={"dash": "dash", "color": "#0072B2"}
    )
    figure.add_scatter(
        x=[0.25],
        y=[0.5],
        mode="markers",
        name="two",
        marker={"size": 12, "symbol": "circle-open", "color": "rgba(213,94,0,0.5)"},
        error_y={"type": "data", "symmetric": False, "array": [0.2], "arrayminus": [0.1]},
    )
    figure.add_annotation(x=0.5, y=0.5, text="<b>AUROC 0.7</b><br>7 $ films", showarrow=False)
    figure.add_vrect(x0=0.1, x1=0.2, fillcolor="rgba(0,0,0,0.1)", line_width=0)
    dress(figure, LIGHT, 300)
    figure.update_xaxes(title_text="Across", range=[-0.1, 1.1], dtick=0.5, tickformat=".0%")
    return figure


def test_what_is_drawn_is_the_data() -> None:
    drawn = draw(plain())
    (axes,) = drawn.axes
    lines = {line.get_label(): line for line in axes.get_lines()}
    np.testing.assert_array_equal(lines["one"].get_xydata(), [[0, 0.2], [0.5, np.nan], [1, 0.9]])
    np.testing.assert_array_equal(lines["two"].get_xydata(), [[0.25, 0.5]])
    assert lines["two"].get_markerfacecolor() == "none"
    bar = next(item for item in axes.collections if item.get_segments())
    np.testing.assert_allclose(bar.get_segments()[0], [[0.25, 0.4], [0.25, 0.7]])
    assert axes.get_xlim() == (-0.1, 1.1)
    assert (drawn.get_figwidth() * 96, drawn.get_figheight() * 96) == (760, 300)


def test_svg_keeps_words_as_text() -> None:
    root = ElementTree.fromstring(svg(plain()))
    words = {"".join(item.itertext()).strip() for item in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"AUROC 0.7", "7 $ films", "Across", "50%", "one", "two"} <= words


def test_the_same_figure_gives_the_same_file() -> None:
    assert svg(plain()) == svg(plain())


def test_png_has_twice_the_pixels_and_something_on_them() -> None:
    picture = Image.open(io.BytesIO(png(plain())))
    assert picture.size == (1520, 600)
    blue = np.all(np.abs(np.asarray(picture.convert("RGB")).astype(int) - (0, 0x72, 0xB2)) < 12, axis=-1)
    assert blue.sum() > 300


def test_html_needs_no_network() -> None:
    page = html(plain()).decode()
    assert "Plotly.newPlot" in page and "cdn.plot.ly/plotly" not in page.split("Plotly.newPlot")[1]
    assert "<script src" not in page and "<link" not in page


def test_a_heatmap_has_its_colours_and_words() -> None:
    figure = go.Figure(
        go.Heatmap(z=[[0, 1], [0.5, None]], x=["a", "b"], y=["c", "d"], colorscale=[[0, "#000000"], [1, "#ffffff"]])
    )
    figure.update_traces(zmin=0, zmax=1)
    (axes,) = draw(figure).axes
    cells = {tuple(np.round(patch.get_xy(), 3)): patch.get_facecolor()[0] for patch in axes.patches}
    assert {place: round(value, 2) for place, value in cells.items()} == {
        (-0.5, -0.5): 0.0,
        (0.5, -0.5): 1.0,
        (-0.5, 0.5): 0.5,
    }
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["a", "b"]


def test_bars_stand_where_they_stood() -> None:
    (axes,) = draw(go.Figure(go.Bar(x=[1, 2], y=[3, 4], width=0.5))).axes
    assert [(bar.get_x(), bar.get_height()) for bar in axes.patches] == [(0.75, 3), (1.75, 4)]
    (axes,) = draw(go.Figure(go.Bar(y=["a", "b"], x=[3, 4], orientation="h"))).axes
    assert [bar.get_width() for bar in axes.patches] == [3, 4]


@pytest.mark.parametrize(
    "figure",
    [
        go.Figure(go.Pie(values=[1, 2])),
        go.Figure(go.Scatter(x=[0], y=[0], mode="markers", marker={"symbol": "hexagram"})),
        go.Figure(go.Scatter(x=[0, 1], y=[0, 1], mode="lines", fill="tonexty")),
        go.Figure(go.Scatter(x=[0, 1], y=[0, 1], mode="lines", line={"dash": "5px 2px"})),
        go.Figure(layout={"annotations": [{"text": "x", "x": 0, "y": 0}]}),
        go.Figure(layout={"annotations": [{"text": "<sup>x</sup>", "x": 0, "y": 0, "showarrow": False}]}),
        go.Figure(layout={"xaxis": {"tickformat": "%Y"}}, data=[go.Scatter(x=[0, 1], y=[0, 1])]),
    ],
)
def test_what_cannot_be_drawn_is_an_error(figure: go.Figure) -> None:
    with pytest.raises(UndrawableError):
        png(figure)


def test_colours() -> None:
    assert colour("rgba(255,0,51,0.5)") == (1.0, 0.0, 0.2, 0.5)
    assert colour("rgb(0, 0, 0)") == (0.0, 0.0, 0.0, 1.0)
    assert colour("#123456") == "#123456" and colour(None) is None


def test_titles_of_axes_stand_on_the_page_and_an_area_has_its_key() -> None:
    figure = plain()
    figure.add_scatter(
        x=[0, 1, 1, 0],
        y=[0, 0, 1, 1],
        mode="lines",
        fill="toself",
        fillcolor="rgba(0,114,178,0.16)",
        line={"width": 0},
        name="band",
    )
    figure.update_yaxes(
        title_text="A title that stands left of ticks that are wide", tickvals=[-0.125], ticktext=["-0.12500"]
    )
    figure.update_layout(showlegend=True, margin={"l": 20, "b": 10})
    drawn = draw(figure)
    drawn.canvas.draw()
    (axes,) = drawn.axes
    for side in (axes.yaxis, axes.xaxis):
        box = side.label.get_window_extent()
        assert box.x0 >= 0 and box.y0 >= 0
    keys = dict(
        zip([text.get_text() for text in axes.get_legend().get_texts()], axes.get_legend().legend_handles, strict=True)
    )
    assert isinstance(keys["band"], Patch) and not isinstance(keys["one"], Patch)
