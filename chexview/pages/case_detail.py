"""One film of Cases, large, with everything that is known of it."""

from hashlib import sha256
from html import escape
from pathlib import PurePath

import numpy as np
import streamlit as st

from chexview.errors import ChexviewError
from chexview.evaluation.neighbourhood import embedding_of
from chexview.findings import title
from chexview.pages import case_films
from chexview.pages.case_cards import CasesContext, card, look, signed_scale
from chexview.pages.film_intake import bring, open_on
from chexview.pages.run_selectors import caution
from chexview.pages.similar_films import similar_films
from chexview.pages.state.session import session
from chexview.text import cases as cases_text
from chexview.text import markup
from chexview.text import reading as reading_text
from chexview.text.known_labels import KnownLabels
from chexview.text.truth import own_label
from chexview.viewer import components
from chexview.viewer.components import CaseCard, CaseGroup, GalleryKind
from chexview.viewer.scene import Box, radiologists_box
from chexview.worklist.input_files import InputFile

MAGNIFIED = 3
LARGE = 0.1  # of the film: a box of this size needs no close-up


def one_case(context: CasesContext, row: int) -> None:
    """The film, and what is known of it."""
    look(context, [row])
    shown = card(context, row, large=True)
    left, right = st.columns([0.6, 0.4], gap="large")
    with left:
        components.gallery(
            [CaseGroup((shown,))],
            GalleryKind.LARGE,
            signed_scale(context),
            f"case-{row}",
            lambda: None,
            label="The film",
        )
    with right:
        with st.container(horizontal=True):
            st.button("Back to the gallery", on_click=open_row, args=(None,), icon=":material/arrow_back:")
            neighbours(context, row)
            if shown.picture and st.button("Open in Read", icon=":material/pulmonology:", type="primary"):
                to_read(context, row)
        st.header(f"{shown.kind}, {title(context.examination.finding).lower()}", anchor=False)
        st.html(markup.table(facts(context, row, shown)))
        for mark in shown.boxes:
            true_size(context, row, mark, shown)
    similar_cases(context, row)


def similar_cases(context: CasesContext, row: int) -> None:
    """The films most like a case, where the run knows how its checkpoint describes films."""
    run = context.examination.run
    if embedding_of(run) is None:
        return
    case = context.films.found.get(row)
    reading = case.reading if case is not None else None
    st.header("Similar films", anchor=False)
    similar_films(run, reading.features if reading else None, context.examination.finding, row, f"case-{row}")


def open_row(row: int | None) -> None:
    """Opens another case; None goes back to the gallery."""
    session().cases.case = row


def neighbours(context: CasesContext, row: int) -> None:
    """The way to the case before and after, in the gallery's order."""
    cases = session().cases
    rows = [at for group in context.groups(cases.shown, cases.order)[0] for at in group]
    if cases.only_here(int(context.at_hand.sum()), len(context.at_hand)):
        rows = [at for at in rows if context.at_hand[at]]
    place = rows.index(row) if row in rows else -1
    before = rows[place - 1] if place > 0 else None
    after = rows[place + 1] if 0 <= place < len(rows) - 1 else None
    st.button("Previous", on_click=open_row, args=(before,), disabled=before is None, icon=":material/chevron_left:")
    st.button("Next", on_click=open_row, args=(after,), disabled=after is None, icon=":material/chevron_right:")


def facts(context: CasesContext, row: int, shown: CaseCard) -> list[tuple[str, str]]:
    """What is known of a case, as rows of a table."""
    examination, films = context.examination, context.films
    run = examination.run
    rows = [
        ("Image", films.images[row]),
        ("Labels", cases_text.labelled(run, row)),
        *said_by_references(context, row),
        ("Sex, age, view", cases_text.person_of(run, row)),
        ("Score in the run", shown.score),
        ("Flagged from", cases_text.scored(context.threshold, examination.calibration)),
    ]
    case = films.found.get(row)
    if case is not None and case.small:
        rows.append(("Film", cases_text.small_copy(case.shape)))
    if case is not None and case.withheld:
        rows.append(("Score withheld here", cases_text.withheld(case.withheld)))
    if case is None or case.reading is None:
        return rows
    reading = case.reading.at(context.points.policy, context.points.thresholds(run.findings))
    name = cases_text.drawn_finding(examination.finding, reading)
    if name is None:
        return rows
    score = reading.score(name)
    source = "Read from the small copy" if case.small else "Read here"
    rows.append((f"{source}, {title(name).lower()}", cases_text.read_here(score)))
    rows.append(("How it adds up", reading_text.written_sum(score).text))
    flagged = [
        f"{title(item.name)} {reading_text.chance(item)}" for item in reading_text.ordered(reading) if item.flagged
    ]
    rows.append(("Flagged", ", ".join(flagged) or "nothing"))
    return rows


def said_by_references(context: CasesContext, row: int) -> list[tuple[str, str]]:
    """What each reference standard says of the finding on a film, where it speaks of the film."""
    finding, image = context.examination.finding, context.films.images[row]
    said = []
    for reference in context.references:
        (label,) = reference.labels(finding, np.array([image], dtype=object)).tolist()
        if label >= 0:
            said.append((reference.title, cases_text.said_of(finding, bool(label))))
    return said


def true_size(context: CasesContext, row: int, mark: Box, shown: CaseCard) -> None:
    """A box pixel by pixel, and how large it is."""
    films = context.films
    case = films.found.get(row)
    words = cases_text.box_words(mark.place, case.shape if case else None, shown.grid)
    st.html(f"<p class='quiet'><b>{escape(mark.label)}, as a radiologist boxed it.</b> {escape(words)}</p>")
    place = mark.place
    if case is None or case.small or place.width * place.height > LARGE:
        return
    try:
        address, width, height = films.close_up(
            row, context.library, (place.left, place.top, place.right, place.bottom)
        )
    except (ChexviewError, KeyError):
        return
    alt = f"{escape(mark.label, quote=True)} and what is around it"
    st.html(
        "<div class='close-ups'>"
        + "".join(
            f"<figure><img src='{address}' width='{width * by}' height='{height * by}' alt='{alt}'>"
            f"<figcaption>{size}</figcaption></figure>"
            for by, size in ((1, "pixel by pixel"), (MAGNIFIED, f"{MAGNIFIED} times"))
        )
        + "</div>"
    )


def to_read(context: CasesContext, row: int) -> None:
    """Opens a case on *Read*."""
    image, run = context.films.images[row], context.examination.run
    try:
        data = case_films.bytes_of(context.library, image)
    except (ChexviewError, KeyError):
        caution("The film cannot be read any more; is its folder still there?")
        return
    remark = f"A film of the run {run.meta.title}. Labels: {cases_text.labelled(run, row)}."
    if context.library.is_small_copy(image):
        remark += f" {cases_text.SMALL_READ}"
    drawn = tuple(radiologists_box(box.finding, box.place) for box in context.boxes_on(row))
    digest, known = sha256(data).hexdigest(), {name: run.labels(name)[row] for name in run.findings}
    session().films.rows[digest] = (run.digest, row)
    session().films.labels[digest] = KnownLabels(
        own_label(run),
        tuple(name for name, value in known.items() if value == 1),
        tuple(name for name, value in known.items() if value == 0),
    )
    bring([InputFile(PurePath(str(image)).name, data, remark)], {digest: drawn})
    open_on(context.examination.finding)
    st.switch_page("read.py")
