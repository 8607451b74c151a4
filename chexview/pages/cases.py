"""Cases: the films behind each cell of the confusion matrix, and look-alikes with and without the finding."""

from dataclasses import replace
from hashlib import sha256
from html import escape
from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st

from chexview.errors import ChexviewError, RunError
from chexview.evaluation.cases import CaseOrder, CaseSet, LookAlikes, alike, cell_films
from chexview.evaluation.confusion import Cell, CellCounts, confusion
from chexview.evaluation.run import ValidationRun
from chexview.evaluation.selection import Selection
from chexview.evaluation.thresholds import calibration_of, offer
from chexview.films.library import Library
from chexview.findings import COMPOSITES, title
from chexview.geometry import CellGrid, Rectangle
from chexview.pages import case_films
from chexview.pages.bars import signed_bar
from chexview.pages.case_films import CaseFilms, drawn_finding
from chexview.pages.cases_view import PAGE, CasesView
from chexview.pages.choosing import caution, choose_finding, choose_list, choose_run
from chexview.pages.evaluate_view import View
from chexview.pages.read_films import bring
from chexview.pages.saving import save_table
from chexview.text import cases as cases_text
from chexview.text import markup, numbers
from chexview.text import reading as reading_text
from chexview.viewer import components
from chexview.viewer.components import CaseCard, CaseGroup, ColourBar, GalleryKind
from chexview.viewer.scene import Box, radiologists_box
from chexview.worklist.input_files import InputFile

ORDERS = {CaseOrder.HARDEST: "Hardest first", CaseOrder.CLEAREST: "Clearest first"}
COLUMNS = {
    "Probability": st.column_config.NumberColumn(format="percent"),
    "Network output": st.column_config.NumberColumn(format="%.3f"),
}
MOST_PAIRS = 600
MAGNIFIED = 3
LARGE = 0.1  # of the film: a box of this size needs no close-up

state = st.session_state
view: View = state.setdefault("evaluate", View())
cases: CasesView = state.setdefault("cases", CasesView())


def session_films(run: ValidationRun) -> CaseFilms:
    """This session's films of the run."""
    kept: CaseFilms | None = state.get("case-films")
    if kept is None or kept.digest != run.digest:
        kept = state["case-films"] = CaseFilms(run)
    return kept


@st.cache_data(show_spinner=False, max_entries=16)
def boxes_of(digest: str, _run: ValidationRun) -> pd.DataFrame:
    """The radiologists' boxes of a run, one row each: image, finding and the sides as shares of the film."""
    columns = ["image", "finding", "left", "top", "right", "bottom"]
    try:
        table = _run.localisation()
    except RunError:
        table = None
    if table is None:
        return pd.DataFrame(columns=columns)
    return table[columns].drop_duplicates().reset_index(drop=True)


@st.cache_data(show_spinner=False, max_entries=64)
def pairs_of(
    digest: str, list_name: str, finding: str, threshold: float, _selection: Selection
) -> tuple[LookAlikes, ...]:
    """The look-alikes over the threshold; the same for everybody."""
    return alike(_selection, threshold, most=MOST_PAIRS)


def marks(row: int) -> tuple[Box, ...]:
    """The boxes of a film: those of the finding that is shown, in a case that is open those of all findings."""
    told = boxes[boxes["image"] == films.images[row]]
    if cases.case != row:
        told = told[told["finding"].isin({view.finding, *COMPOSITES.get(view.finding, ())})]
    return tuple(
        radiologists_box(str(box.finding), Rectangle(box.left, box.top, box.right, box.bottom))
        for box in told.itertuples()
    )


