"""Read: films in, findings and heatmaps out."""

import streamlit as st

from chexview.errors import ChexviewError
from chexview.model.predictor import Predictor
from chexview.pages import film_list
from chexview.pages.film_intake import offer_examples, uploader, worklist
from chexview.pages.film_sections import sections
from chexview.pages.film_tools import tools
from chexview.pages.predictors import predictor
from chexview.pages.viewer_panel import viewer_panel
from chexview.text import markup
from chexview.text import reading as reading_text
from chexview.worklist.entries import Status
from chexview.worklist.reader import Reader, reader_of


def page() -> None:
    """The page, from top to bottom."""
    work = worklist()
    film_list.forget_gone()
    if not work.snapshot() or (work.shown is None and not work.is_busy):
        st.title("Read chest radiographs", anchor=False)
        st.html(
            markup.paragraph(
                "Each finding with its probability, and a heatmap that adds up to it. Films are kept in memory until the "
                "page is closed, and sent nowhere."
            )
        )
        with st.container(key="welcome"):
            uploader()
        refusals()
        offer_examples(cards=True)
    reads, reader = loaded()
    work.use(reader)
    film_list.first_film()
    film_list.settle()
    if work.shown is None:
        return
    refusals()
    tools(reads)
    with st.container(key="reading-area"):
        left, right = st.columns([0.15, 0.85], gap="medium")
        with left, st.container(key="films-side"):
            film_list.column(reads)
        with right:
            viewer_panel(reads)
    sections(reads)
    film_list.first_score()


def loaded() -> tuple[Predictor | None, Reader]:
    """The process's predictor and the reader with it; without the two, one sentence and a reader that gives no scores."""
    try:
        reads = predictor()
        return reads, reader_of(reads)
    except ChexviewError as error:
        st.html(markup.caution(str(error)))
        return None, reader_of(None)


def refusals() -> None:
    """One sentence for each file that gave no film, and one where films gave way to others'."""
    work = worklist()
    refused = [row for row in work.snapshot() if row.status is Status.REFUSED]
    # There also when it is empty: what follows must not move and be drawn anew.
    place = st.container(key="refusals-place")
    if not refused and not work.gave_way:
        return
    gone = markup.caution(reading_text.GAVE_WAY) if work.gave_way else ""
    with place, st.container(horizontal=True, vertical_alignment="center", wrap=False, key="refusals"):
        st.html(gone + "".join(markup.refusal(row.name, row.sentence) for row in refused))
        st.button("Dismiss", on_click=work.dismiss, type="tertiary")


page()
