"""Boxes to choose runs, lists and findings from, as several pages have them."""

from collections.abc import Iterable, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from chexview import settings
from chexview.errors import RunError
from chexview.evaluation.examination import Examination, examine
from chexview.evaluation.run import RunListing, ValidationRun, list_runs, load_run
from chexview.evaluation.run_schema import FilmList
from chexview.evaluation.summary import assessed
from chexview.findings import title
from chexview.pages.state.run_choice import RunChoice, sorted_lists, usable_runs
from chexview.pages.truth_selector import choose_truth, truth_words
from chexview.text import markup


def caution(sentence: str) -> None:
    """One sentence that the reader should not miss."""
    st.html(markup.caution(sentence))


def choose(label: str, options: Sequence[str], wish: str, key: str, names: dict[str, str], anew: bool) -> str:
    """A selectbox that starts at the wish, where that is offered."""
    if anew or st.session_state.get(key) not in options:
        st.session_state[key] = wish if wish in options else options[0]
    return st.selectbox(label, options, key=key, format_func=lambda name: names.get(name, name))


def run_titles(listings: Sequence[RunListing]) -> dict[str, str]:
    """The runs' titles; the folder's name with those that share theirs."""
    titles = [listing.meta.title for listing in listings if listing.meta]
    by_name = {listing.name: listing.meta.title for listing in listings if listing.meta}
    return {name: words if titles.count(words) == 1 else f"{words} ({name})" for name, words in by_name.items()}


def unusable(broken: Iterable[RunListing]) -> None:
    """One sentence for each folder whose run cannot be offered."""
    for listing in broken:
        caution(f"The run {listing.name} is left out: {listing.problem}")


def choose_run(
    heading: str, choice: RunChoice, key: str, anew: bool, beneath: DeltaGenerator | None = None
) -> ValidationRun:
    """The run to examine; stops the page with one sentence if there is none, or it cannot be opened.

    What is wrong with other runs is said ``beneath``, or nowhere.
    """
    listings = list_runs(settings.load().runs)
    usable = usable_runs(listings)
    broken = [listing for listing in listings if listing.meta is None]
    if not usable:
        st.title(heading, anchor=False)
        caution("There is no validation run to examine yet; put one into the folder runs of CHEXVIEW_HOME.")
        unusable(broken)
        st.stop()
    by_name = {listing.name: listing for listing in usable}
    choice.run = choose("Validation run", list(by_name), choice.run, key, run_titles(usable), anew)
    with beneath or st.container():
        if beneath is not None:
            unusable(broken)
        try:
            return load_run(by_name[choice.run].folder)
        except RunError as error:
            caution(f"{error} The other runs can still be chosen.")
            st.stop()


def choose_list(run: ValidationRun, choice: RunChoice, key: str, anew: bool) -> FilmList:
    """The list of films to judge by."""
    by_name = {item.name: item for item in sorted_lists(run.lists)}
    names = {name: item.title for name, item in by_name.items()}
    choice.list_name = choose("Films", list(by_name), choice.list_name, key, names, anew)
    return by_name[choice.list_name]


def choose_finding(run: ValidationRun, choice: RunChoice, key: str, anew: bool) -> str:
    """The finding to examine: one of the run's, or a composite of them."""
    names = {name: title(name) for name in assessed(run)}
    choice.finding = choose("Finding", list(names), choice.finding, key, names, anew)
    return choice.finding


def choose_examined(
    heading: str, choice: RunChoice, key: str, anew: bool, beneath: DeltaGenerator | None = None
) -> Examination:
    """Run, films, finding and truth side by side, and the examination of them; stops the page if there is none."""
    with st.container(key="examined-choice"):
        places = st.columns([0.3, 0.2, 0.2, 0.3], gap="medium")
    with places[0]:
        run = choose_run(heading, choice, f"{key}-run", anew, beneath)
    with places[1]:
        films = choose_list(run, choice, f"{key}-list", anew)
    with places[2]:
        finding = choose_finding(run, choice, f"{key}-finding", anew)
    with places[3]:
        examination = choose_truth(examine(run, films.name, finding), choice, f"{key}-truth", anew)
    truth_words(examination)
    return examination
