"""Choosing a study to go on with, or drawing up a new one."""

import hashlib
import secrets
from datetime import UTC, datetime

import numpy as np
import streamlit as st

from chexview import settings
from chexview.errors import FilmError, StudyError
from chexview.evaluation.run import ValidationRun
from chexview.evaluation.summary import assessed
from chexview.films.read import read
from chexview.findings import COMPOSITES, NAMES, title
from chexview.pages import case_films
from chexview.pages.examples import examples
from chexview.pages.reader_study_films import every_truth, here, run_named
from chexview.pages.run_selectors import caution
from chexview.pages.state.run_choice import HELD_OUT, sorted_lists
from chexview.pages.state.session import session
from chexview.studies.choosing import draw
from chexview.studies.design import LONGEST, StudyDesign, StudyFilm
from chexview.studies.exchange import merge
from chexview.studies.storage import create_study, list_studies
from chexview.text import markup, numbers
from chexview.text import study as study_text
from chexview.text.escape import escaped

TOUR, LIST, UPLOADS = "Ten-film tour", "Films of a run", "Your own films"
TOUR_SEED = 10
TOUR_FINDING = "nodule_mass"


def setup() -> None:
    """The studies that are here, and a new one."""
    reader = st.text_input(
        "Your name as a reader (any name you choose)", key="study-reader", max_chars=LONGEST, persist_state="session"
    ).strip()
    if not reader:
        st.html(markup.paragraph(study_text.NAME_FIRST, "fine"))
    known = list_studies(settings.load().studies)
    for listing in known:
        if listing.design is None:
            caution(f"{listing.folder.name}: {listing.problem}")
    studies = {listing.folder.name: listing.design for listing in known if listing.design is not None}
    if studies:
        st.header("Continue a study", anchor=False)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            name = st.selectbox(
                "Study",
                list(studies),
                format_func=lambda name: f"{studies[name].title}, {len(studies[name].films)} films",
                key="study-name",
            )
            st.button("Continue", on_click=go_on, args=(name, reader), disabled=not reader)
    with st.expander("Upload a study, or more answers to one, as a zip", icon=":material/upload:"):
        brought = st.file_uploader("A study's zip", ["zip"], key="study-zip")
        st.button("Add it", on_click=add, args=(brought.getvalue() if brought else b"",), disabled=brought is None)
    st.header("A new study", anchor=False)
    kind = st.segmented_control(
        "Films", [TOUR, LIST, UPLOADS], default=TOUR, key="study-kind", required=True, label_visibility="collapsed"
    )
    run = run_named("")
    if kind == TOUR:
        tour(reader, run)
    elif kind == LIST:
        from_list(reader, run)
    else:
        from_uploads(reader, run)


def go_on(study: str, reader: str) -> None:
    """Opens a study as a reader."""
    session().study.enter(study, reader)


def add(data: bytes) -> None:
    """Adds a study that was saved elsewhere, or its answers; what came of it is said above."""
    progress = session().study
    try:
        study = merge(data, settings.load().studies)
    except StudyError as error:
        progress.sentence = str(error)
        return
    progress.sentence = f"{study.design.title} is here, with {numbers.counted(len(study.readers()), 'reader')}."


def begin(
    reader: str, words: str, films: tuple[StudyFilm, ...], findings: tuple[str, ...], run: str, own: dict[str, bytes]
) -> None:
    """Stores a new study and opens it; what prevents it is said above."""
    made = datetime.now(UTC).isoformat(timespec="seconds")
    design = StudyDesign(words.strip(), secrets.randbelow(2**31), films, findings, made, run)
    progress = session().study
    try:
        study = create_study(settings.load().studies, design, own)
    except StudyError as error:
        progress.sentence = str(error)
        return
    progress.enter(study.name, reader)


def tour(reader: str, run: ValidationRun | None) -> None:
    """Ten films, half of them with a nodule or mass by radiologists who adjudicated them; else the example films."""
    if run is None:
        caution("There is no validation run here, so there are no films for the tour; use your own films.")
        return
    library, _ = case_films.library("")
    images = np.array([image for image in run.table.column("image") if image in library], dtype=object)
    labels = next(
        (
            given
            for truth in every_truth(run)
            if truth.judges(TOUR_FINDING)
            and min((given := truth.labels(TOUR_FINDING, images)).tolist().count(side) for side in (0, 1)) >= 2
        ),
        None,
    )
    chosen = draw(images.tolist(), 10, TOUR_SEED, labels)
    st.html(
        markup.paragraph(
            f"{numbers.counted(len(chosen), 'film')} for nodule or mass, about half of them with it. Answer with the keys 1 to 5; "
            "after each answer you see what the model and the radiologists say."
        )
    )
    st.button(
        "Begin the tour",
        on_click=begin,
        args=(reader, "Tour", films_of(run, chosen), (TOUR_FINDING,), run.name, {}),
        disabled=not reader or not chosen,
        type="primary",
    )


