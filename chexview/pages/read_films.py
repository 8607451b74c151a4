"""The films of a session: how they come, how far their reading is, which of them are listed, and what can be saved of them."""

from hashlib import sha256

import streamlit as st

from chexview import settings
from chexview.evaluation.run import list_runs
from chexview.exports import records
from chexview.findings import title
from chexview.model.predictor import Predictor
from chexview.pages import covered_regions
from chexview.pages.evaluate_view import View
from chexview.pages.own_points import elsewhere, forget, own_points
from chexview.pages.reader import examples
from chexview.text import reading as reading_text
from chexview.viewer import components
from chexview.viewer.components import FilmItem
from chexview.viewer.pictures import grey_picture
from chexview.viewer.scene import Box
from chexview.web.media_store import MediaItem
from chexview.web.session_media import session_media
from chexview.web.uploads import release
from chexview.worklist.entries import Status, WorklistEntry
from chexview.worklist.input_files import InputFile
from chexview.worklist.queue import Worklist
from chexview.worklist.session_lease import SessionLease
from chexview.worklist.sorting import Filter, SortOrder, filter_entries, sort_entries

POLL_SECONDS = 0.6
SCORE_SECONDS = 3.0
"""How long the page waits for the score of the film that it shows; after that the list's own polling brings it."""
FIRST_SECONDS = 20.0
"""How long the page waits for the first film of all before it is drawn without one."""
MANY = 5
"""From so many films on, the list can be sorted and filtered."""


def worklist() -> Worklist:
    """This session's films. They go when the session does, or some time after its browser has gone."""
    lease: SessionLease | None = st.session_state.get("lease")
    if lease is None or lease.work.is_closed:
        lease = st.session_state["lease"] = SessionLease(Worklist())
    _session_lease(lease).renew()
    return lease.work


@st.cache_resource(scope="session", on_release=SessionLease.release, show_spinner=False)
def _session_lease(_lease: SessionLease) -> SessionLease:
    """The lease, which Streamlit lets go of when the browser disconnects."""
    return _lease


def bring(files: list[InputFile], boxes: dict[str, tuple[Box, ...]] | None = None) -> None:
    """Lets files be read; ``boxes`` by the SHA-256 of a file are drawn over its film."""
    st.session_state.setdefault("boxes", {}).update(boxes or {})
    worklist().bring(files)


def uploader() -> None:
    """Takes what the user brings; the key is new each time, so that Streamlit lets go of the files' bytes."""
    key = f"upload-{st.session_state.setdefault('uploads', 0)}"
    folder = st.session_state.get("upload-folder", False)
    st.file_uploader(
        "A folder of films" if folder else "Films as PNG, JPEG, TIFF or DICOM, or a zip of them",
        accept_multiple_files="directory" if folder else True,
        key=key,
        on_change=take_upload,
        args=(key,),
    )
    st.toggle("A whole folder", key="upload-folder", persist_state="session")


def take_upload(key: str) -> None:
    """Lets the uploaded files be read, before the page is drawn anew."""
    files = st.session_state.get(key)
    if files:
        bring([InputFile(file.name, file.getvalue()) for file in files])
        release(files)
        st.session_state["uploads"] += 1


def open_example() -> None:
    """Brings the example that was chosen."""
    st.session_state["uploads"] = st.session_state.get("uploads", 0) + 1
    wanted = components.chosen("examples")
    for example in examples():
        if example.path.name == wanted:
            data = example.path.read_bytes()
            bring([InputFile(example.path.name, data, example.remark)], {sha256(data).hexdigest(): example.boxes})


def offer_examples(cards: bool) -> None:
    """The bundled films, each with its picture, large or small."""
    found = examples()
    if not found:
        return
    st.subheader("Or open an example", anchor=False)
    items = [
        FilmItem(
            id=example.path.name,
            title=example.title,
            status=example.note,
            picture=session_media().add(("example", example.path.name), example.picture),
        )
        for example in found
    ]
    components.film_chooser(items, None, "examples", open_example, label="Example films", cards=cards)


def first_film() -> None:
    """Waits until the first film of all is decoded, so that it is shown at once; its score may come later."""
    work = worklist()
    if work.is_busy and not any(row.facts or row.sentence for row in work.snapshot()):
        with st.spinner("Reading the first film"):
            for _ in range(round(FIRST_SECONDS / 0.01)):
                if work.wait(0.01) or any(row.facts or row.sentence for row in work.snapshot()):
                    return


def first_score() -> None:
    """Where the film is on the screen before its score: waits for the score, and draws the page anew with it."""
    work = worklist()
    for _ in range(round(SCORE_SECONDS / 0.01)):
        row = next((row for row in work.snapshot() if row.id == work.shown), None)
        if row is None or not row.is_pending:
            break
        work.wait(0.01)
    if st.session_state.get("drawn-for") != mark():
        st.rerun()


def mark() -> tuple[bool, str | None, Status | None, bool]:
    """What of the films decides how the page is drawn."""
    work = worklist()
    busy, shown = work.is_busy, work.shown
    row = next((row for row in work.snapshot() if row.id == shown), None)
    return busy, shown, row.status if row else None, bool(row and row.reading)


def settle() -> None:
    """Remembers for what the page is drawn in this run."""
    st.session_state["drawn-for"] = mark()


def own_thresholds(reads: Predictor) -> dict[str, float]:
    """The thresholds that this session chose on Evaluate for these weights."""
    view: View | None = st.session_state.get("evaluate")
    return own_points(view, list_runs(settings.load().runs), reads.card) if view is not None and view.thresholds else {}


def forget_thresholds(reads: Predictor) -> None:
    """Goes back to the checkpoint's own thresholds."""
    forget(st.session_state["evaluate"], list_runs(settings.load().runs), reads.card)


