"""The caption over a saved figure: what it says stands in every form, whole, and over the figure."""

import io
import xml.etree.ElementTree as ElementTree

import plotly.graph_objects as go
from PIL import Image

from chexview.exports import drawing
from chexview.figures.caption import captioned
from chexview.figures.theme import LIGHT, dress
from chexview.text.caption import FigureCaption

CAPTION = FigureCaption(
    "ROC, <b>Edema</b>, flagged from 4.4 %",
    (
        "A run of $ome long title that does not fit into one line of a narrow figure, so that it is continued",
        "Test: 9 films",
    ),
)


def plain(width: int | None = None) -> go.Figure:
    figure = go.Figure()
    figure.add_scatter(x=[0, 1], y=[0, 1], name="Model with a long name that takes room")
    for k in range(5):
        figure.add_scatter(x=[0, 1], y=[1, 0], name=f"Another line of the figure, {k}")
    dress(figure, LIGHT, 300)
    figure.update_layout(width=width, legend={"orientation": "h"})
    return figure


def words(svg: bytes) -> str:
    texts = ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")
    return " ".join("".join(item.itertext()).strip() for item in texts)


def test_every_word_of_the_caption_stands_on_the_picture() -> None:
    found = words(drawing.svg(captioned(plain(400), CAPTION)))
    for line in (CAPTION.title, *CAPTION.lines):
        assert all(word in found for word in line.split())


def test_the_caption_takes_its_own_room() -> None:
    bare = Image.open(io.BytesIO(drawing.png(plain(400))))
    tall = Image.open(io.BytesIO(drawing.png(captioned(plain(400), CAPTION))))
    assert tall.width == bare.width and tall.height > bare.height + 2 * 5 * 12


def test_legend_and_caption_stay_on_the_page_and_apart() -> None:
    drawn = drawing.draw(captioned(plain(400), CAPTION))
    drawn.draw_without_rendering()
    (axes,) = drawn.axes
    legend = axes.get_legend()
    assert legend is not None
    box, page = legend.get_window_extent(), drawn.bbox
    assert page.x0 <= box.x0 and box.x1 <= page.x1 and box.y1 <= page.y1
    lowest = min(text.get_window_extent().y0 for text in drawn.texts)
    assert all(text.get_window_extent().x1 <= page.x1 for text in drawn.texts)
    assert lowest >= box.y1 - 2


def test_html_holds_it_as_text() -> None:
    page = drawing.html(captioned(plain(), CAPTION)).decode()
    assert "<b>Edema" not in page.replace("\\u003c", "<") and "Edema" in page
