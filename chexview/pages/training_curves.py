"""How the training of a run's checkpoint went, on Evaluate."""

import plotly.graph_objects as go
import streamlit as st

from chexview.errors import ChexviewError
from chexview.evaluation.run import ValidationRun
from chexview.figures.layout import whole_steps
from chexview.figures.theme import Theme
from chexview.figures.training import Curve, training_alt, training_figure
from chexview.findings import title
from chexview.pages.charts import chart
from chexview.pages.download_buttons import save_table
from chexview.pages.run_selectors import caution
from chexview.text import markup
from chexview.text.caption import FigureCaption

HEIGHT = 320


def training(run: ValidationRun, look: Theme) -> None:
    """How the training went, where the run has it."""
    try:
        curves = run.curves()
    except ChexviewError as error:
        caution(str(error))
        return
    if curves is None:
        return
    st.header("Training", anchor=False)
    with st.container(horizontal=True):
        curve = st.segmented_control(
            "Curve",
            list(Curve),
            default=Curve.AUROC,
            format_func=lambda c: c.words,
            required=True,
            key="evaluate-curve",
        )
        names = ["", *dict.fromkeys(curves["finding"])]
        finding = st.selectbox(
            "Of", names, format_func=lambda name: title(name) if name else "mean of all findings", width=320
        )
    kind = curve or Curve.AUROC
    epochs = curves["epoch"].nunique()

    def draw(paper: Theme) -> go.Figure:
        return whole_steps(training_figure(curves, kind, finding or None, paper, HEIGHT), epochs)

    words = training_alt(curves, kind, finding or None)
    name = f"training-{run.name}-{kind.value}-{finding or 'mean'}"
    whose = title(finding) if finding else "mean of all findings"
    chart(draw, look, words, name, FigureCaption(f"Training: {kind.words}", (run.meta.title, whose)))
    save_table(curves, name)
    st.html(markup.paragraph(words, "fine"))
