"""Cases: the films behind each cell of the confusion matrix, and look-alikes with and without the finding."""

from pathlib import Path

import numpy as np
import streamlit as st

from chexview.evaluation.cases import CaseOrder, CaseSet
from chexview.evaluation.confusion import CellCounts
from chexview.evaluation.references import ReferenceStandard
from chexview.pages import cached_numbers, case_films
from chexview.pages.case_cards import CasesContext, card, look, signed_scale
from chexview.pages.case_detail import one_case
from chexview.pages.download_buttons import save_table
from chexview.pages.empty_gallery import offer_films, offer_run
from chexview.pages.film_intake import notes
from chexview.pages.run_selectors import caution, choose_examined
from chexview.pages.state.case_choice import PAGE
from chexview.pages.state.run_choice import threshold_of
from chexview.pages.state.session import session
from chexview.pages.truth_selector import judged_by_references
from chexview.text import cases as cases_text
from chexview.text import markup
from chexview.text import truth as truth_text
from chexview.viewer import components
from chexview.viewer.components import CaseGroup, GalleryKind

ORDERS = {CaseOrder.HARDEST: "Hardest first", CaseOrder.CLEAREST: "Clearest first"}
COLUMNS = {
    "Network output": st.column_config.NumberColumn(format="%.3f"),
}


def page() -> None:
    """The page, from top to bottom."""
    for sheet in ("evaluate.css", "cases.css"):
        st.html(Path(__file__).parent / sheet)
    choice, cases = session().run, session().cases
    anew = choice.adopt(st.query_params.to_dict())
    cases.adopt(st.query_params.to_dict())
    examination = choose_examined("Cases", choice, "cases", anew)
    run, finding = examination.run, examination.finding
    source = cached_numbers.points_of(run, examination.films_list)
    choice.apply(session().points, source)
    points = session().points.of(source)
    films = case_films.of_session(run)
    library, problem = case_films.library(notes().get("case-source", ""))
    others = judged_by_references(run, examination.films_list, finding)
    judged = None
    if examination.truth is None:
        judged = next((other for other in others if other.truth is not None and other.truth.name == cases.judge), None)
    context = CasesContext(
        examination=examination.at(threshold_of(points, finding)),
        judged=judged,
        said=cases.said if judged is not None else None,
        references=tuple(other.truth for other in others if isinstance(other.truth, ReferenceStandard)),
        points=points,
        films=films,
        library=library,
        predictor=case_films.own_predictor(run),
        boxes=cached_numbers.boxes_of(run.digest, run),
        at_hand=films.here(library),
        open_case=cases.case,
    )
    counts = context.examination.confusion().counts
    choose_cases(context, counts)
    with st.container(horizontal=True, vertical_alignment="center", key="point"):
        st.html(markup.paragraph(cases_text.threshold_words(context.examination, points)), width="content")
        st.page_link("evaluate.py", label="Change it on Evaluate", query_params=choice.settle(points))
    if problem:
        caution(problem)
    if not context.at_hand.any():
        offer_run(context)
    if cases.case is not None and cases.case in examination.selection.rows:
        one_case(context, cases.case)
    else:
        cases.case = None
        gallery(context, counts)
    st.query_params.from_dict({**choice.settle(points), **cases.settle()})


def choose_cases(context: CasesContext, counts: CellCounts) -> None:
    """Which films, in which order, and from where."""
    cases = session().cases
    st.session_state["cases-shown"], st.session_state["cases-order"] = cases.shown, cases.order
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
        name_films(context)
    choose_said(context)


def choose_said(context: CasesContext) -> None:
    """Which of a cell's films by what another truth says of them, where the address asks for one."""
    cases = session().cases
    if context.judged is None or cases.shown is CaseSet.ALIKE:
        return
    words = cases_text.said_titles(truth_text.truth_title(context.judged))
    st.session_state["cases-said"] = cases.said
    with st.container(horizontal=True, vertical_alignment="center", key="said"):
        st.segmented_control(
            "What another truth says",
            list(words),
            format_func=words.__getitem__,
            key="cases-said",
            on_change=take_said,
            label_visibility="collapsed",
        )


def take_said() -> None:
    """Takes over which films are wanted by another truth's word; none of them chosen means all."""
    cases = session().cases
    cases.said = st.session_state["cases-said"]
    cases.start, cases.case = 0, None


def take_choice() -> None:
    """Takes over which films are wanted in which order, and begins at the first of them."""
    cases = session().cases
    cases.shown = st.session_state["cases-shown"]
    cases.order = st.session_state.get("cases-order", cases.order)
    cases.start, cases.case = 0, None


