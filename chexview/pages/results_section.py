"""Beneath the film: what the reader makes of its flags, how often the model was overruled, and the film's results as files."""

from collections.abc import Sequence
from hashlib import sha256

import streamlit as st

from chexview import settings
from chexview.audit import Action
from chexview.errors import ChexviewError, FilmError
from chexview.exports.bundle import Bundle, Purpose, about, bundle, zipped
from chexview.exports.film_result import FilmResult
from chexview.exports.registry import FILM_EXPORTS, FilmExport
from chexview.exports.sharing import NOT_LOOKED_AT, SharingKey
from chexview.findings import title
from chexview.model.predictor import Predictor
from chexview.pages.audit_notes import note
from chexview.pages.film_intake import worklist
from chexview.pages.read_points import entries_at, readings_key
from chexview.text import markup
from chexview.text.reading import chance, ordered
from chexview.text.result import NO_DICOM, VERDICTS, model_words, overruled_rows, verdict_words
from chexview.web.media_store import MediaItem
from chexview.web.session_media import session_media
from chexview.worklist.entries import OpenEntry, WorklistEntry
from chexview.worklist.verdicts import Decision, Verdict, VerdictFile, overrulings

USUAL = ("sr", "gsps", "sc", "pdf")
"""Forms that are chosen until the reader chooses others."""
REPORT = "chexview-films.pdf"
PAGES = 100
"""Films of one PDF at most: it is made while the reader waits."""


def verdict_file() -> VerdictFile:
    """The verdicts of this installation."""
    return VerdictFile(settings.load().home / "verdicts")


def verdicts_by_film(weights: str) -> dict[str, list[Verdict]]:
    """All verdicts on flags by these weights, by the film's SHA-256."""
    found: dict[str, list[Verdict]] = {}
    for verdict in verdict_file().read():
        if verdict.weights == weights:
            found.setdefault(verdict.film, []).append(verdict)
    return found


def result_of(entry: OpenEntry, reads: Predictor, row: WorklistEntry | None = None) -> FilmResult:
    """What came of an open film, at the operating points in use."""
    verdicts = verdict_file().on(entry.digest, reads.card.weights)
    reading = row.reading if row is not None else entry.reading
    return FilmResult(entry.film, reads.card, reading, entry.held_back or "", verdicts, entry.name)


def results(entry: OpenEntry, reads: Predictor) -> None:
    """The section."""
    row = next((row for row in entries_at(reads) if row.id == entry.id), None)
    result = result_of(entry, reads, row)
    left, right = st.columns(2, gap="large")
    with left:
        verdicts(entry, result)
    with right:
        files(entry, result)
        pages(reads)


def verdicts(entry: OpenEntry, result: FilmResult) -> None:
    """Each flag with what the reader makes of it, and what the reader adds."""
    st.subheader("Your verdict", anchor=False)
    if result.reading is None:
        st.html(markup.paragraph("This film has no score, so there are no flags to judge."))
        return
    st.text_input(
        "Your name, to be stored with the verdict", key="verdict-reader", max_chars=64, persist_state="session"
    )
    for score in result.flagged:
        known = result.verdict(score.name)
        with st.container(horizontal=True, vertical_alignment="center"):
            said = f": {verdict_words(known)}" if known else ""
            st.html(markup.paragraph(f"{title(score.name)} {chance(score)}{said}", "said"), width=300)
            for decision, label in ((Decision.ACCEPTED, "Accept"), (Decision.REJECTED, "Reject")):
                st.button(
                    label,
                    key=f"verdict-{decision}-{entry.id}-{score.name}",
                    help=f"{title(score.name)}: {VERDICTS[decision]}",
                    on_click=decide,
                    args=(result, score.name, decision),
                    disabled=known is not None and known.decision is decision,
                )
    rest = [score.name for score in ordered(result.reading) if not score.flagged]
    added = {name: result.verdict(name) for name in rest}
    for name, verdict in added.items():
        if verdict is not None and verdict.decision is Decision.CORRECTED:
            st.html(markup.paragraph(f"{title(name)}, not flagged: {verdict_words(verdict)}", "said"))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        missed = st.selectbox(
            "Not flagged, but you see it",
            [None, *rest],
            format_func=lambda name: title(name) if name else "",
            key=f"missed-{entry.id}",
        )
        st.button(
            "Add",
            key=f"verdict-add-{entry.id}",
            on_click=decide,
            args=(result, missed or "", Decision.CORRECTED),
            disabled=missed is None,
        )
    if message := st.session_state.pop("verdict-message", ""):
        st.html(markup.caution(message))
    counted = overrulings(verdict_file().read(), result.card.weights)
    if counted:
        st.subheader("How often the model was overruled", anchor=False)
        st.html(markup.table(overruled_rows(counted)))


def decide(result: FilmResult, finding: str, decision: Decision) -> None:
    """Writes one verdict to the end of the file; the stored run and the reading stay as they are."""
    reader = str(st.session_state.get("verdict-reader") or "")
    try:
        verdict_file().append(result.film.digest, finding, result.card.weights, decision, reader)
    except ChexviewError as error:
        st.session_state["verdict-message"] = str(error)
    else:
        note(Action.JUDGED, result.film.digest)


