"""Things to take away: figures as PNG, SVG, PDF or HTML, drawn for paper whatever the page's own theme is, and tables as CSV."""

from collections.abc import Callable
from functools import partial

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from chexview.exports import drawing, tables
from chexview.figures.caption import captioned
from chexview.figures.theme import LIGHT, Theme
from chexview.text.caption import FigureCaption

_KINDS: tuple[tuple[str, str, Callable[[go.Figure], bytes]], ...] = (
    ("PNG", "image/png", drawing.png),
    ("SVG", "image/svg+xml", drawing.svg),
    ("PDF", "application/pdf", drawing.pdf),
    ("HTML", "text/html", drawing.html),
)


def save_figure(
    build: Callable[[Theme], go.Figure], name: str, caption: FigureCaption, label: str = "Save the figure"
) -> None:
    """A small menu that saves a figure under its caption; it is drawn when a kind is asked for, not before.

    ``name`` names the file, without ending; it must not identify a patient.
    """
    with st.popover(label, icon=":material/download:", key=f"save-{name}"):
        for kind, mime, write in _KINDS:
            st.download_button(
                kind,
                partial(_written, write, build, caption),
                f"{name}.{kind.lower()}",
                mime,
                key=f"save-{name}-{kind}",
                on_click="ignore",
                width="stretch",
            )


def save_table(table: pd.DataFrame, name: str) -> None:
    """A button that saves a table as CSV; ``name`` names the file, without ending, and must not identify a patient."""
    st.download_button(
        "Save the table as CSV",
        partial(tables.comma_separated, table),
        f"{name}.csv",
        "text/csv",
        icon=":material/download:",
        key=f"save-{name}-CSV",
        on_click="ignore",
    )


def _written(write: Callable[[go.Figure], bytes], build: Callable[[Theme], go.Figure], caption: FigureCaption) -> bytes:
    return write(captioned(build(LIGHT), caption))
