"""The list of a session's films: how far their reading is, which are listed in which order, and how they are taken off."""

import math
import time
from collections.abc import Callable, Collection, Iterable

import streamlit as st

from chexview.findings import title
from chexview.model.predictor import Predictor
from chexview.pages import covered_regions
from chexview.pages.film_arrivals import is_shown_early
from chexview.pages.film_intake import worklist
from chexview.pages.read_points import entries_at
from chexview.pages.state.session import session
from chexview.text import markup
from chexview.text import reading as reading_text
from chexview.viewer import components
from chexview.viewer.components import FilmItem
from chexview.viewer.pictures import grey_picture
from chexview.web.session_media import session_media
from chexview.worklist.entries import Status, WorklistEntry
from chexview.worklist.sorting import Filter, SortOrder, filter_entries, flags, sort_entries
from chexview.worklist.turns import TURNS

POLL_SECONDS = 0.6
"""How often the list looks for news while several films are read."""
POLL_SHARE = 0.1
"""For each user who waits for a turn, so many seconds more: forty who look all the time would wait for each other's looking."""
SCORE_SECONDS = 3.0
"""How long the page waits for the score of the film that it shows; after that the list's own polling brings it."""
ALONE_SECONDS = 20.0
"""How long it waits where no other film is read and the list does not poll; after that the list does."""
TOGETHER_SECONDS = 0.5
"""How long it waits with the rest of the page where the browser shows the film already."""
SLICE_SECONDS = 0.25
"""How often the page, while it waits, sees to what the user does meanwhile."""
MANY = 5
"""From so many films on, the list can be sorted and filtered."""


def first_film() -> None:
    """Waits until the first film of all is decoded, however many users' films come before it; its score may come later.

    Where the browser shows it already, the page is better drawn once, with the score, if that does not take long.
    """
    work = worklist()
    if work.is_busy and work.shown is None:
        with st.spinner("Reading the first film"):
            wait_until(lambda rows: any(row.facts for row in rows), math.inf)
            if is_shown_early():
                wait_for_score(TOGETHER_SECONDS)


def first_score() -> None:
    """Where the film is on the screen before its score: waits for the score, and draws the page anew with it."""
    work = worklist()
    shown = work.shown
    alone = polling(work.snapshot(), shown, session().films.waited, 0) is None
    wait_for_score(ALONE_SECONDS if alone else SCORE_SECONDS)
    if alone and work.is_busy:
        session().films.waited = shown or ""
        st.rerun()
    if session().films.drawn_for != drawn_for():
        st.rerun()


def wait_for_score(seconds: float) -> None:
    """Waits until the film that is shown has its score, or the reason why it has none."""
    shown = worklist().shown
    wait_until(lambda rows: not any(row.id == shown and row.is_pending for row in rows), seconds)


def wait_until(holds: Callable[[Iterable[WorklistEntry]], bool], seconds: float) -> None:
    """Waits until ``holds`` is true of the films, nothing is read any more, or ``seconds`` have passed.

    Streamlit ends a run that a user's click overtakes only where the run asks it for something, as for its session.
    """
    work, end = worklist(), time.monotonic() + seconds
    while work.is_busy and not holds(work.snapshot()) and (left := end - time.monotonic()) > 0:
        work.wait_until(holds, min(left, SLICE_SECONDS))
        session()


def polling(rows: Iterable[WorklistEntry], shown: str | None, waited: str, users: int) -> float | None:
    """Seconds between two looks for news while ``users`` wait for their turn.

    None if there is nothing to look for, or the page itself waits for it: the score of the film it shows, unless it
    ``waited`` for that in vain.
    """
    pending = [row for row in rows if row.is_pending]
    if not pending or (len(pending) == 1 and pending[0].id == shown != waited):
        return None
    return POLL_SECONDS + POLL_SHARE * users


def drawn_for() -> tuple[bool, str | None, Status | None, bool]:
    """What of the films decides how the page is drawn."""
    work = worklist()
    busy, shown = work.is_busy, work.shown
    row = next((row for row in work.snapshot() if row.id == shown), None)
    return busy, shown, row.status if row else None, bool(row and row.reading)


def settle() -> None:
    """Remembers for what the page is drawn in this run."""
    session().films.drawn_for = drawn_for()


def column(reads: Predictor | None) -> None:
    """The list of films; while several are read it looks for news by itself."""
    work = worklist()
    st.fragment(listing, run_every=polling(work.snapshot(), work.shown, session().films.waited, TURNS.waiting))(reads)