def card(row: int, large: bool = False) -> CaseCard:
    """A film as it stands in the gallery."""
    position = int(np.flatnonzero(selection.rows == row)[0])
    logit, sick = float(selection.logits[position]), bool(selection.labels[position])
    cell = Cell.of(sick, bool(logit >= np.float32(threshold)))
    person = cases_text.person(*(run.table.column(name)[row] for name in ("sex", "age", "view")))
    labels = cases_text.labelled(run, row)
    told = CaseCard(
        id="" if large else str(row),
        tone=CaseSet.of(cell).value,
        kind=cell.value.capitalize(),
        score=cases_text.scored(logit, calibration),
        note=f"{person} · {labels}",
        alt=f"Film of row {row}, {person}; labels: {labels}",
        absent=films.refused.get(row, "The film is not here."),
    )
    case = films.found.get(row)
    if case is None:
        return told
    scale = reads.card.heatmap_scale if reads else 1.0
    grid = None
    if case.reading is not None:
        _, cell_rows, cell_columns = case.reading.maps.shape
        grid = CellGrid(cell_rows, cell_columns, case.reading.rectangle)
    try:
        picture, heat = films.picture(row, library, large), films.heatmap(row, view.finding, scale)
    except (ChexviewError, KeyError):
        return told
    rows, columns = case.shape
    return replace(told, picture=picture, heat=heat, rows=rows, columns=columns, boxes=marks(row), grid=grid)


def look(rows: list[int]) -> None:
    """Reads the films of ``rows`` that were not looked at yet, with a bar that says how far it is."""
    missing = [row for row in rows if row not in films.found and films.images[row] in library]
    if not missing:
        return
    bar = st.progress(0.0)
    films.look(rows, library, reads, lambda share, text: bar.progress(share, text=text))
    bar.empty()


def bar() -> ColourBar:
    """The colours of the heatmaps."""
    return signed_bar(reads.card.heatmap_scale if reads else 1.0)


def open_case() -> None:
    """Opens the film that was chosen in the gallery."""
    wanted = components.chosen("gallery")
    if wanted:
        cases.case = int(wanted)


def close_case() -> None:
    """Goes back to the gallery."""
    cases.case = None


def take_choice() -> None:
    """Takes over which films are wanted in which order, and begins at the first of them."""
    cases.shown, cases.order = state["cases-shown"], state.get("cases-order", cases.order)
    cases.start, cases.case = 0, None


def pager(count: int, noun: str) -> None:
    """Which part is shown, and the way to the parts before and after."""
    if count <= PAGE:
        return
    shown = cases.page(count)
    with st.container(horizontal=True, vertical_alignment="center", key="pager"):
        st.button(
            "Before", on_click=cases.turn, args=(-1, count), disabled=shown.start == 0, icon=":material/chevron_left:"
        )
        st.html(f"<p class='quiet'>{noun} {shown.start + 1:,} to {shown.stop:,} of {count:,}</p>", width="content")
        st.button(
            "After", on_click=cases.turn, args=(1, count), disabled=shown.stop == count, icon=":material/chevron_right:"
        )


def gallery(counts: CellCounts) -> None:
    """The films of a cell, or the pairs, a page at a time; beneath, all of them as a table."""
    cell = cases.shown.cell
    if cell is None:
        pairs = pairs_of(run.digest, selection.list_name, view.finding, threshold, selection)
        rows = np.array([row for pair in pairs for row in (pair.with_it, pair.without_it)], dtype=np.int64)
        said = cases_text.sentence(cases.shown, view.finding, len(pairs), cases.order)
        if only_here:
            pairs = tuple(pair for pair in pairs if at_hand[pair.with_it] or at_hand[pair.without_it])
        count, kind, noun = len(pairs), GalleryKind.PAIRS, "Pairs"
        part: list[tuple[int, ...]] = [(pair.with_it, pair.without_it) for pair in pairs[cases.page(count)]]
        between = [cases_text.between(pair) for pair in pairs[cases.page(count)]]
    else:
        rows = cell_films(selection, threshold, cell, cases.order)
        said = cases_text.sentence(cases.shown, view.finding, len(rows), cases.order)
        shown = rows[at_hand[rows]] if only_here else rows
        count, kind, noun = len(shown), GalleryKind.SINGLE, "Films"
        part = [(row,) for row in shown[cases.page(count)].tolist()]
        between = [""] * len(part)
    if only_here and len(rows):
        said += f" {cases_text.here(count, cell is None)}"
    st.html(f"<p class='said'>{escape(said)}</p>")
    look([row for group in part for row in group])
    groups = [CaseGroup(tuple(map(card, group)), told) for group, told in zip(part, between, strict=True)]
    components.gallery(
        groups,
        kind,
        bar(),
        "gallery",
        open_case,
        label=cases_text.shown_title(cases.shown, counts),
    )
    pager(count, noun)
    if len(rows):
        with st.expander(f"All {len(rows):,} as a table", icon=":material/table_rows:"):
            table = cases_text.frame(run, view.finding, rows, calibration)
            st.dataframe(table, hide_index=True, column_config=COLUMNS, height=320, alt=f"{len(table)} films")
            save_table(table, f"{run.name}-{selection.list_name}-{view.finding}-{cases.shown.value}")


