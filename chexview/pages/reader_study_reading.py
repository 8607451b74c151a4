"""One film of a reader study: first blind, then, when the answer is stored, with the advice."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import streamlit as st

from chexview.errors import ChexviewError, StudyError
from chexview.evaluation.references import ReferenceStandard
from chexview.films.radiograph import Radiograph
from chexview.findings import title
from chexview.model.predictor import Predictor
from chexview.pages.film_serving import is_near, pixels_item
from chexview.pages.predictors import predictor
from chexview.pages.read_points import points_for
from chexview.pages.reader_study_films import film_of, truths
from chexview.pages.run_selectors import caution
from chexview.pages.similar_scores import run_of
from chexview.pages.state.session import session
from chexview.pages.state.study_progress import StudyProgress, to_read, to_reveal
from chexview.pages.viewer_panel import row
from chexview.studies.advice import parts_of, study_flags, study_scores
from chexview.studies.answers import Advice, Phase, ReaderAnswer
from chexview.studies.storage import ReaderStudy
from chexview.text import markup
from chexview.text import reading as reading_text
from chexview.text import study as study_text
from chexview.viewer import components
from chexview.viewer.components import FilmFindings
from chexview.viewer.mount import film_viewer, region
from chexview.viewer.pixel_coding import ENCODING, PixelCoding, encode_mask
from chexview.viewer.scene import Box, Scene, pane_of, radiologists_box
from chexview.web.media_store import MediaItem
from chexview.web.session_media import session_media
from chexview.worklist.reader import Outcome, reader_of

VIEWER = "study-viewer"


@st.fragment
def reading_area(study: ReaderStudy) -> None:
    """The film whose turn it is: revealed, or blind. What follows a stored answer is drawn in the fragment alone."""
    progress = session().study
    entries = study.entries(progress.reader)
    revealed = to_reveal(progress, study.design, entries)
    wanted = revealed or to_read(progress, study.design, entries)
    if not wanted:
        st.rerun()
    order = study.design.order(progress.reader)
    number = 1 + [film.id for film in order].index(wanted)
    st.progress(len(entries.alone) / len(order), study_text.place(number, len(order)))
    if progress.sentence:
        caution(progress.sentence)
    try:
        film = film_of(study, wanted)
    except (ChexviewError, KeyError) as error:
        caution(str(error) if isinstance(error, ChexviewError) else study_text.NOT_HERE)
        st.button("Continue without it", on_click=skip, args=(study, wanted), shortcut="Enter")
        return
    known = entries.last(wanted) if revealed else None
    progress.show(f"{study.name} {wanted} {bool(revealed)}", study.design.findings, time.monotonic(), known)
    film_side, answer_side = st.columns([0.6, 0.4], gap="medium")
    if revealed:
        reveal(study, film, wanted, number, film_side, answer_side)
        return
    with film_side, st.container(key="film"):
        draw_film(film, wanted, number)
    with answer_side:
        steps(study)
        st.button(
            "Store the answer",
            on_click=store_alone,
            args=(study, wanted),
            type="primary",
            shortcut="Enter",
        )
        st.html(markup.paragraph(f"{study_text.KEYS} {study_text.MARKS}"))


def draw_film(
    film: Radiograph, id: str, number: int, outcome: Outcome | None = None, boxes: Sequence[Box] = (), chosen: str = ""
) -> None:
    """The film in the viewer; without an outcome nothing but its pixels is in what the browser gets."""
    coding = PixelCoding.PLAIN if is_near() else PixelCoding.DELTA
    kept = ("study", id, coding)
    session_media().forget(lambda key: key[0] == "study" and key[1] != id)
    mask = None
    if film.padding is not None:
        padding = film.padding
        mask = session_media().address(
            ("study", id, "mask"),
            lambda: MediaItem(encode_mask(padding), "application/octet-stream", encoding=ENCODING),
        )
    reading = outcome.reading if outcome else None
    pane = pane_of(
        film,
        reading,
        pixels=session_media().address(kept, lambda: pixels_item(film.pixels, coding)),
        mask=mask,
        title=f"Film {number}",
        alt=f"Chest radiograph, film {number} of the study",
        boxes=boxes,
        id=f"study-film-{number}",
        coding=coding,
    )
    film_viewer(Scene((pane,), chosen, regions=outcome is None), VIEWER, take_mark)


def take_mark() -> None:
    """Takes the box that was drawn as the mark of the finding whose turn it is."""
    progress, drawn = session().study, region(VIEWER)
    if drawn is None or not progress.active:
        return
    if drawn.place is None:
        progress.marks.pop(progress.active, None)
    else:
        progress.marks[progress.active] = drawn.place


def steps(study: ReaderStudy) -> None:
    """The answers so far, and the five steps for the finding whose turn it is."""
    progress, findings = session().study, study.design.findings
    st.html(study_text.answers(findings, progress.given, progress.active, tuple(progress.marks)))
    with st.container(horizontal=True, key="study-steps"):
        for step, words in study_text.STEPS.items():
            chosen = progress.given.get(progress.active) is step
            st.button(
                words,
                key=f"study-step-{step.value} {progress.film}",
                on_click=progress.answer,
                args=(progress.film, step, findings),
                shortcut=str(step.value),
                type="primary" if chosen else "secondary",
            )
    if len(findings) > 1:
        with st.container(horizontal=True):
            st.button("Up", on_click=progress.turn, args=(-1, findings), shortcut="Up", type="tertiary")
            st.button("Down", on_click=progress.turn, args=(1, findings), shortcut="Down", type="tertiary")


def answer_now(progress: StudyProgress, film: str, phase: Phase) -> ReaderAnswer:
    """What was chosen, as it is stored."""
    return ReaderAnswer(
        progress.reader,
        film,
        phase,
        dict(progress.given),
        round(time.monotonic() - progress.began, 2),
        datetime.now(UTC).isoformat(timespec="seconds"),
        progress.reader_marks(),
    )


def store_alone(study: ReaderStudy, film: str) -> None:
    """Stores the first answer; only when it is on the disk is the film revealed.

    The button is never grey: a key that is pressed before the page knows of the last answer would be lost. A button of a film that
    is answered already, which the browser had not taken away yet, does nothing.
    """
    progress = session().study
    progress.sentence = ""
    if film in study.entries(progress.reader).alone:
        return
    if missing := [finding for finding in study.design.findings if finding not in progress.given]:
        progress.sentence = study_text.unanswered(missing)
        return
    try:
        study.store(answer_now(progress, film, Phase.ALONE))
    except StudyError as error:
        progress.sentence = str(error)
        if film not in study.entries(progress.reader).alone:
            return
    progress.revealed = film


def store_advised(study: ReaderStudy, film: str) -> None:
    """Stores the answer after the advice where it is another one, and goes on; nothing where another film is shown already."""
    progress = session().study
    progress.sentence = ""
    if progress.film != f"{study.name} {film} True":
        return
    before = study.entries(progress.reader).last(film)
    if progress.given != before.confidence:
        try:
            study.store(answer_now(progress, film, Phase.ADVISED))
        except StudyError as error:
            progress.sentence = str(error)
            return
    progress.revealed = ""


def skip(study: ReaderStudy, film: str) -> None:
    """Goes on without a film that cannot be shown."""
    progress = session().study
    progress.skipped.add(film)
    progress.revealed = ""
    if film in study.entries(progress.reader).alone:
        store_advice(study, film, None, study_text.NOT_HERE)


def reveal(
    study: ReaderStudy,
    film: Radiograph,
    id: str,
    number: int,
    film_side: st.delta_generator.DeltaGenerator,
    answer_side: st.delta_generator.DeltaGenerator,
) -> None:
    """The model's reading, its heatmap and what the references say; and the answer, which can be revised."""
    progress, findings = session().study, study.design.findings
    reads, outcome, problem = read_now(film)
    if id not in study.entries(progress.reader).advice:
        store_advice(study, id, outcome, problem)
    boxes = [Box(f"You: {title(name).lower()}", place, False, by_reader=True) for name, place in progress.marks.items()]
    said: dict[tuple[str, str], int] = {}
    references = truths(study)
    for truth in references:
        for finding in findings:
            if truth.judges(finding) and (label := int(truth.labels(finding, np.array([id], dtype=object))[0])) >= 0:
                said[truth.name, finding] = label
    boxes += [
        radiologists_box(finding, place.box)
        for truth in references
        for finding in findings
        if isinstance(truth, ReferenceStandard) and truth.judges(finding)
        for place in truth.regions_on(id, finding)
    ]
    parts = [part for finding in findings for part in parts_of(finding)]
    reading = outcome.reading if outcome else None
    scores = [score for score in reading_text.ordered(reading) if score.name in parts] if reading else []
    with film_side, st.container(key="film"):
        draw_film(film, id, number, outcome or Outcome(film), boxes, scores[0].name if scores else "")
    with answer_side:
        st.button("Next film", on_click=store_advised, args=(study, id), type="primary", shortcut="Enter")
        steps(study)
        if problem:
            caution(problem)
        if reading is not None and reads is not None and scores:
            run = run_of(reading.checkpoint_digest)
            listed = FilmFindings(
                f"study-film-{number}",
                "",
                tuple(row(score, reading, reads, run) for score in scores),
                "Flagged",
                "Under the threshold" if any(score.flagged for score in scores) else "",
                "The model flags none of these.",
            )
            components.findings_list(
                [listed],
                scores[0].name,
                "study-findings",
                columns=("The model", "Probability", "Log-odds above threshold"),
            )
        st.html(study_text.references_say(references, said, findings))


