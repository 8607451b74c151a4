"""Things to take away: figures as PNG, SVG, PDF or HTML, drawn for paper whatever the page's own theme is, and tables as CSV."""

from collections.abc import Callable
from functools import partial

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from chexview.exports import tables
from chexview.figures.caption import captioned
from chexview.figures.theme import LIGHT, Theme
from chexview.text.caption import FigureCaption

_KINDS = {"PNG": "image/png", "SVG": "image/svg+xml", "PDF": "application/pdf", "HTML": "text/html"}


def save_figure(
    build: Callable[[Theme], go.Figure], name: str, caption: FigureCaption, label: str = "Save the figure"
) -> None:
    """A small menu that saves a figure under its caption; it is drawn when a format is chosen, not before.

    ``name`` names the file, without ending; it must not identify a patient.
    """
    with st.popover(label, icon=":material/download:", key=f"save-{name}"):
        for kind, mime in _KINDS.items():
            st.download_button(
                kind,
                partial(_written, kind, build, caption),
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


def _written(kind: str, build: Callable[[Theme], go.Figure], caption: FigureCaption) -> bytes:
    from chexview.exports import drawing  # brings matplotlib, which the first page does not wait for

    writers: dict[str, Callable[[go.Figure], bytes]] = {
        "PNG": drawing.png,
        "SVG": drawing.svg,
        "PDF": drawing.pdf,
        "HTML": drawing.html,
    }
    return writers[kind](captioned(build(LIGHT), caption))
