"""What Cases offers where it has no films to show: those of other cells, all without pictures, a run whose films are here."""

import numpy as np
import streamlit as st

from chexview import settings
from chexview.errors import RunError
from chexview.evaluation.cases import CaseSet
from chexview.evaluation.confusion import CellCounts
from chexview.evaluation.run import RunListing, list_runs, load_run
from chexview.films.library import Library
from chexview.pages.case_cards import CasesContext
from chexview.pages.state.run_choice import usable_runs
from chexview.pages.state.session import session
from chexview.text import cases as cases_text
from chexview.text import markup


def offer_films(context: CasesContext, counts: CellCounts, count: int) -> None:
    """Buttons to what can be seen instead: ``count`` films or pairs would be shown, had they not to be on this machine."""
    with st.container(horizontal=True, key="offers"):
        if count:
            st.button(f"Show all {count:,} without pictures", on_click=show_all, icon=":material/table_rows:")
        for shown in filled(context, counts):
            st.button(cases_text.shown_title(shown, counts), on_click=show, args=(shown,), key=f"offer-{shown.value}")
        if not count:
            st.page_link("evaluate.py", label="Choose another threshold", icon=":material/tune:")


def offer_run(context: CasesContext) -> None:
    """Where no film of the run is here: what is missing, and a run whose films are."""
    with st.container(horizontal=True, vertical_alignment="center", key="offer-run"):
        st.html(markup.paragraph(cases_text.NONE_HERE), width="content")
        other = run_with_films(context.library, context.examination.run.name)
        if other is not None and other.meta is not None:
            words = f"See {other.meta.title}, whose films are here"
            st.button(words, on_click=choose_run, args=(other.name,), icon=":material/radiology:")


def filled(context: CasesContext, counts: CellCounts) -> list[CaseSet]:
    """The other cells with films that the gallery would show."""
    cases = session().cases
    only_here = cases.only_here(int(context.at_hand.sum()), len(context.at_hand))
    found = []
    for shown in CaseSet:
        if shown.cell is None or shown is cases.shown or not counts.of(shown.cell):
            continue
        rows = np.array([row for group in context.groups(shown, cases.order)[0] for row in group], dtype=np.int64)
        if not only_here or context.at_hand[rows].any():
            found.append(shown)
    return found


def run_with_films(library: Library, without: str) -> RunListing | None:
    """The first run that has a film in the library, other than the run ``without``; None if there is none."""
    for listing in usable_runs(list_runs(settings.load().runs)):
        if listing.name == without:
            continue
        try:
            images = load_run(listing.folder).table.column("image")
        except RunError:
            continue
        if any(image in library for image in images):
            return listing
    return None


def show_all() -> None:
    """Shows films that are not on this machine, too."""
    session().cases.here, session().cases.start = False, 0


def show(shown: CaseSet) -> None:
    """Shows another cell, from its first film on."""
    session().cases.shown, session().cases.start = shown, 0


def choose_run(name: str) -> None:
    """Goes to another run."""
    session().run.run = st.session_state["cases-run"] = name
    session().cases.start, session().cases.case = 0, None