def read_now(film: Radiograph) -> tuple[Predictor | None, Outcome | None, str]:
    """The model's reading of a film at the session's operating points, kept while it is shown; and a sentence where none is."""
    progress = session().study
    try:
        reads = predictor()
    except ChexviewError as error:
        return None, None, str(error)
    if progress.outcome is None:
        (progress.outcome,) = reader_of(reads).read([film])
    outcome = progress.outcome
    if outcome.reading is None:
        return reads, outcome, outcome.withheld or outcome.failure or ""
    points = points_for(reads.card)
    at = outcome.reading.at(points.policy, points.thresholds(reads.card.findings))
    return reads, Outcome(film, at), ""


def store_advice(study: ReaderStudy, film: str, outcome: Outcome | None, problem: str) -> None:
    """Stores what the reader is about to see."""
    progress, reading = session().study, outcome.reading if outcome else None
    odds = {score.name: score.log_odds for score in reading.findings} if reading else {}
    flagged = {score.name for score in reading.findings if score.flagged} if reading else set()
    findings = study.design.findings
    study.store(
        Advice(
            progress.reader,
            film,
            reading.checkpoint if reading else "",
            reading.checkpoint_digest if reading else "",
            study_scores(odds, findings),
            study_flags(flagged, findings),
            datetime.now(UTC).isoformat(timespec="seconds"),
            problem,
        )
    )