def films_of(run: ValidationRun, images: tuple[str, ...]) -> tuple[StudyFilm, ...]:
    """Films of a run with their patients."""
    owners = dict(zip(run.table.column("image"), run.table.column("patient"), strict=True))
    return tuple(StudyFilm(image, str(owners[image])) for image in images)


def from_list(reader: str, run: ValidationRun | None) -> None:
    """Films of a run's list, drawn at random."""
    if run is None:
        caution("There is no validation run here.")
        return
    lists = {item.name: item.title for item in sorted_lists(run.lists) if item.name != HELD_OUT}
    left, right = st.columns(2, gap="medium")
    with left:
        wanted = st.selectbox("List", list(lists), format_func=lists.__getitem__, key="study-list")
        count = st.number_input("How many films", 2, 500, 20, key="study-count")
    images = here(run.digest, wanted, run, len(case_films.library("")[0]))
    with right:
        findings = choose_findings(run)
        balanced = st.toggle("Half of them with the first finding, by the run's labels", key="study-balanced")
    seed = st.number_input("Random seed", 0, 10**6, 1, key="study-seed")
    labels = None
    if balanced and findings:
        labels = every_truth(run)[-1].labels(findings[0], np.array(images, dtype=object))
    chosen = draw(images, int(count), int(seed), labels)
    st.html(
        markup.paragraph(
            f"{len(images):,} films of this list are on this machine; {len(chosen):,} are drawn at random."
        )
    )
    words = st.text_input("Title of the study", "Films drawn at random", key="study-title", max_chars=LONGEST)
    st.button(
        "Begin",
        on_click=begin,
        args=(reader, words, films_of(run, chosen), findings, run.name, {}),
        disabled=not (reader and chosen and findings and words.strip()),
        type="primary",
    )


def choose_findings(run: ValidationRun | None) -> tuple[str, ...]:
    """The findings that readers are asked for."""
    offered = list(assessed(run)) if run is not None else [*NAMES, *COMPOSITES]
    first = [TOUR_FINDING] if TOUR_FINDING in offered else offered[:1]
    return tuple(st.multiselect("Findings", offered, first, format_func=title, key="study-findings-asked"))


def from_uploads(reader: str, run: ValidationRun | None) -> None:
    """The user's own films, or the bundled examples."""
    bundled = st.toggle(f"The {len(examples())} bundled example films", key="study-examples")
    given: dict[str, bytes] = {}
    if bundled:
        given = {example.path.name: example.path.read_bytes() for example in examples()}
    else:
        whole = st.toggle("A whole folder", key="study-folder")
        uploaded = st.file_uploader(
            "A folder of films" if whole else "Films as PNG, JPEG, TIFF or DICOM",
            accept_multiple_files="directory" if whole else True,
            key=f"study-upload-{whole}",
        )
        st.html(markup.paragraph(study_text.OWN_FILMS))
        given = {file.name: file.getvalue() for file in uploaded or ()}
    findings = choose_findings(run)
    words = st.text_input("Title of the study", "Your own films", key="study-own-title", max_chars=LONGEST)
    st.button(
        "Begin",
        on_click=begin_own,
        args=(reader, words, given, findings, run),
        disabled=not (reader and given and findings and words.strip()),
        type="primary",
    )


def begin_own(
    reader: str, words: str, given: dict[str, bytes], findings: tuple[str, ...], run: ValidationRun | None
) -> None:
    """Keeps those of the files that are films, each once, and begins; a refused file is said by its number."""
    known = dict(zip(run.table.column("image"), run.table.column("patient"), strict=True)) if run is not None else {}
    own: dict[str, bytes] = {}
    films: dict[str, StudyFilm] = {}
    for number, (name, data) in enumerate(given.items(), 1):
        try:
            film = read(data)
        except FilmError as error:
            session().study.sentence = f"File {number} was refused: {escaped(str(error))}"
            return
        bare = name.replace("\\", "/").rpartition("/")[2]
        id = bare if bare in known else hashlib.sha256(data).hexdigest()
        if film.withheld is None or bare in known:
            own[id], films[id] = data, StudyFilm(id, str(known.get(bare, "")), is_own=True)
    begin(reader, words, tuple(films.values()), findings, run.name if run is not None else "", own)
