"""Things to take away: figures as PNG, SVG or HTML, drawn for paper whatever the page's own theme is, and a run on one page."""

from collections.abc import Callable, Sequence
from functools import partial

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from chexview.evaluation.confusion import confusion
from chexview.evaluation.curves import roc
from chexview.evaluation.operating import Policy
from chexview.evaluation.performance import MeanAuroc
from chexview.evaluation.run import ValidationRun
from chexview.evaluation.run_schema import FilmList
from chexview.evaluation.summary import FindingSummary
from chexview.exports import drawing, sheet, tables
from chexview.exports.records import NOTICE
from chexview.figures.areas import mean_words
from chexview.figures.roc import small_roc_points
from chexview.figures.theme import LIGHT, Theme
from chexview.findings import title
from chexview.text.evaluation import INTERVALS
from chexview.text.run import about

_KINDS: tuple[tuple[str, str, Callable[[go.Figure], bytes]], ...] = (
    ("PNG", "image/png", drawing.png),
    ("SVG", "image/svg+xml", drawing.svg),
    ("HTML", "text/html", drawing.html),
)
_COLUMNS = (
    sheet.Column("Finding", 0.125),
    sheet.Column("AUROC", 0.15),
    sheet.Column("With it", 0.135),
    sheet.Column("Sensitivity", 0.11),
    sheet.Column("Specificity", 0.11),
    *(sheet.Column(cell, 0.04, number=True) for cell in ("TP", "FN", "FP", "TN")),
)


def save_figure(build: Callable[[Theme], go.Figure], name: str, label: str = "Save the figure") -> None:
    """A small menu that saves a figure; it is drawn when a kind is asked for, not before.

    ``name`` names the file, without ending; it must tell no patient.
    """
    with st.popover(label, icon=":material/download:", key=f"save-{name}"):
        for kind, mime, write in _KINDS:
            st.download_button(
                kind,
                partial(_written, write, build),
                f"{name}.{kind.lower()}",
                mime,
                key=f"save-{name}-{kind}",
                on_click="ignore",
                width="stretch",
            )


def save_table(table: pd.DataFrame, name: str) -> None:
    """A button that saves a table as CSV; ``name`` names the file, without ending, and must tell no patient."""
    st.download_button(
        "Save the table as CSV",
        partial(tables.comma_separated, table),
        f"{name}.csv",
        "text/csv",
        icon=":material/download:",
        key=f"save-{name}-CSV",
        on_click="ignore",
    )


def _written(write: Callable[[go.Figure], bytes], build: Callable[[Theme], go.Figure]) -> bytes:
    return write(build(LIGHT))


def one_page(
    run: ValidationRun, item: FilmList, policy: Policy, lines: Sequence[FindingSummary], mean: MeanAuroc
) -> bytes:
    """A run's list on one page of PDF: every finding's area, rates and counts at a policy, and its curve."""
    rows, curves = [], []
    for line in lines:
        selection = run.select(line.finding, item.name)
        found = None if line.threshold is None or not selection.films else confusion(selection, line.threshold)
        cells = ["", "", "", ""]
        if found is not None:
            counts = found.counts
            tally = (counts.true_positives, counts.false_negatives, counts.false_positives, counts.true_negatives)
            cells = [f"{count:,}" for count in tally]
        rates = [
            rate.text(0, percent=True) if rate else "no threshold" for rate in (line.sensitivity, line.specificity)
        ]
        texts = (title(line.finding), line.auroc.text(), line.auroc.counts, *rates, *cells)
        rows.append(sheet.Row(texts, line.auroc.value, line.auroc.low, line.auroc.high))
        if line.auroc.value is not None:
            at = None
            if found is not None and found.sensitivity.value is not None and found.specificity.value is not None:
                at = (1 - found.specificity.value, found.sensitivity.value)
            points = tuple(small_roc_points(roc(selection.labels, selection.logits)))
            curves.append(sheet.Thumbnail(title(line.finding), f"{line.auroc.value:.3f}", points, at))
    known = dict(about(run))
    first = [(word, known[word]) for word in ("Checkpoint", "Data set")]
    last = [(word, known[word]) for word in ("Split", "Made")]
    facts = (*first, ("List", f"{item.title}. {item.chosen}"), ("Thresholds", policy.heading), *last)
    return sheet.pdf(
        sheet.Sheet(run.meta.title, facts, mean_words(mean), _COLUMNS, tuple(rows), tuple(curves), (INTERVALS, NOTICE))
    )
