"""Boxes to choose runs, lists and findings from, as several pages have them."""

from collections.abc import Iterable, Sequence
from html import escape

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from chexview import settings
from chexview.errors import RunError
from chexview.evaluation.run import RunListing, ValidationRun, list_runs, load_run
from chexview.evaluation.run_schema import FilmList
from chexview.evaluation.summary import assessed
from chexview.findings import title
from chexview.pages.evaluate_view import View, in_order, lists_in_order


def caution(sentence: str) -> None:
    """One sentence that the reader should not miss."""
    st.html(f"<p class='caution' role='status'>{escape(sentence)}</p>")


def choose(label: str, options: Sequence[str], wish: str, key: str, names: dict[str, str], anew: bool) -> str:
    """A selectbox that starts at the wish, where that is offered."""
    if anew or st.session_state.get(key) not in options:
        st.session_state[key] = wish if wish in options else options[0]
    return st.selectbox(label, options, key=key, format_func=lambda name: names.get(name, name))


def run_titles(listings: Sequence[RunListing]) -> dict[str, str]:
    """The runs' titles; the folder's name with those that share theirs."""
    titles = [listing.meta.title for listing in listings if listing.meta]
    told = {listing.name: listing.meta.title for listing in listings if listing.meta}
    return {name: words if titles.count(words) == 1 else f"{words} ({name})" for name, words in told.items()}


def unusable(broken: Iterable[RunListing]) -> None:
    """One sentence for each folder whose run cannot be offered."""
    for listing in broken:
        caution(f"The run {listing.name} is left out: {listing.problem}")


def choose_run(heading: str, view: View, key: str, anew: bool, beneath: DeltaGenerator | None = None) -> ValidationRun:
    """The run to examine; stops the page with one sentence where there is none, or it cannot be opened.

    What is wrong with other runs is said ``beneath``, or nowhere.
    """
    listings = list_runs(settings.load().runs)
    usable = in_order(listings)
    broken = [listing for listing in listings if listing.meta is None]
    if not usable:
        st.header(heading, anchor=False)
        caution("There is no validation run to examine yet; put one into the folder runs of CHEXVIEW_HOME.")
        unusable(broken)
        st.stop()
    by_name = {listing.name: listing for listing in usable}
    view.run = choose("Validation run", list(by_name), view.run, key, run_titles(usable), anew)
    with beneath or st.container():
        if beneath is not None:
            unusable(broken)
        try:
            return load_run(by_name[view.run].folder)
        except RunError as error:
            caution(f"{error} The other runs can still be chosen.")
            st.stop()


def choose_list(run: ValidationRun, view: View, key: str, anew: bool) -> FilmList:
    """The list of films to judge by."""
    by_name = {item.name: item for item in lists_in_order(run.lists)}
    names = {name: item.title for name, item in by_name.items()}
    view.list_name = choose("Films", list(by_name), view.list_name, key, names, anew)
    return by_name[view.list_name]


def choose_finding(run: ValidationRun, view: View, key: str, anew: bool) -> str:
    """The finding to examine: one of the run's, or a composite of them."""
    names = {name: title(name) for name in assessed(run)}
    view.finding = choose("Finding", list(names), view.finding, key, names, anew)
    return view.finding
