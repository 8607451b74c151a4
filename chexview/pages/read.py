"""Read: films in, findings and heatmaps out."""

from html import escape

import streamlit as st

from chexview.errors import ChexviewError
from chexview.model.predictor import Predictor
from chexview.pages import read_about, read_films
from chexview.pages.read_desk import desk
from chexview.pages.reader import predictor
from chexview.text import markup
from chexview.worklist.entries import Status
from chexview.worklist.reader import reader_of

work = read_films.worklist()
state = st.session_state


def model() -> Predictor | None:
    """The process's predictor; None, after one sentence, where there is none."""
    try:
        return predictor()
    except ChexviewError as error:
        st.html(f"<p class='caution' role='status'>{escape(str(error))}</p>")
        return None


def refusals() -> None:
    """One sentence for each file that gave no film."""
    refused = [row for row in work.snapshot() if row.status is Status.REFUSED]
    if not refused:
        return
    with st.container(horizontal=True, vertical_alignment="center", wrap=False, key="refusals"):
        st.html("".join(markup.refusal(row.name, row.sentence) for row in refused))
        st.button("Dismiss", on_click=work.dismiss, type="tertiary")


if not work.snapshot() or (work.shown is None and not work.is_busy):
    st.header("Read chest radiographs", anchor=False)
    st.html(
        "<p class='quiet'>Each finding with its probability, and a heatmap that adds up to it. "
        "Films are kept in memory until the page is closed, and sent nowhere.</p>"
    )
    with st.container(key="welcome"):
        read_films.uploader()
    refusals()
    read_films.offer_examples(cards=True)
reads = model()
work.use(reader_of(reads))
read_films.first_film()
read_films.settle()
if work.shown is not None:
    refusals()
    read_films.tools(reads)
    with st.container(key="desk"):
        left, right = st.columns([0.15, 0.85], gap="medium")
        with left, st.container(key="films-side"):
            read_films.column(reads)
        with right:
            desk(reads)
    read_about.about(reads)
    read_films.first_score()
