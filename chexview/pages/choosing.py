"""Boxes to choose runs, lists and findings from, as several pages have them."""

from collections.abc import Iterable, Sequence
from html import escape

import streamlit as st

from chexview.evaluation.run import RunListing


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