def one_case(row: int) -> None:
    """One film, large, with everything that is known of it."""
    look([row])
    told = card(row, large=True)
    left, right = st.columns([0.6, 0.4], gap="large")
    with left:
        components.gallery(
            [CaseGroup((told,))],
            GalleryKind.LARGE,
            bar(),
            f"case-{row}",
            lambda: None,
            label="The film",
        )
    with right:
        with st.container(horizontal=True):
            st.button("Back to the gallery", on_click=close_case, icon=":material/arrow_back:")
            if told.picture and st.button("Open in Read", icon=":material/pulmonology:", type="primary"):
                to_read(row)
        st.subheader(f"{told.kind}, {title(view.finding).lower()}", anchor=False)
        st.html(markup.table(facts(row, told)))
        for mark in told.boxes:
            true_size(row, mark, told)


def facts(row: int, told: CaseCard) -> list[tuple[str, str]]:
    """What is known of a case, as rows of a table."""
    rows = [
        ("Row of the run", f"{row}"),
        ("Labels", cases_text.labelled(run, row)),
        ("Sex, age, view", cases_text.person(*(run.table.column(name)[row] for name in ("sex", "age", "view")))),
        ("In the run", told.score),
        ("Flagged from", cases_text.scored(threshold, calibration)),
    ]
    case = films.found.get(row)
    if case is not None and case.withheld:
        rows.append(("Score withheld here", case.withheld))
    if case is None or case.reading is None:
        return rows
    name = drawn_finding(view.finding, case.reading)
    if name is None:
        return rows
    score = case.reading.score(name)
    rows.append(
        (f"Read here, {title(name).lower()}", f"{reading_text.chance(score)} · {numbers.network_output(score.logit)}")
    )
    rows.append(("How it adds up", reading_text.written_sum(score).text))
    raised = [
        f"{title(item.name)} {reading_text.chance(item)}" for item in reading_text.ordered(case.reading) if item.flagged
    ]
    rows.append(("Flagged by the card's thresholds", ", ".join(raised) or "nothing"))
    return rows


def true_size(row: int, mark: Box, told: CaseCard) -> None:
    """A box pixel by pixel, and how large it is."""
    case = films.found.get(row)
    words = cases_text.box_words(mark.place, case.shape if case else None, told.grid)
    st.html(f"<p class='quiet'><b>{escape(mark.label)}, as a radiologist boxed it.</b> {escape(words)}</p>")
    place = mark.place
    if case is None or place.width * place.height > LARGE:
        return
    try:
        address, width, height = films.close_up(row, library, (place.left, place.top, place.right, place.bottom))
    except (ChexviewError, KeyError):
        return
    alt = f"{escape(mark.label, quote=True)} and what is around it"
    st.html(
        "<div class='close-ups'>"
        + "".join(
            f"<figure><img src='{address}' width='{width * by}' height='{height * by}' alt='{alt}'>"
            f"<figcaption>{told}</figcaption></figure>"
            for by, told in ((1, "pixel by pixel"), (MAGNIFIED, f"{MAGNIFIED} times"))
        )
        + "</div>"
    )


