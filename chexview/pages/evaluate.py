"""Evaluate: a validation run examined, finding by finding, at any threshold."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from chexview.calibration import Calibration
from chexview.errors import ChexviewError
from chexview.evaluation.cases import CaseSet
from chexview.evaluation.confusion import Cell, Confusion, ThresholdTable, confusion, threshold_table
from chexview.evaluation.curves import precision_recall
from chexview.evaluation.estimate import Estimate
from chexview.evaluation.operating import Policy
from chexview.evaluation.run import ValidationRun
from chexview.evaluation.run_schema import FilmList
from chexview.evaluation.selection import Selection
from chexview.evaluation.summary import assessed
from chexview.evaluation.thresholds import Offer, calibration_of, offer, stops, threshold_at
from chexview.figures.areas import areas_alt, areas_figure
from chexview.figures.confusion import confusion_alt, confusion_figure
from chexview.figures.placing import flush_left, whole_steps
from chexview.figures.precision import precision_alt, precision_figure
from chexview.figures.roc import RocExtras, roc_alt, roc_figure
from chexview.figures.theme import CONFIG, Theme, theme
from chexview.figures.thumbnails import small_multiples
from chexview.figures.training import Curve, training_alt, training_figure
from chexview.findings import title
from chexview.pages import evaluate_columns, evaluate_table
from chexview.pages import evaluate_numbers as numbers
from chexview.pages.cases_view import FILMS
from chexview.pages.choosing import caution, choose_finding, choose_list, choose_run
from chexview.pages.evaluate_view import View, cell_clicked, clicked
from chexview.pages.saving import one_page, save_figure, save_table
from chexview.text import evaluation as evaluation_text
from chexview.text import markup
from chexview.text import run as run_text
from chexview.text.escape import escaped

ROC_HEIGHT, MATRIX_HEIGHT, TRAINING_HEIGHT = 590, 290, 320
TYPED = (0.01, 99.99)  # per cent that may be typed for a threshold
CHART = {**CONFIG, "displayModeBar": False}

TABLES = {"areas": "Areas and rates", "counts": "Confusion matrices", "figure": "AUROCs as a figure"}

state = st.session_state
view: View = state.setdefault("evaluate", View())


def take_policy(key: str, offered: Offer) -> None:
    """Sets the threshold to that of the policy that was pressed."""
    policy = state[key]
    if policy is not None:
        view.policy = policy
        view.thresholds[view.at] = offered.points[policy]


def take_slider(key: str) -> None:
    """Sets the threshold to the slider's."""
    view.thresholds[view.at] = state[key]


def take_click(key: str) -> None:
    """Sets the threshold to that of the point of the ROC curve that was clicked."""
    threshold = clicked(state[key]["selection"]["points"])
    if threshold is not None:
        view.thresholds[view.at] = threshold


def policy_buttons(offered: Offer, threshold: float, where: str) -> None:
    """The policies, the one pressed whose threshold is in use."""
    if not offered.points:
        return
    key = f"evaluate-policy-{where}"
    state[key] = offered.policy_of(threshold, view.policy)
    st.segmented_control(
        "Threshold by policy",
        list(offered.points),
        format_func=lambda policy: policy.heading,
        key=key,
        on_change=take_policy,
        args=(key, offered),
    )


def take_typed(key: str, calibration: Calibration | None) -> None:
    """Sets the threshold to the probability, or logit, that was typed."""
    if state[key] is not None:
        view.thresholds[view.at] = threshold_at(state[key], calibration)
        state[key] = None


def slider(run: ValidationRun, offered: Offer, table: ThresholdTable, threshold: float, where: str) -> None:
    """The thresholds that occur, from those that flag every film to the one that flags none; or one that is typed."""
    calibration = calibration_of(run, view.finding)
    scale = view.scale(stops(table.curve), offered)
    labels = evaluation_text.stop_labels(scale, calibration)
    key, typed = f"evaluate-threshold-{where}", f"evaluate-typed-{where}"
    if state.get(key) != threshold:
        state[key] = threshold
    wide, narrow = st.columns([0.8, 0.2], vertical_alignment="bottom")
    wide.select_slider(
        f"Flag films from a {'probability' if calibration else 'network output'} of",
        scale,
        format_func=lambda stop: labels.get(stop, ""),
        key=key,
        on_change=take_slider,
        args=(key,),
    )
    narrow.number_input(
        "or type it, in %" if calibration else "or type it",
        min_value=TYPED[0] if calibration else None,
        max_value=TYPED[1] if calibration else None,
        value=None,
        format="%0.2f",
        key=typed,
        on_change=take_typed,
        args=(typed, calibration),
    )


