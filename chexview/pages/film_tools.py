"""The row over the films on *Read*: more films, the thresholds, downloads, and another film beside the one that is shown."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from chexview.evaluation.operating import Policy
from chexview.exports import records, registry
from chexview.findings import title
from chexview.model.card import Card
from chexview.model.predictor import Predictor
from chexview.pages.film_intake import offer_examples, uploader, worklist
from chexview.pages.read_points import entries_at, points_for, readings_key
from chexview.pages.results_section import verdicts_by_film
from chexview.pages.state.session import session
from chexview.text import markup
from chexview.text import reading as reading_text
from chexview.web.media_store import DeferredItem
from chexview.web.session_media import session_media
from chexview.worklist.entries import WorklistEntry


def tools(reads: Predictor | None) -> None:
    """What stands in the row."""
    with st.popover("Add films", icon=":material/add:", key=f"add-{session().films.uploads}"):
        uploader()
        offer_examples(cards=False)
    if reads is not None:
        thresholds(reads.card)
    with st.popover("Save readings", icon=":material/download:"):
        downloads(reads)
    beside()


def thresholds(card: Card) -> None:
    """The policy by which films are flagged, and how many findings have a threshold of the user's own."""
    points = points_for(card)
    known = [policy for policy in Policy if card.operating_points.get(policy)]
    if not known:
        return
    st.session_state["policy"] = points.policy
    st.selectbox(
        "Thresholds",
        known,
        format_func=lambda policy: f"Thresholds: {policy.heading}",
        key="policy",
        on_change=take_policy,
        label_visibility="collapsed",
        width=300,
    )
    if points.overrides:
        names = ", ".join(title(name) for name in points.overrides)
        st.button(
            f"Reset {len(points.overrides)} custom",
            on_click=session().points.reset,
            args=(card,),
            icon=":material/undo:",
            help=f"Thresholds that you chose are in use for {names}.",
        )
    if session().points.chosen_elsewhere(card):
        st.html(markup.paragraph(reading_text.FOREIGN_THRESHOLDS), width="content")


def take_policy() -> None:
    """Sets every finding's threshold to that of the policy that was chosen."""
    session().points.choose_policy(Policy(st.session_state["policy"]))


def beside() -> None:
    """Which other film stands beside the one that is shown, the patient's own films first."""
    rows = {row.id: row for row in worklist().snapshot() if row.facts is not None}
    shown = rows.pop(worklist().shown or "", None)
    if shown is None or not rows:
        return
    same = {row.id for row in rows.values() if same_patient(shown, row)}
    names = {row.id: row.name for row in sorted(rows.values(), key=lambda row: row.id not in same)}
    st.selectbox(
        "Beside it",
        ["", *names],
        format_func=lambda id: reading_text.beside(names[id], id in same) if id else "Beside it: no other film",
        key=f"beside-{shown.id}",
        label_visibility="collapsed",
        width=300,
    )


def same_patient(one: WorklistEntry, other: WorklistEntry) -> bool:
    """Whether the headers of two films name one patient."""
    if one.facts is None or other.facts is None:
        return False
    return bool(one.facts.identity.patient_id) and one.facts.identity.patient_id == other.facts.identity.patient_id


def downloads(reads: Predictor | None) -> None:
    """The readings of all films in every form, from our own route: readings do not lie in Streamlit's cache.

    A file is made when it is asked for.
    """
    rows = [row for row in entries_at(reads) if row.facts is not None]
    written = readings_key(rows)
    keys = {export.name: ("table", export.name, written) for export in registry.READING_EXPORTS}
    session_media().forget(lambda key: key[0] == "table" and key not in keys.values())
    films = tuple(dict.fromkeys(row.facts.digest for row in rows if row.facts))
    links = []
    for export in registry.READING_EXPORTS:
        item = DeferredItem(partial(table, export, rows, reads), export.media_type, export.file_name, films)
        address = session_media().add(keys[export.name], item)
        links.append(f"<a class='save' href='{address}' download='{export.file_name}'>{export.title}</a>")
    st.html(f"{markup.paragraph(reading_text.saved_words(rows))}{''.join(links)}")


def table(export: registry.ReadingExport, rows: Sequence[WorklistEntry], reads: Predictor | None) -> bytes:
    """The films' readings in one form, with the verdicts on them as they are now."""
    known = verdicts_by_film(reads.card.weights) if reads else {}
    plain = [export.record(row.name, row.facts, row.reading) for row in rows if row.facts]
    judged = [records.with_verdicts(entry, known.get(entry["digest"], ())) for entry in plain]
    return export.write(judged, reads.card.findings if reads else ())
