"""Who was right, on Evaluate: the matrix by the run's own labels, each cell split by the radiologists' verdict."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from chexview.evaluation.examination import Examination, examine, examine_all
from chexview.evaluation.operating import OperatingPoints
from chexview.evaluation.verdicts import Said, Verdicts
from chexview.figures.theme import CHART, Theme
from chexview.figures.verdicts import verdicts_figure
from chexview.pages import cached_numbers
from chexview.pages.download_buttons import save_figure, save_table
from chexview.pages.state.case_choice import part_address
from chexview.pages.state.run_choice import TRUTH, clicked_part
from chexview.pages.state.session import session
from chexview.pages.truth_selector import judged_by_references
from chexview.text import cases as cases_text
from chexview.text import evaluation as evaluation_text
from chexview.text import label_noise as label_noise_text
from chexview.text import markup
from chexview.text import truth as truth_text
from chexview.text import verdicts as verdicts_text


def who_was_right(examination: Examination, threshold: float, points: OperatingPoints, where: str, look: Theme) -> None:
    """The section, by the truth that is chosen or else by the first that speaks of these films; nothing where none does."""
    run = examination.run
    if examination.truth is None:
        others = judged_by_references(run, examination.films_list, examination.finding)
        if not others:
            return
        examination = others[0]
    found = cached_numbers.verdicts_of(examination, threshold)
    if found is None:
        return
    own, label, other = truth_text.own_title(run), truth_text.own_label(run), truth_text.truth_title(examination)
    st.header(verdicts_text.HEADING, anchor=False)
    st.html(markup.paragraph(verdicts_text.intro(found, own, other)))
    left, right = st.columns([0.5, 0.5], gap="medium")
    with left:
        event = st.plotly_chart(
            verdicts_figure(found, own, look),
            theme=None,
            key=f"evaluate-verdicts-{where}",
            on_select="rerun",
            selection_mode="points",
            config=CHART,
            alt=verdicts_text.alt(found, label),
        )
        films_of_parts(event, found, own, examination, points)
        save_figure(
            lambda paper: verdicts_figure(found, own, paper),
            f"who-was-right-{where}",
            evaluation_text.caption(examination, verdicts_text.HEADING, threshold),
            "Save the picture",
        )
    with right:
        sentences = [
            verdicts_text.sentence(found.cells[cell], found.finding, label) for cell in verdicts_text.ORDER
        ] + [verdicts_text.label_sentence(found, label)]
        st.html("".join(markup.paragraph(sentence, "said") for sentence in sentences))
    films_overturned(examination, found, own, where)
    all_verdicts(examination, threshold, points, where)
    noise_taken_into_account(examination, threshold)


def films_overturned(examination: Examination, found: Verdicts, own: str, where: str) -> None:
    """The films of each cell of which the radiologists say the opposite, as a table to be saved; nothing where there are none."""
    run = examination.run
    overturned = [found.cells[cell] for cell in verdicts_text.ORDER if found.cells[cell].overturned]
    if not overturned:
        return
    with st.expander("The films on which the radiologists contradict the label", icon=":material/table_rows:"):
        titles = [verdicts_text.films_title(verdict, own) for verdict in overturned]
        chosen = st.selectbox(
            "Which films", range(len(titles)), format_func=titles.__getitem__, key="evaluate-overturned"
        )
        verdict = overturned[min(chosen, len(overturned) - 1)]
        rows = verdict.rows_without if verdict.cell.positive else verdict.rows_with
        table = cases_text.frame(run, examination.finding, rows, examination.calibration)
        st.dataframe(table, hide_index=True, height=320, alt=titles[overturned.index(verdict)])
        save_table(table, f"who-was-right-{where}")


def all_verdicts(examination: Examination, threshold: float, points: OperatingPoints, where: str) -> None:
    """Every finding that the other truth judges in a line, each at its threshold; worked out when it is opened."""
    judged = examine_all(examination.run, examination.films_list, examination.truth)
    known = (one for one in judged if one.both_labels.by_truth.films)
    at = {one: threshold if one.finding == examination.finding else points.threshold(one.finding) for one in known}
    if sum(cut is not None for cut in at.values()) < 2:
        return
    table = st.expander(verdicts_text.ALL, key="evaluate-all-verdicts", icon=":material/table_rows:", on_change="rerun")
    if not table.open:
        return
    label = truth_text.own_label(examination.run)
    with table:
        every = [cached_numbers.verdicts_of(one, cut) for one, cut in at.items() if cut is not None]
        lines = verdicts_text.frame([found for found in every if found is not None], label)
        st.dataframe(lines, hide_index=True, height="content", alt=f"{verdicts_text.ALL}: {len(lines)} findings")
        save_table(lines, f"who-was-right-all-{where}")


def noise_taken_into_account(examination: Examination, threshold: float) -> None:
    """What AUROC and rates on the whole list would be by the other truth, if the label's errors were as on these films."""
    corrected, check = cached_numbers.corrected_area(examination), cached_numbers.corrected_check(examination)
    if corrected is None or check is None:
        return
    run, truth = examination.run, truth_text.truth_title(examination)
    label = truth_text.own_label(run)
    by_label = examine(run, examination.films_list, examination.finding)
    rates = cached_numbers.corrected_rates(examination, threshold)
    st.header(label_noise_text.HEADING, anchor=False)
    st.html(markup.paragraph(label_noise_text.intro(corrected, by_label, examination, label), "said"))
    if said := label_noise_text.check(check, label):
        st.html(markup.paragraph(said))
    table = label_noise_text.frame(corrected, rates, by_label, examination, threshold, truth_text.own_title(run), truth)
    st.dataframe(table, hide_index=True, height="content", alt=label_noise_text.HEADING)
    st.html(markup.paragraph(label_noise_text.ASSUMPTIONS, "fine"))


def films_of_parts(
    event: Mapping[str, Any], found: Verdicts, own: str, examination: Examination, points: OperatingPoints
) -> None:
    """The way to the films of each part of the picture: by a click on it, or by the links beneath, which the keyboard reaches."""
    if examination.truth is None:
        return
    address = {key: value for key, value in session().run.settle(points).items() if key != TRUTH}
    clicked = clicked_part(event["selection"]["points"])
    if clicked is not None:
        st.switch_page(
            "cases.py", query_params={**address, **part_address(clicked[0], examination.truth.name, clicked[1])}
        )
    with st.container(horizontal=True, gap="small", key="verdict-films"):
        for cell in verdicts_text.ORDER:
            verdict = found.cells[cell]
            for said in (verdict.against, Said.YES if verdict.cell.positive else Said.NO):
                st.page_link(
                    "cases.py",
                    label=verdicts_text.films_title(verdict, own, said),
                    icon=":material/grid_view:" if said is verdict.against else None,
                    query_params={**address, **part_address(cell, examination.truth.name, said)},
                    disabled=not verdict.count(said),
                )