@st.fragment
def examine(run: ValidationRun, selection: Selection, auroc: Estimate, policy: Policy, look: Theme) -> None:
    """The ROC curve beside the threshold and what it makes of the films; a new threshold runs this alone.

    ``policy`` is the one that the table beneath is about: another one needs the whole page.
    """
    if view.policy is not policy:
        st.rerun()
    where = f"{run.name}-{selection.list_name}-{selection.finding}"
    offered = offer(run, selection.finding, selection.list_name)
    table = threshold_table(selection)
    threshold = view.threshold(offered)
    found = confusion(selection, threshold)
    left, right = st.columns([0.44, 0.56], gap="medium")
    with right:
        policy_buttons(offered, threshold, where)
        slider(run, offered, table, threshold, where)
        matrix, words = st.container(), st.container()
    chosen = evaluation_text.where_chosen(run, offered, offered.policy_of(threshold, view.policy), threshold)
    words.html(
        f"<p class='said'>{escape(evaluation_text.sentence(found))}</p><p class='quiet'>{escape(chosen)}</p>"
        + evaluation_text.rates(found)
    )
    with matrix:
        key = f"evaluate-matrix-{where}"
        told = st.plotly_chart(
            confusion_figure(found, look, MATRIX_HEIGHT),
            theme=None,
            key=key,
            on_select="rerun",
            selection_mode="points",
            config=CHART,
            alt=confusion_alt(title(selection.finding), found),
        )
        films_of(told, found, threshold)
    with left:
        draw, alt, kind = curve_of(run, selection, table, auroc, found)
        key = f"evaluate-{kind}-{where}"
        st.plotly_chart(
            draw(look),
            theme=None,
            key=key,
            on_select=lambda: take_click(key),
            selection_mode="points",
            config=CHART,
            alt=alt,
        )
    with left, st.container(horizontal=True):
        save_figure(draw, f"{kind}-{where}", "Save the curve")
        save_figure(
            lambda paper: confusion_figure(found, paper, MATRIX_HEIGHT), f"confusion-{where}", "Save the matrix"
        )
    st.query_params.from_dict(view.settle(threshold))


def films_of(event: Mapping[str, Any], found: Confusion, threshold: float) -> None:
    """The way to the films of each cell: by a click on it, or by the links beneath, which the keyboard reaches."""
    address = view.settle(threshold)
    clicked_on = cell_clicked(event["selection"]["points"])
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
        st.page_link("cases.py", label="Look-alikes", query_params={**address, FILMS: CaseSet.ALIKE.value})


def curve_of(
    run: ValidationRun, selection: Selection, table: ThresholdTable, auroc: Estimate, found: Confusion
) -> tuple[Callable[[Theme], go.Figure], str, str]:
    """The curve that was asked for: how to draw it, in words, and its kind. Either takes a click for a threshold."""
    kinds = {"roc": "ROC", "rare": "ROC, few false alarms", "precision": "Precision and recall"}
    kind = st.segmented_control(
        "Curve",
        list(kinds),
        default="roc",
        format_func=kinds.__getitem__,
        required=True,
        label_visibility="collapsed",
        key="evaluate-kind",
    )
    name = title(selection.finding)
    if kind == "precision":
        areas_of = numbers.precision_of(run.digest, selection.finding, selection.list_name, run)
        curve = precision_recall(selection.labels, selection.logits)
        share = areas_of.prevalence.value or 0.0
        return (
            lambda theme: precision_figure(curve, areas_of.average, share, found, theme, ROC_HEIGHT - 50),
            precision_alt(name, areas_of.average, share),
            "precision",
        )
    extras = RocExtras(
        calibration=calibration_of(run, selection.finding),
        control=numbers.control_curve(run, selection),
        band=numbers.band_of(run.digest, selection.finding, selection.list_name, run),
        rare=kind == "rare",
    )
    return (
        lambda theme: flush_left(roc_figure(table.curve, auroc, found, theme, extras, ROC_HEIGHT - 50)),
        roc_alt(name, auroc, found),
        kind,
    )


def all_findings(run: ValidationRun, item: FilmList, look: Theme) -> None:
    """Every finding's curve, small, and a table of all of them, to be sorted and saved."""
    st.subheader(f"All findings, {escaped(item.title[0].lower() + item.title[1:])}", anchor=False)
    st.html(
        f"<p class='quiet'>Sensitivity and specificity at the policy “{escape(view.policy.heading)}”. "
        "AUPRC is to be read beside the prevalence, which is what guessing reaches.</p>"
    )
    curves = numbers.small_curves(run.digest, item.name, view.policy, run)
    st.html(small_multiples([replace(curve, chosen=curve.title == title(view.finding)) for curve in curves], look))
    kind = st.segmented_control(
        "Table",
        list(TABLES),
        default="areas",
        format_func=TABLES.__getitem__,
        required=True,
        label_visibility="collapsed",
        key="evaluate-table",
    )
    if kind == "counts":
        counts_table(run, item)
    elif kind == "figure":
        found = numbers.areas(run.digest, item.name, False, run)
        st.plotly_chart(areas_figure(found, look), theme=None, config=CHART, alt=areas_alt(found))
        save_figure(partial(areas_figure, found), f"aurocs-{run.name}-{item.name}")
    else:
        areas_table(run, item, look)