def to_read(row: int) -> None:
    """Opens a case on *Read*."""
    image = films.images[row]
    try:
        data = case_films.bytes_of(library, image)
    except (ChexviewError, KeyError):
        caution("The film cannot be read any more; is its folder still there?")
        return
    remark = f"Row {row} of the run {run.meta.title}. Labels: {cases_text.labelled(run, row)}."
    told = boxes[boxes["image"] == image]
    drawn = tuple(
        radiologists_box(str(box.finding), Rectangle(box.left, box.top, box.right, box.bottom))
        for box in told.itertuples()
    )
    bring([InputFile(f"Case {row}", data, remark)], {sha256(data).hexdigest(): drawn})
    st.switch_page("read.py", query_params={"finding": view.finding})


def name_films() -> None:
    """Where the films lie, as the reader names it; only where the server is this very machine."""
    there = int(at_hand.sum())
    words = f"{there:,} of {len(at_hand):,} films of this run are here."
    if reads is None:
        words += " The run's checkpoint is not here, so no heatmap is shown."
    with st.popover(f"Films: {there:,} of {len(at_hand):,}", icon=":material/folder_open:"):
        st.html(f"<p>{escape(words)}</p><p class='quiet'>{cases_text.NO_FILMS}</p>")
        if st.get_option("server.address") in ("127.0.0.1", "localhost", "::1"):
            st.text_input("Folder, zip or tar of films", key="case-source", persist_state="session")
    if 0 < there < len(at_hand):
        state["cases-here"] = only_here
        st.toggle("Only films that are here", key="cases-here", on_change=take_here)


def take_here() -> None:
    """Shows only films at hand, or all of them, from the first on."""
    cases.here, cases.start = state["cases-here"], 0


def policy_words() -> str:
    """The threshold in use, and whose it is."""
    offered = offer(run, view.finding, view.list_name)
    policy = offered.policy_of(threshold, view.policy)
    whose = policy.heading.lower() if policy else "chosen by you"
    if np.isinf(threshold):
        return "No film is flagged."
    at = numbers.network_output(threshold)
    if calibration is not None:
        at = f"{numbers.probability(float(calibration.probability(threshold)))} ({at})"
    return f"Flagged from {at}, {whose}."


st.html(Path(__file__).parent / "evaluate.css")
st.html(Path(__file__).parent / "cases.css")
anew = view.adopt(st.query_params.to_dict())
cases.adopt(st.query_params.to_dict())
places = st.columns([0.44, 0.28, 0.28], gap="medium")
with places[0]:
    run = choose_run("Cases", view, "cases-run", anew)
with places[1]:
    choose_list(run, view, "cases-list", anew)
with places[2]:
    choose_finding(run, view, "cases-finding", anew)
selection = run.select(view.finding, view.list_name)
threshold = view.threshold(offer(run, view.finding, view.list_name))
calibration = calibration_of(run, view.finding)
counts = confusion(selection, threshold).counts
films, reads = session_films(run), case_films.own_predictor(run)
library: Library
library, problem = case_films.library(state.get("case-source", "").strip())
at_hand = films.here(library)
only_here = cases.only_here(int(at_hand.sum()), len(at_hand))
boxes = boxes_of(run.digest, run)
state["cases-shown"], state["cases-order"] = cases.shown, cases.order
with st.container(horizontal=True, vertical_alignment="center", key="cells"):
    st.segmented_control(
        "Which films",
        list(CaseSet),
        format_func=lambda shown: cases_text.shown_title(shown, counts),
        key="cases-shown",
        on_change=take_choice,
        required=True,
        label_visibility="collapsed",
    )
    if cases.shown is not CaseSet.ALIKE:
        st.segmented_control(
            "In which order",
            list(ORDERS),
            format_func=ORDERS.__getitem__,
            key="cases-order",
            on_change=take_choice,
            required=True,
            label_visibility="collapsed",
        )
    name_films()
with st.container(horizontal=True, vertical_alignment="center", key="point"):
    st.html(f"<p class='quiet'>{escape(policy_words())}</p>", width="content")
    st.page_link("evaluate.py", label="Change it on Evaluate", query_params=view.settle(threshold))
if problem:
    caution(problem)
if cases.case is not None and cases.case in selection.rows:
    one_case(cases.case)
else:
    cases.case = None
    gallery(counts)
st.query_params.from_dict({**view.settle(threshold), **cases.settle()})