def name_films(context: CasesContext) -> None:
    """Where the films lie, as the user names it; only where the server is this very machine."""
    there, films = int(context.at_hand.sum()), len(context.at_hand)
    small = context.films.small_copies
    words = cases_text.films_here(there, small, films)
    if context.predictor is None:
        words += " The run's checkpoint is not here, so no heatmap is shown."
    with st.popover(f"Films: {there:,} of {films:,}", icon=":material/folder_open:"):
        explained = [cases_text.SMALL_SOURCE, cases_text.NO_FILMS] if small else [cases_text.NO_FILMS]
        st.html(markup.paragraph(words, "said") + "".join(markup.paragraph(text) for text in explained))
        if st.get_option("server.address") in ("127.0.0.1", "localhost", "::1"):
            st.session_state["case-source"] = notes().get("case-source", "")
            st.text_input("Folder, zip or tar of films", key="case-source", on_change=take_source)
    if 0 < there < films:
        st.session_state["cases-here"] = session().cases.only_here(there, films)
        st.toggle("Only films on this machine", key="cases-here", on_change=take_here)


def take_source() -> None:
    """Looks for the films where the user says."""
    notes()["case-source"] = st.session_state["case-source"].strip()


def take_here() -> None:
    """Shows only films at hand, or all of them, from the first on."""
    session().cases.here, session().cases.start = st.session_state["cases-here"], 0


def open_case() -> None:
    """Opens the film that was chosen in the gallery."""
    wanted = components.chosen("gallery")
    if wanted:
        session().cases.case = int(wanted)


def gallery(context: CasesContext, counts: CellCounts) -> None:
    """The films of a cell, or the pairs, a page at a time; beneath, all of them as a table."""
    cases, examination = session().cases, context.examination
    finding, cell = examination.finding, cases.shown.cell
    only_here = cases.only_here(int(context.at_hand.sum()), len(context.at_hand))
    groups, notes = context.groups(cases.shown, cases.order)
    count = len(groups)
    if only_here:
        kept = [k for k, group in enumerate(groups) if all(context.at_hand[row] for row in group)]
        groups, notes = [groups[k] for k in kept], [notes[k] for k in kept]
    words = cases_text.sentence(cases.shown, finding, count, cases.order)
    if context.judged is not None and context.said is not None and cell is not None:
        words = cases_text.said_sentence(words, context.said, finding, truth_text.truth_title(context.judged))
    if only_here and count:
        words += f" {cases_text.here(len(groups), cell is None)}"
    st.html(markup.paragraph(words, "said"))
    if groups:
        pictures(context, groups, notes, cases_text.shown_title(cases.shown, counts))
    else:
        offer_films(context, counts, count)
    every = context.groups(cases.shown, cases.order)[0]
    rows = np.array([row for group in every for row in group], dtype=np.int64)
    if len(rows):
        with st.expander(f"All {len(rows):,} as a table", icon=":material/table_rows:"):
            table = cases_text.frame(examination.run, finding, rows, examination.calibration)
            st.dataframe(
                cases_text.shown(table), hide_index=True, column_config=COLUMNS, height=320, alt=f"{len(table)} films"
            )
            save_table(table, f"{examination.run.name}-{examination.films_list}-{finding}-{cases.shown.value}")


def pictures(context: CasesContext, groups: list[tuple[int, ...]], notes: list[str], label: str) -> None:
    """One page of the films or pairs, and the way to the others."""
    shown = session().cases.shown
    part = session().cases.page(len(groups))
    look(context, [row for group in groups[part] for row in group])
    components.gallery(
        [
            CaseGroup(tuple(card(context, row) for row in group), note)
            for group, note in zip(groups[part], notes[part], strict=True)
        ],
        GalleryKind.PAIRS if shown.cell is None else GalleryKind.SINGLE,
        signed_scale(context),
        "gallery",
        open_case,
        label=label,
    )
    pager(len(groups), "Pairs" if shown.cell is None else "Films")


def pager(count: int, noun: str) -> None:
    """Which part is shown, and the way to the parts before and after."""
    if count <= PAGE:
        return
    cases = session().cases
    shown = cases.page(count)
    with st.container(horizontal=True, vertical_alignment="center", key="pager"):
        st.button(
            "Previous", on_click=cases.turn, args=(-1, count), disabled=shown.start == 0, icon=":material/chevron_left:"
        )
        st.html(markup.paragraph(f"{noun} {shown.start + 1:,} to {shown.stop:,} of {count:,}"), width="content")
        st.button(
            "Next", on_click=cases.turn, args=(1, count), disabled=shown.stop == count, icon=":material/chevron_right:"
        )


page()