def counts_table(run: ValidationRun, item: FilmList) -> None:
    """Every finding's confusion matrix in a line, at the reader's own thresholds where there are such."""
    used = {
        finding: view.thresholds.get((run.name, finding), offer(run, finding, item.name).points.get(view.policy))
        for finding in assessed(run)
    }
    known = tuple((finding, threshold) for finding, threshold in used.items() if threshold is not None)
    table = evaluate_table.counts(numbers.confusions(run.digest, item.name, known, run))
    st.dataframe(
        table,
        hide_index=True,
        height="content",
        column_config=evaluate_columns.COUNTS,
        alt=f"Confusion matrices of {len(table)} findings",
    )
    own = sum((run.name, finding) in view.thresholds for finding in used)
    st.html(f"<p class='fine'>{evaluation_text.counts_words(own)}</p>")
    save_table(table, f"{run.name}-{item.name}-confusion")


def areas_table(run: ValidationRun, item: FilmList, look: Theme) -> None:
    """Every finding's areas and rates in a line."""
    lines, control = numbers.lines_of(run.digest, item.name, view.policy, run), bool(run.controlled)
    known = numbers.published_of(run.digest, item.name, run)
    table = evaluate_table.frame(lines, control)
    if known is not None:
        table = evaluate_table.beside(table, lines, known)
    st.dataframe(
        evaluate_table.pale(lines, table, look.muted),
        hide_index=True,
        height="content",
        column_config=evaluate_columns.areas(known),
        alt=f"AUROC, average precision, counts and rates of {len(lines)} findings",
    )
    words = ""
    if control:
        means = (numbers.areas(run.digest, item.name, kind, run).mean for kind in (False, True))
        words = evaluation_text.control_words(*means)
    st.html(
        (f"<p class='said'>{escape(words)}</p>" if words else "")
        + f"<p class='fine'>{escape(evaluation_text.published_words(known))}</p><p class='fine'>{evaluation_text.INTERVALS}</p>"
    )
    with st.container(horizontal=True):
        st.download_button(
            "Save the table as CSV",
            evaluate_table.comma_separated(run, item, view.policy, lines, control),
            f"{run.name}-{item.name}.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
        st.download_button(
            "All on one page (PDF)",
            partial(one_page, run, item, view.policy, lines, numbers.areas(run.digest, item.name, False, run).mean),
            f"{run.name}-{item.name}.pdf",
            "application/pdf",
            icon=":material/picture_as_pdf:",
            on_click="ignore",
        )


def training(run: ValidationRun, look: Theme) -> None:
    """How the training went, where the run tells."""
    try:
        curves = run.curves()
    except ChexviewError as error:
        caution(str(error))
        return
    if curves is None:
        return
    st.subheader("Training", anchor=False)
    with st.container(horizontal=True):
        curve = st.segmented_control(
            "Curve",
            list(Curve),
            default=Curve.AUROC,
            format_func=lambda c: c.words,
            required=True,
            key="evaluate-curve",
        )
        names = ["", *dict.fromkeys(curves["finding"])]
        finding = st.selectbox(
            "Of", names, format_func=lambda name: title(name) if name else "mean of all findings", width=320
        )
    kind = curve or Curve.AUROC
    epochs = curves["epoch"].nunique()

    def draw(paper: Theme) -> go.Figure:
        return whole_steps(training_figure(curves, kind, finding or None, paper, TRAINING_HEIGHT), epochs)

    told = training_alt(curves, kind, finding or None)
    st.plotly_chart(draw(look), theme=None, config=CHART, alt=told)
    st.html(f"<p class='fine'>{escape(told)}</p>")
    with st.container(horizontal=True):
        name = f"training-{run.name}-{kind.value}-{finding or 'mean'}"
        save_figure(draw, name)
        save_table(curves, name)


st.html(Path(__file__).parent / "evaluate.css")
anew = view.adopt(st.query_params.to_dict())
look = theme(st.context.theme.type)
with st.container(key="chosen"):
    places = st.columns([0.44, 0.28, 0.28], gap="medium")
below = st.container()
with places[0]:
    run = choose_run("Evaluate", view, "evaluate-run", anew, below)
with places[1]:
    item = choose_list(run, view, "evaluate-list", anew)
with places[2]:
    finding = choose_finding(run, view, "evaluate-finding", anew)
selection = run.select(finding, item.name)
auroc = numbers.area(run, finding, item.name)
mean = numbers.areas(run.digest, item.name, False, run).mean
st.html(evaluation_text.headline(run, item, run.meta.counts[item.name], finding, auroc, mean))
if selection.films:
    with st.container(key="examined"):
        examine(run, selection, auroc, view.policy, look)
else:
    caution(f"No film of this list has a known label for {title(finding).lower()}; choose another list or finding.")
all_findings(run, item, look)
training(run, look)
with st.expander("About this run"):
    st.html(markup.table(run_text.about(run)))
