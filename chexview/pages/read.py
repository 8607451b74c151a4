"""Read: films in, findings and heatmaps out."""

import streamlit as st

from chexview.errors import ChexviewError
from chexview.model.predictor import Predictor
from chexview.pages import film_list
from chexview.pages.film_intake import offer_examples, uploader, worklist
from chexview.pages.film_tools import tools
from chexview.pages.predictors import predictor
from chexview.pages.viewer_panel import viewer_panel
from chexview.text import markup
from chexview.text import reading as reading_text
from chexview.worklist.entries import Status
from chexview.worklist.reader import Reader, reader_of


def page() -> None:
    """The page, from top to bottom.

    The viewer stands in one place from the start, hidden while there is no film, so that an uploaded film is in it before the
    page is drawn for it. What comes before it keeps its place, too: what moves is drawn anew.
    """
    work = worklist()
    film_list.forget_gone()
    is_empty = not work.snapshot() or (work.shown is None and not work.is_busy)
    with st.container(key="first-film"):
        film_list.first_film()
    if not is_empty and work.shown is None:
        st.rerun()
    welcome = st.empty()
    if is_empty:
        with welcome.container(key="welcome-page"):
            empty_page()
    with st.container(key="no-scores"):
        reads, reader = loaded()
    work.use(reader)
    film_list.settle()
    if is_empty:
        st.container(key="refusals-are-above")
    else:
        refusals()
    with st.container(horizontal=True, vertical_alignment="center", key="tools"):
        if is_empty:
            st.html("<div class='tools-place'></div>")
        else:
            tools(reads)
    with st.container(key="reading-area"):
        left, right = st.columns([0.15, 0.85], gap="medium")
        with left, st.container(key="films-side"):
            if not is_empty:
                film_list.column(reads)
        with right:
            viewer_panel(reads)
    if not is_empty:
        # It brings PyTorch, which a page without films does not wait for.
        from chexview.pages.film_sections import sections

        sections(reads)
        film_list.first_score()


def empty_page() -> None:
    """What stands where there is no film: how to bring one, and examples."""
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
