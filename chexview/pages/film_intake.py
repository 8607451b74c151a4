"""How films come onto *Read*: uploads, examples, and a case from another page."""

from hashlib import sha256
from typing import Any

import streamlit as st

from chexview.films import formats
from chexview.pages.examples import examples
from chexview.pages.state.session import FilmsState, session
from chexview.viewer import components
from chexview.viewer.components import FilmItem
from chexview.viewer.scene import Box
from chexview.web.security_headers import COOKIE
from chexview.web.session_media import session_media
from chexview.web.uploads import present, release
from chexview.worklist.input_files import InputFile
from chexview.worklist.queue import Worklist
from chexview.worklist.session_lease import LEASES, SessionLease


def worklist() -> Worklist:
    """This session's films. They go some time after its browser has gone; a page that is reloaded finds them again."""
    films = session().films
    lease = films.lease
    if lease is None or lease.work.is_closed:
        films.lease = lease = LEASES.take(browser())
        films.boxes = lease.notes.setdefault("boxes", films.boxes)
        films.labels = lease.notes.setdefault("labels", films.labels)
        _held(lease)
    elif lease.is_left:
        _held(lease).renew()
    return lease.work


@st.cache_resource(scope="session", on_release=SessionLease.release, show_spinner=False)
def _held(_lease: SessionLease) -> SessionLease:
    """The lease, which Streamlit lets go of when the browser disconnects."""
    return _lease


def notes() -> dict[str, Any]:
    """What stays with the films when a page is reloaded."""
    worklist()
    lease = session().films.lease
    assert lease is not None
    return lease.notes


def browser() -> str:
    """The cookie that binds films to this browser; "" if it has none yet."""
    return st.context.cookies.get(COOKIE, "")


def bring(files: list[InputFile], boxes: dict[str, tuple[Box, ...]] | None = None) -> None:
    """Lets files be read; ``boxes`` by the SHA-256 of a file are drawn over its film."""
    session().films.boxes.update(boxes or {})
    worklist().bring(files)


def uploader() -> None:
    """Takes what the user brings; the key is new each time, so that Streamlit lets go of the files' bytes."""
    key = f"upload-{session().films.uploads}"
    folder = st.session_state.get("upload-folder", False)
    st.file_uploader(
        "A folder of films" if folder else f"Films as {formats.listed()}, or a zip of them",
        accept_multiple_files="directory" if folder else True,
        key=key,
        on_change=take_upload,
        args=(key,),
    )
    st.toggle("A whole folder", key="upload-folder", persist_state="session")


def take_upload(key: str) -> None:
    """Lets the uploaded files be read, before the page is drawn anew.

    A browser tells of many files more than once, also after the uploader was replaced: each file is taken once, be it here or
    by :func:`take_early`.
    """
    films = session().films
    uploaded = {file.file_id: file for file in present(st.session_state.get(key))}
    with films.intake:
        files, early = untaken(films, list(uploaded)), films.early & uploaded.keys()
        films.early -= early
    if files:
        bring([InputFile(uploaded[id].name, uploaded[id].getvalue()) for id in files])
    if files or early:
        release(list(uploaded.values()))
        films.uploads += 1


def take_early(films: FilmsState, work: Worklist, file: str, name: str, data: bytes) -> None:
    """Lets an upload be read before Streamlit tells of it; without Streamlit's own context, for a thread."""
    with films.intake:
        if untaken(films, [file]):
            films.early.add(file)
            work.bring([InputFile(name, data)])


def untaken(films: FilmsState, ids: list[str]) -> list[str]:
    """Those of the uploaded files that were not taken before; they are taken now."""
    fresh = [id for id in ids if id not in films.taken]
    films.taken.update(fresh)
    return fresh


def open_on(finding: str) -> None:
    """Chooses the finding that the next film is opened for.

    The address is cleared, not written: one that Python writes stays for Streamlit what it was, whatever the browser chooses later.
    """
    session().films.opens_on = finding
    st.query_params.clear()


def open_example() -> None:
    """Brings the example that was chosen."""
    session().films.uploads += 1
    wanted = components.chosen("examples")
    for example in examples():
        if example.path.name == wanted:
            data = example.path.read_bytes()
            digest = sha256(data).hexdigest()
            session().films.labels[digest] = example.known_labels
            bring([InputFile(example.path.name, data, example.remark)], {digest: example.boxes})
            if example.opens_on:
                open_on(example.opens_on)


def offer_examples(cards: bool) -> None:
    """The bundled films, each with its picture, large or small."""
    found = examples()
    if not found:
        return
    st.header("Or open an example", anchor=False)
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
