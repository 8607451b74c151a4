"""A figure on a page: in the page's own colours, with its words, and the way to save it for paper."""

from collections.abc import Callable

import plotly.graph_objects as go
import streamlit as st

from chexview.figures.theme import CHART, Theme
from chexview.pages.download_buttons import save_figure
from chexview.text.caption import FigureCaption


def chart(
    build: Callable[[Theme], go.Figure], look: Theme, alt: str, name: str, caption: FigureCaption, wide: bool = True
) -> None:
    """Draws a figure that nothing is chosen on. ``alt`` is the figure in words; ``name`` names its file, without ending."""
    st.plotly_chart(build(look), theme=None, config=CHART, alt=alt, width="stretch" if wide else "content")
    save_figure(build, name, caption)