def listing(reads: Predictor | None) -> None:
    """How far the reading is, the films small and with their state, and how to take them off."""
    if session().films.drawn_for != drawn_for():
        st.rerun()
    work = worklist()
    rows = [row for row in entries_at(reads) if row.status is not Status.REFUSED]
    many = len(rows) >= MANY or st.session_state.get("list-filter", Filter.ALL) is not Filter.ALL
    if many:
        reading_progress()
    if many:
        rows = list(narrowed(rows, reads))
    session().films.listed = tuple(row.id for row in rows)
    components.film_chooser([item(row) for row in rows], work.shown, "films", choose_film, label="Films", cards=False)
    with st.container(horizontal=True, gap="small", key="remove"):
        st.button("Remove film", on_click=remove_shown, type="tertiary")
        st.button("Remove all", on_click=remove_all, type="tertiary")
    if many:
        st.html(markup.paragraph(reading_text.memory_words(work.memory()), "fine"))
    else:
        reading_progress()


def reading_progress() -> None:
    """How far the reading is, while it lasts; below a short list, which then does not move when it ends."""
    work = worklist()
    if work.is_busy:
        progress = work.progress()
        words = reading_text.progress_words(progress.done, progress.total, progress.seconds_left)
        st.progress(progress.share, text=words)
        st.button("Cancel", on_click=work.cancel, key="cancel")


def narrowed(rows: list[WorklistEntry], reads: Predictor | None) -> tuple[WorklistEntry, ...]:
    """The films that are wanted, in the order that is wanted."""
    order = st.selectbox(
        "Order",
        list(SortOrder),
        format_func=lambda order: order.value.capitalize(),
        key="list-order",
        label_visibility="collapsed",
        persist_state="session",
    )
    kinds = [kind for kind in Filter if kind is not Filter.REFUSED]
    which = st.selectbox(
        "Which",
        kinds,
        format_func=lambda kind: "All films" if kind is Filter.ALL else kind.value.capitalize(),
        key="list-filter",
        label_visibility="collapsed",
        persist_state="session",
    )
    finding = ""
    if which is Filter.FLAGGED and reads is not None:
        finding = st.selectbox(
            "Finding",
            ["", *reads.card.findings],
            format_func=lambda name: title(name) if name else "Any finding",
            key="list-finding",
            label_visibility="collapsed",
            persist_state="session",
        )
    listed = sort_entries(filter_entries(rows, which or Filter.ALL, finding or ""), order or SortOrder.FLAGS)
    st.html(markup.paragraph(reading_text.listed_words(len(listed), rows), "fine"))
    return listed


def item(row: WorklistEntry) -> FilmItem:
    """A film as it stands in the list."""
    picture = None
    if row.thumbnail is not None:
        small = row.thumbnail
        picture = session_media().address(("small", row.id), lambda: grey_picture(small))
    return FilmItem(row.id, row.name, reading_text.status(row), picture, flags(row))


def choose_film() -> None:
    """Opens the film that was chosen."""
    worklist().show(components.chosen("films") or "")


def remove_shown() -> None:
    """Takes the film that is shown off, and shows the one that follows it in the list."""
    work = worklist()
    shown = work.shown
    if shown is None:
        return
    follows = next_of(session().films.listed, shown)
    remove(shown)
    if follows:
        work.show(follows)


def next_of(listed: tuple[str, ...], shown: str) -> str:
    """The film after ``shown`` in the list, of the last the one before; "" if there is none."""
    if shown not in listed:
        return listed[0] if listed else ""
    place = listed.index(shown)
    rest = (*listed[place + 1 :], *reversed(listed[:place]))
    return rest[0] if rest else ""


def forget_gone() -> None:
    """Where films gave way to other sessions', their pictures and results go, too."""
    if gone := worklist().gave_way:
        forget(gone)


def remove_all() -> None:
    """Takes all films off."""
    remove(*(row.id for row in worklist().snapshot()))


def remove(*ids: str) -> None:
    """Takes films off, and their pictures and results out of memory."""
    worklist().remove(*ids)
    forget(ids)


def forget(ids: Collection[str]) -> None:
    """Drops the pictures and results of films that are gone."""
    session_media().forget(lambda key: key[1] in ids or key[0] == "table")
    covered_regions.forget(ids)
    results = session().films.results
    for key in [key for key in results if key[0] in ids]:
        del results[key]
