"""PACS: films fetched from where they live, with their priors, and results sent back."""

from collections.abc import Iterator
from datetime import date

import streamlit as st

from chexview import settings
from chexview.audit import Action
from chexview.errors import ChexviewError, SettingsError
from chexview.pages.audit_notes import note
from chexview.pages.film_intake import bring
from chexview.pages.pacs_results import results_section
from chexview.pages.state.session import session
from chexview.settings import PacsSettings
from chexview.text import markup
from chexview.text import pacs as pacs_text
from chexview.worklist.input_files import InputFile

MISSING = "The PACS needs dicomweb-client; have its administrator install it with: pip install 'chexview[pacs]'"


def page() -> None:
    """The page, from top to bottom."""
    st.header("Films from the PACS", anchor=False)
    try:
        own = settings.pacs()
        import chexview.pacs.archive  # noqa: F401  (an extra that may not be installed)
    except SettingsError as error:
        st.html(markup.caution(str(error)))
        return
    except ImportError:
        st.html(markup.caution(MISSING))
        return
    if own is None:
        st.html(markup.caution("No PACS is configured."))
        return
    st.html(markup.paragraph(pacs_text.connection(own)))
    search_form(own)
    if not session().pacs.found:
        answer()
    studies(own)
    results_section(own)


def answer() -> None:
    """What came of the last search or fetch, under the button that began it."""
    choice = session().pacs
    if choice.said:
        st.html(markup.caution(choice.said) if choice.failed else markup.paragraph(choice.said, "said"))
        if not choice.failed:
            st.page_link("read.py", label="Open Read", icon=":material/pulmonology:")
    choice.say("")


def search_form(own: PacsSettings) -> None:
    """What is searched for."""
    with st.form("pacs-search", border=False):
        number, first, last = st.columns(3)
        number.text_input("Patient ID", key="pacs-patient", max_chars=64)
        first.date_input("From", None, min_value=date(1900, 1, 1), max_value=date.today(), key="pacs-first")
        last.date_input("To", None, min_value=date(1900, 1, 1), max_value=date.today(), key="pacs-last")
        if st.form_submit_button("Search", icon=":material/search:"):
            search(own)


def search(own: PacsSettings) -> None:
    """Searches, and keeps what was found."""
    from chexview.pacs.archive import FilmArchive

    state, choice = st.session_state, session().pacs
    choice.found = None
    try:
        with st.spinner("Searching"):
            choice.found = FilmArchive(own).search(
                state["pacs-patient"] or "", state.get("pacs-first"), state.get("pacs-last")
            )
    except ChexviewError as error:
        choice.say(str(error), failed=True)


def studies(own: PacsSettings) -> None:
    """What was found, and what is fetched of it."""
    choice = session().pacs
    if choice.found is None:
        return
    listed = choice.found.studies
    if not listed:
        st.html(markup.paragraph(pacs_text.NOTHING))
        return
    st.html(markup.paragraph(pacs_text.found(choice.found)))
    chosen = st.selectbox(
        "Study", range(len(listed)), format_func=lambda place: pacs_text.study(listed[place]), key="pacs-study"
    )
    st.toggle("With the patient's earlier films", value=True, key="pacs-priors")
    if st.button("Fetch and read", type="primary", key="pacs-fetch", icon=":material/download:"):
        fetch(own, chosen or 0)
        st.rerun()
    answer()


def fetch(own: PacsSettings, place: int) -> None:
    """Fetches a study whole, and its priors; only then are its films read. Whatever is clicked meanwhile cancels it."""
    from chexview.pacs.archive import FilmArchive

    choice, archive = session().pacs, FilmArchive(own)
    assert choice.found is not None
    study = choice.found.studies[place]
    bar = st.progress(0.0, "Asking the PACS")
    st.button("Cancel", key="pacs-cancel")

    def on_progress(done: int, total: int) -> None:
        bar.progress(done / total, f"{done} of {total} films")

    try:
        priors = archive.priors(study) if st.session_state.get("pacs-priors") else ()
        fetched = list(archive.fetch(study, on_progress))
        for prior in priors:
            fetched += archive.fetch(prior, on_progress, may_be_empty=True)
    except ChexviewError as error:
        choice.say(str(error), failed=True)
        return
    names = film_names([film.study.uid != study.uid for film in fetched])
    bring([InputFile(next(names), film.data) for film in fetched])
    choice.origins |= {film.digest: film.study for film in fetched}
    for film in fetched:
        note(Action.FETCHED, film.digest)
    choice.say(pacs_text.fetched(len(fetched), len({film.study.uid for film in fetched} - {study.uid})))


def film_names(are_priors: list[bool]) -> Iterator[str]:
    """The films' names, the study's own and the earlier ones counted apart."""
    counts = {True: 0, False: 0}
    for is_prior in are_priors:
        counts[is_prior] += 1
        yield pacs_text.film_name(counts[is_prior], is_prior)


page()