def told(reads: Predictor | None) -> tuple[WorklistEntry, ...]:
    """All films as they stand, their readings at the policy in use."""
    rows = worklist().snapshot()
    if reads is None:
        return rows
    policy = st.session_state.get("policy") or reads.card.default_policy
    if not policy:
        return rows
    points = {**reads.card.operating_points[policy], **own_thresholds(reads)}
    return tuple(row.at(policy, points) for row in rows)


def tools(reads: Predictor | None) -> None:
    """The row over the films: more films, the policy, downloads."""
    with st.container(horizontal=True, vertical_alignment="center", key="tools"):
        with st.popover("Add films", icon=":material/add:", key=f"add-{st.session_state.setdefault('uploads', 0)}"):
            uploader()
            offer_examples(cards=False)
        if reads is not None and reads.card.operating_points:
            policies = list(reads.card.operating_points)
            default = reads.card.default_policy
            st.selectbox(
                "Thresholds",
                policies,
                index=policies.index(default) if default in policies else 0,
                format_func=lambda policy: f"Thresholds: {reading_text.policy_title(policy)}",
                key="policy",
                persist_state="session",
                label_visibility="collapsed",
                width=300,
            )
            if own := own_thresholds(reads):
                st.button(
                    f"Reset {len(own)} of your own",
                    on_click=forget_thresholds,
                    args=(reads,),
                    icon=":material/undo:",
                    help=f"Thresholds chosen on Evaluate are in use for {', '.join(title(name) for name in own)}.",
                )
            view: View | None = st.session_state.get("evaluate")
            if view is not None and elsewhere(view, list_runs(settings.load().runs), reads.card):
                st.html(f"<p class='quiet'>{reading_text.FOREIGN_THRESHOLDS}</p>", width="content")
        with st.popover("Save readings", icon=":material/download:"):
            downloads(reads)
        beside()


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
        [None, *names],
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
    """The readings of all films as CSV and JSON lines, from the own route: readings do not lie in Streamlit's cache."""
    rows = [row for row in told(reads) if row.facts is not None]
    kept_records = [records.record(row.name, row.facts, row.reading) for row in rows if row.facts is not None]
    findings = reads.card.findings if reads else ()
    tables = {
        "CSV": MediaItem(records.comma_separated(kept_records, findings), "text/csv", "chexview-readings.csv"),
        "JSON": MediaItem(records.json_lines(kept_records), "application/x-ndjson", "chexview-readings.jsonl"),
    }
    keys = [("table", kind, sha256(item.data).hexdigest()) for kind, item in tables.items()]
    session_media().forget(lambda key: key[0] == "table" and key not in keys)
    links = [
        f"<a class='save' href='{session_media().add(key, item)}' download='{item.file_name}'>{kind}</a>"
        for key, (kind, item) in zip(keys, tables.items(), strict=True)
    ]
    count = len(rows)
    st.html(f"<p class='quiet'>{count} {'film' if count == 1 else 'films'}, with every finding.</p>{''.join(links)}")


def column(reads: Predictor | None) -> None:
    """The list of films; while films are read it looks for news by itself."""
    st.fragment(listing, run_every=POLL_SECONDS if worklist().is_busy else None)(reads)


def listing(reads: Predictor | None) -> None:
    """How far the reading is, the films small and with their state, and how to take them off."""
    if st.session_state.get("drawn-for") != mark():
        st.rerun()
    work = worklist()
    if work.is_busy:
        progress = work.progress()
        st.progress(
            progress.share, text=reading_text.progress_words(progress.done, progress.total, progress.seconds_left)
        )
        st.button("Cancel", on_click=work.cancel, key="cancel")
    rows = [row for row in told(reads) if row.status is not Status.REFUSED]
    many = len(rows) >= MANY
    if many:
        rows = list(narrowed(rows, reads))
    components.film_chooser([item(row) for row in rows], work.shown, "films", choose_film, label="Films", cards=False)
    with st.container(horizontal=True, gap="small", key="remove"):
        st.button("Remove film", on_click=remove_shown, type="tertiary")
        st.button("Remove all", on_click=remove_all, type="tertiary")
    if many:
        st.html(f"<p class='fine'>{reading_text.memory_words(work.memory())}</p>")


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
    which = st.selectbox(
        "Which",
        [choice for choice in Filter if choice is not Filter.REFUSED],
        format_func=lambda choice: f"{choice.value.capitalize()}, {len(filter_entries(rows, choice))}",
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
    return sort_entries(filter_entries(rows, which or Filter.ALL, finding or ""), order or SortOrder.MARGIN)


def item(row: WorklistEntry) -> FilmItem:
    """A film as it stands in the list."""
    picture = None
    if row.thumbnail is not None:
        small = row.thumbnail
        picture = session_media().address(("small", row.id), lambda: grey_picture(small))
    flags = sum(score.flagged for score in row.reading.findings) if row.reading else 0
    return FilmItem(row.id, row.name, reading_text.status(row), picture, flags)


def choose_film() -> None:
    """Opens the film that was chosen."""
    worklist().show(components.chosen("films") or "")


def remove_shown() -> None:
    """Takes the film that is shown off, and its pictures out of memory."""
    shown = worklist().shown
    if shown is not None:
        remove(shown)


def remove_all() -> None:
    """Takes all films off."""
    remove(*(row.id for row in worklist().snapshot()))


def remove(*ids: str) -> None:
    """Takes films off, and their pictures out of memory."""
    worklist().remove(*ids)
    session_media().forget(lambda key: key[1] in ids)
    covered_regions.forget(ids)
    kept_results = st.session_state.get("asked", {})
    for key in [key for key in kept_results if key[0] in ids]:
        del kept_results[key]
