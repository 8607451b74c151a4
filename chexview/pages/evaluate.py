"""Evaluate: a validation run examined, finding by finding, at any threshold."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from chexview.evaluation.cases import CaseSet
from chexview.evaluation.confusion import Cell, Confusion
from chexview.evaluation.examination import Examination, examine_all
from chexview.evaluation.operating import OperatingPoints, PointSource
from chexview.evaluation.readers import Hedge
from chexview.evaluation.references import ReferenceStandard
from chexview.figures.confusion import confusion_alt, confusion_figure
from chexview.figures.layout import flush_left
from chexview.figures.precision import precision_alt, precision_figure
from chexview.figures.readers import ReaderMarks
from chexview.figures.roc import RocExtras, roc_alt, roc_figure
from chexview.figures.theme import CHART, Theme, theme
from chexview.findings import title
from chexview.pages import all_findings, cached_numbers
from chexview.pages.download_buttons import save_figure
from chexview.pages.run_selectors import caution, choose_examined
from chexview.pages.state.case_choice import FILMS
from chexview.pages.state.run_choice import clicked_cell, threshold_of
from chexview.pages.state.session import session
from chexview.pages.threshold_controls import policy_buttons, slider, take_click
from chexview.pages.training_curves import training
from chexview.pages.verdicts_section import who_was_right
from chexview.pages.where_section import where_it_points
from chexview.text import evaluation as evaluation_text
from chexview.text import markup
from chexview.text import readers as readers_text
from chexview.text import run as run_text

ROC_HEIGHT, MATRIX_HEIGHT = 590, 320
KINDS = {"roc": "ROC", "rare": "ROC, few false alarms", "precision": "Precision and recall"}


def page() -> None:
    """The page, from top to bottom."""
    st.html(Path(__file__).parent / "evaluate.css")
    choice = session().run
    anew = choice.adopt(st.query_params.to_dict())
    look = theme(st.context.theme.type)
    head = st.container(key="chosen")
    below = st.container()
    with head:
        examination = choose_examined("Evaluate", choice, "evaluate", anew, below)
    run, films = examination.run, examination.films_list
    source = cached_numbers.points_of(run, films)
    choice.apply(session().points, source)
    points = session().points.of(source)
    first = st.empty()
    known = cached_numbers.known_areas(examination)
    first.html(evaluation_text.headline(examination, known.mean if known else None))
    curve, beneath, follows = st.container(key="examined"), st.container(), st.empty()
    with curve:
        if examination.films:
            examined(examination, source, points, look)
        else:
            finding = title(examination.finding).lower()
            caution(f"No film of this list has a known label for {finding}; choose another list or finding.")
    if known is None:
        follows.html(markup.paragraph(evaluation_text.FOLLOWS))
    mean = cached_numbers.areas_of(examination).mean  # of all findings: the curve of this one does not wait for it
    if known is None:
        first.html(evaluation_text.headline(examination, mean))
    with beneath:
        where_it_points(examination, look)
        all_findings.section(examine_all(run, films, examination.truth), examination, points, mean, look)
        training(run, look)
        with st.expander("About this run"):
            st.html(markup.table(run_text.about(run)))
    follows.empty()


@st.fragment
def examined(examination: Examination, source: PointSource, drawn: OperatingPoints, look: Theme) -> None:
    """The curve beside the threshold and what it makes of the films; a new threshold runs this alone.

    ``drawn`` are the operating points that the tables beneath are about: another policy needs the whole page.
    """
    points = session().points.of(source)
    if points.policy is not drawn.policy or set(points.overrides) - {examination.finding} != set(drawn.overrides) - {
        examination.finding
    }:
        st.rerun()
    finding = examination.finding
    where = f"{examination.run.name}-{examination.films_list}-{finding}"
    where += f"-{examination.truth.name}" if examination.truth else ""
    threshold = threshold_of(points, finding)
    found = examination.confusion(threshold)
    left, right = st.columns([0.44, 0.56], gap="medium")
    with right:
        policy_buttons(points, finding, f"evaluate-policy-{where}")
        slider(examination, points, where)
        matrix = st.container()
        policy = None if points.overridden(finding) else points.policy
        chosen = evaluation_text.where_chosen(examination.run, examination.offer, policy, threshold)
        st.html(
            markup.paragraph(evaluation_text.sentence(found), "said")
            + markup.paragraph(chosen)
            + evaluation_text.rates(found)
        )
    with matrix:
        event = st.plotly_chart(
            confusion_figure(found, look, MATRIX_HEIGHT),
            theme=None,
            key=f"evaluate-matrix-{where}",
            on_select="rerun",
            selection_mode="points",
            config=CHART,
            alt=confusion_alt(title(finding), found, examination.calibration),
        )
        films_of_cells(event, found, points)
    with left:
        hedge = Hedge.YES if st.session_state.get("evaluate-hedges") else Hedge.NO
        marks = cached_numbers.reader_marks(examination, hedge)
        draw, alt, kind = curve_of(examination, found, marks)
        key = f"evaluate-{kind}-{where}"
        st.plotly_chart(
            draw(look),
            theme=None,
            key=key,
            on_select=partial(take_click, key, source, finding),
            selection_mode="points",
            config=CHART,
            alt=alt,
        )
    with left:
        beside_readers(examination, marks)
    with left, st.container(horizontal=True):
        caption = evaluation_text.caption(examination, KINDS[kind])
        save_figure(draw, f"{kind}-{where}", caption, "Save the curve")
        save_figure(
            lambda paper: confusion_figure(found, paper, MATRIX_HEIGHT),
            f"confusion-{where}",
            evaluation_text.caption(examination, "Confusion matrix", threshold),
            "Save the matrix",
        )
    who_was_right(examination, threshold, points, where, look)
    st.query_params.from_dict(session().run.settle(points))


def beside_readers(examination: Examination, marks: ReaderMarks | None) -> None:
    """Which readers stand on the curve, who made the truth, and what a hedge counts as."""
    if marks is None or not isinstance(examination.truth, ReferenceStandard):
        return
    words = readers_text.beside_curve(
        marks.points, marks.mean, marks.label, marks.label_title, examination.truth.meta.answers
    )
    st.html("".join(markup.paragraph(sentence, "fine") for sentence in words))
    if any(point.hedges for point in marks.points):
        st.toggle(
            "Readers' hedges count as yes",
            key="evaluate-hedges",
            help="A reader could hedge instead of saying yes or no; a hedge counts as no unless this is on.",
        )


def films_of_cells(event: Mapping[str, Any], found: Confusion, points: OperatingPoints) -> None:
    """The way to the films of each cell: by a click on it, or by the links beneath, which the keyboard reaches."""
    address = session().run.settle(points)
    clicked_on = clicked_cell(event["selection"]["points"])
    if clicked_on is not None:
        st.switch_page("cases.py", query_params={**address, FILMS: CaseSet.of(clicked_on).value})
    with st.container(horizontal=True, gap="small", key="cell-films"):
        for cell in (Cell.TRUE_POSITIVE, Cell.FALSE_NEGATIVE, Cell.FALSE_POSITIVE, Cell.TRUE_NEGATIVE):
            st.page_link(
                "cases.py",
                label=f"{found.counts.of(cell):,} {cell.value}",
                icon=":material/grid_view:",
                query_params={**address, FILMS: CaseSet.of(cell).value},
                disabled=not found.counts.of(cell),
            )
        st.page_link(
            "cases.py",
            label="Look-alikes",
            icon=":material/compare:",
            help="Films with the finding beside films without it that scored alike",
            query_params={**address, FILMS: CaseSet.ALIKE.value},
        )


def curve_of(
    examination: Examination, found: Confusion, marks: ReaderMarks | None
) -> tuple[Callable[[Theme], go.Figure], str, str]:
    """The curve that was asked for: how to draw it, its description, and its kind. Either takes a click for a threshold."""
    kind = st.segmented_control(
        "Curve",
        list(KINDS),
        default="roc",
        format_func=KINDS.__getitem__,
        required=True,
        label_visibility="collapsed",
        key="evaluate-kind",
    )
    name, height = title(examination.finding), ROC_HEIGHT - 50
    if kind == "precision":
        average, share = examination.average_precision, examination.prevalence.value or 0.0
        line = examination.calibration
        return (
            lambda look: precision_figure(examination.precision_recall, average, share, found, look, height, line),
            precision_alt(name, average, share),
            "precision",
        )
    control = examination.of_control
    extras = RocExtras(
        calibration=examination.calibration,
        control=control.curve if control else None,
        band=examination.band,
        rare=kind == "rare",
        readers=marks,
    )
    return (
        lambda look: flush_left(roc_figure(examination.curve, examination.auroc, found, look, extras, height)),
        roc_alt(name, examination.auroc, found, examination.calibration),
        kind or "roc",
    )


page()
