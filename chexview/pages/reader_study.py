"""Reader study: films read blind, the model's advice after each answer, and what it changed."""

from pathlib import Path

import streamlit as st

from chexview import settings
from chexview.errors import StudyError
from chexview.pages.reader_study_reading import reading_area
from chexview.pages.reader_study_results import results
from chexview.pages.reader_study_setup import setup
from chexview.pages.run_selectors import caution
from chexview.pages.state.session import session
from chexview.pages.state.study_progress import READER, STUDY, to_read, to_reveal
from chexview.studies.storage import ReaderStudy, open_study
from chexview.text import markup
from chexview.text import study as study_text


def page() -> None:
    """The page, from top to bottom."""
    st.html(Path(__file__).parent / "study.css")
    progress = session().study
    address = st.query_params.to_dict()
    if not progress.study and address.get(STUDY) and address.get(READER):
        progress.enter(address[STUDY], address[READER])
    study = opened(progress.study)
    if study is None:
        st.query_params.clear()
        st.title("Reader study", anchor=False)
        st.html(markup.paragraph(study_text.ABOUT))
        if progress.sentence:
            caution(progress.sentence)
        setup()
        return
    st.query_params.from_dict({STUDY: study.name, READER: progress.reader})
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(markup.paragraph(f"{study.design.title}, read by {progress.reader}", "said"), width="content")
        st.button("Leave", on_click=leave, type="tertiary", icon=":material/logout:")
    entries = study.entries(progress.reader)
    if to_reveal(progress, study.design, entries) or to_read(progress, study.design, entries):
        reading_area(study)
    if entries.alone:
        results(study, entries)


def opened(name: str) -> ReaderStudy | None:
    """The study of a name; None, with one sentence for the page, if there is none."""
    if not name:
        return None
    progress = session().study
    try:
        if Path(name).name != name:
            raise StudyError("There is no such study.")
        return open_study(settings.load().studies / name)
    except StudyError as error:
        progress.enter("", "")
        progress.sentence = str(error)
        return None


def leave() -> None:
    """Back to the choice of studies; what was answered is stored."""
    session().study.enter("", "")
    st.query_params.clear()


page()