def files(entry: OpenEntry, result: FilmResult) -> None:
    """The film's results in the forms that the reader chooses, for the record or for sharing, as one zip."""
    st.subheader("Results of this film as files", anchor=False)
    is_dicom = result.film.origin is not None
    if not is_dicom:
        st.html(markup.paragraph(NO_DICOM))
    offered = {form.name: form for form in FILM_EXPORTS if is_dicom or not form.is_dicom}
    purposes: list[Purpose] = list(Purpose)
    purpose = st.radio("Purpose", purposes, format_func=capitalised, key="result-purpose") or Purpose.RECORD
    names = st.pills(
        "Formats",
        list(offered),
        selection_mode="multi",
        default=[name for name in USUAL if name in offered],
        format_func=lambda name: offered[name].title,
        key=f"result-forms-{is_dicom}",
    )
    st.html(markup.table((offered[name].title, offered[name].holds) for name in names))
    if purpose is Purpose.SHARING:
        st.html(markup.caution(NOT_LOOKED_AT))
    forms = [offered[name] for name in names]
    key = ("results", entry.id, signature(result, forms, purpose))
    if st.button("Make the files", key="make-results", disabled=not forms, icon=":material/folder_zip:"):
        with st.spinner("Making the files"):
            made = bundle(result, forms, "film", SharingKey() if purpose is Purpose.SHARING else None)
        session_media().forget(lambda other: other[:2] == key[:2])
        st.session_state["results-made"] = (key, made.refusals, bool(made.files))
        if made.files:
            session_media().add(key, item(made, purpose, result))
    known = st.session_state.get("results-made")
    if known is not None and known[0] == key:
        for sentence in known[1]:
            st.html(markup.caution(sentence))
        if known[2]:
            st.html(
                link(
                    session_media().address(key, lambda: item(remade(result, forms, purpose), purpose, result)),
                    NAMES[purpose],
                )
            )


def capitalised(purpose: Purpose) -> str:
    """What files are for, as a choice reads."""
    return purpose.value.capitalize()


NAMES = {Purpose.RECORD: "chexview-results.zip", Purpose.SHARING: "chexview-for-sharing.zip"}


def remade(result: FilmResult, forms: Sequence[FilmExport], purpose: Purpose) -> Bundle:
    """The files once more, where they were dropped from memory meanwhile."""
    return bundle(result, forms, "film", SharingKey() if purpose is Purpose.SHARING else None)


def item(made: Bundle, purpose: Purpose, result: FilmResult) -> MediaItem:
    """The files as one zip."""
    data = zipped((*made.files, about(purpose)))
    return MediaItem(data, "application/zip", NAMES[purpose], films=(result.film.digest,))


def signature(result: FilmResult, forms: Sequence[FilmExport], purpose: Purpose) -> str:
    """The same for the same results in the same forms."""
    scores = [(score.name, score.threshold) for score in result.reading.findings] if result.reading else []
    names = [form.name for form in forms]
    return sha256(repr((result.card.weights, scores, result.verdicts, names, purpose)).encode()).hexdigest()


def link(address: str, name: str) -> str:
    """A link that saves what lies at an address of our own route."""
    return f"<a class='save' href='{address}' download='{name}'>Save {name}</a>"


def pages(reads: Predictor) -> None:
    """A PDF of all films of the list: a summary, and a page a film."""
    rows = [row for row in entries_at(reads) if row.facts is not None][:PAGES]
    if len(rows) < 2:
        return
    key = ("report", readings_key(rows))
    if st.button(f"Make a PDF of all {len(rows)} films", key="make-report", icon=":material/picture_as_pdf:"):
        with st.spinner("Making the pages"):
            session_media().forget(lambda other: other[0] == "report")
            session_media().add(key, report_item(rows, reads))
        st.session_state["report-made"] = key
    if st.session_state.get("report-made") == key:
        st.html(link(session_media().address(key, lambda: report_item(rows, reads)), REPORT))


def report_item(rows: Sequence[WorklistEntry], reads: Predictor) -> MediaItem:
    """The pages as a file to be saved."""
    films = tuple(dict.fromkeys(row.digest for row in rows))
    return MediaItem(report(rows, reads), "application/pdf", REPORT, films=films)


def report(rows: Sequence[WorklistEntry], reads: Predictor) -> bytes:
    """The pages; one film's pixels are in memory at a time."""
    # brings matplotlib, which the first page does not wait for
    from chexview.exports.film_report import report_pdf, summary_row

    opened = (result_of(entry, reads, row) for row in rows if (entry := reopened(row)) is not None)
    summary = [
        summary_row(FilmResult(row.facts, reads.card, row.reading, row.held_back or "", name=row.name))
        for row in rows
        if row.facts is not None
    ]
    return report_pdf(opened, summary, f"Read with {model_words(reads.card)}.")


def reopened(row: WorklistEntry) -> OpenEntry | None:
    """The film with its pixels; None where it went meanwhile."""
    try:
        return worklist().open(row.id)
    except FilmError:
        return None
