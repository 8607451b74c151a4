"""Results sent back to the PACS that the film came from: never by themselves, only when a reader asks for it."""

from hashlib import sha256

import streamlit as st

from chexview import settings
from chexview.audit import Action
from chexview.errors import ChexviewError
from chexview.exports import registry
from chexview.exports.film_result import FilmResult
from chexview.model.predictor import Predictor
from chexview.pages.audit_notes import note
from chexview.pages.film_intake import worklist
from chexview.pages.predictors import predictor
from chexview.pages.read_points import entries_at
from chexview.pages.state.session import session
from chexview.settings import PacsSettings
from chexview.text import markup
from chexview.text import pacs as pacs_text
from chexview.worklist.entries import WorklistEntry
from chexview.worklist.verdicts import VerdictFile

USUAL = ("sr", "gsps", "sc")
"""The forms that are sent where the reader chooses no others."""


def results_section(own: PacsSettings) -> None:
    """The fetched films that have a result, and a button that sends one's results."""
    choice = session().pacs
    if not choice.origins:
        return
    try:
        reads = predictor()
    except ChexviewError as error:
        st.html(markup.caution(str(error)))
        return
    rows = {row.id: row for row in entries_at(reads) if row.digest in choice.origins and not row.is_pending}
    if not rows:
        return
    forms = {export.name: export for export in registry.FILM_EXPORTS if export.is_dicom}
    st.header("Send results back", anchor=False)
    st.html(markup.paragraph(f"{pacs_text.RAW} {pacs_text.SENT}"))
    film = st.selectbox("Film", list(rows), format_func=lambda id: rows[id].name, key="pacs-film")
    wanted = st.pills(
        "Formats",
        list(forms),
        selection_mode="multi",
        default=[name for name in USUAL if name in forms],
        format_func=lambda name: forms[name].title,
        key="pacs-forms",
    )
    st.html(markup.table((forms[name].title, forms[name].holds) for name in wanted))
    row = rows[film or next(iter(rows))]
    mark = signature(row, reads, wanted)
    is_sent = choice.sent.get(row.digest) == mark
    label = "Sent" if is_sent else "Send to the PACS"
    if st.button(label, key="pacs-send", icon=":material/upload:", disabled=is_sent or not wanted):
        send(own, row, reads, wanted, mark)
        st.rerun()


def signature(row: WorklistEntry, reads: Predictor, forms: list[str]) -> str:
    """The same for the same results of one film in the same forms, so that nothing is sent twice by a second click."""
    points = [(score.name, score.logit, score.threshold) for score in row.reading.findings] if row.reading else []
    return sha256(repr((row.digest, reads.card.weights, points, sorted(forms))).encode()).hexdigest()


def send(own: PacsSettings, row: WorklistEntry, reads: Predictor, forms: list[str], mark: str) -> None:
    """Makes the objects of one film, and stores them in its study: all or, where one cannot be made, none."""
    from chexview.pacs.archive import FilmArchive

    choice = session().pacs
    try:
        with st.spinner("Sending"):
            count = FilmArchive(own).store(objects(row, reads, forms), choice.origins[row.digest])
    except ChexviewError as error:
        choice.say(str(error), failed=True)
        return
    choice.sent[row.digest] = mark
    note(Action.SENT, row.digest)
    choice.say(pacs_text.sent(count))


def objects(row: WorklistEntry, reads: Predictor, forms: list[str]) -> list[bytes]:
    """The DICOM objects of one film in the wanted forms. Raises a ChexviewError where one cannot be made."""
    entry = worklist().open(row.id)
    if entry is None:
        return []
    verdicts = VerdictFile(settings.load().home / "verdicts").on(row.digest, reads.card.weights)
    result = FilmResult(entry.film, reads.card, row.reading, row.held_back or "", verdicts)
    return [data for name in forms for data in registry.film_export_named(name).write(result)]
