"""Examine: whether a run's probabilities can be trusted, at which prevalence, for whom, and what is raised together."""

from collections.abc import Callable
from html import escape
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from chexview.calibration import Calibration
from chexview.errors import RunError
from chexview.evaluation import calibration as calibrations
from chexview.evaluation.confusion import confusion
from chexview.evaluation.cooccurrence import CoOccurrence, co_occurrence, order_alike
from chexview.evaluation.decision import DecisionCurve, decision_curve
from chexview.evaluation.intervals import auroc_estimate
from chexview.evaluation.localisation import Localised, MapMeasure, localised, overall
from chexview.evaluation.prevalence import matrix_at, recalibrated
from chexview.evaluation.run import ValidationRun
from chexview.evaluation.selection import Selection
from chexview.evaluation.subgroups import Gap, Subgroup, Trait, gaps, groups, subgroups
from chexview.evaluation.thresholds import calibrated_at, calibration_of, offer
from chexview.figures.cooccurrence import co_occurrence_alt, co_occurrence_figure
from chexview.figures.decision import decision_alt, decision_figure
from chexview.figures.localisation import localisation_alt, localisation_figure
from chexview.figures.reliability import reliability_alt, reliability_figure
from chexview.figures.subgroups import Measure, subgroups_alt, subgroups_figure
from chexview.figures.theme import CONFIG, Theme, theme
from chexview.findings import title
from chexview.pages.choosing import caution, choose_finding, choose_list, choose_run
from chexview.pages.evaluate_view import View
from chexview.pages.saving import save_figure, save_table
from chexview.text import examination as examination_text
from chexview.text import numbers
from chexview.text.numbers import tick

CHART = {**CONFIG, "displayModeBar": False}
SECTION = "section"
SECTIONS = {
    "prevalence": "Local prevalence",
    "calibration": "Calibration",
    "decisions": "Decisions",
    "groups": "Subgroups",
    "together": "Together",
    "maps": "Localisation",
}
TRAITS = {Trait.SEX: "Sex", Trait.AGE: "Age", Trait.VIEW: "View"}

state = st.session_state
view: View = state.setdefault("evaluate", View())


@st.cache_data(show_spinner=False, max_entries=256)
def calibrated(
    digest: str, finding: str, list_name: str, _selection: Selection, _line: Calibration
) -> tuple[tuple[calibrations.ReliabilityBin, ...], calibrations.CalibrationSummary]:
    """The reliability curve and its numbers; the null band takes a moment."""
    return calibrations.reliability(_selection, _line), calibrations.summarise(_selection, _line)


@st.cache_data(show_spinner=False, max_entries=256)
def grouped(
    digest: str,
    finding: str,
    list_name: str,
    trait: Trait,
    threshold: float,
    _run: ValidationRun,
    _selection: Selection,
) -> tuple[tuple[Subgroup, ...], tuple[Gap, ...]]:
    """The groups of a trait, and the gaps between its first two groups that have films of both kinds."""
    masks = groups(_run, trait)
    found = subgroups(_selection, masks, threshold)
    both = [group.name for group in found if group.auroc.value is not None and group.name != "unknown"]
    pair = (both[0], both[1]) if len(both) > 1 else None
    return found, gaps(_selection, masks[pair[0]], masks[pair[1]], pair, threshold) if pair else ()


@st.cache_data(show_spinner=False, max_entries=64)
def raised(digest: str, list_name: str, thresholds: tuple[tuple[str, float], ...], _run: ValidationRun) -> CoOccurrence:
    """What is raised on films that have a finding, at the thresholds in use."""
    return co_occurrence(_run, list_name, dict(thresholds))


def chart(build: Callable[[Theme], go.Figure], alt: str, name: str, wide: bool = True) -> None:
    """A figure in the page's own colours, and the way to save it for paper."""
    st.plotly_chart(build(look), theme=None, config=CHART, alt=alt, width="stretch" if wide else "content")
    save_figure(build, name)


@st.fragment
def local_prevalence(selection: Selection, threshold: float, run: ValidationRun) -> None:
    """The dial: sensitivity and specificity moved to another prevalence."""
    found = confusion(selection, threshold)
    own = selection.positive_films / selection.films
    scale = examination_text.stops(own)
    left, right = st.columns([0.44, 0.56], gap="large")
    with left:
        wish = state.get("examine-dial", own)
        chosen = st.select_slider(
            "How many of your films show it?",
            scale,
            value=wish if wish in scale else min(scale, key=lambda share: abs(share - own)),
            format_func=lambda share: f"{numbers.probability(share)} (as here)" if share == own else tick(share),
        )
        state["examine-dial"] = chosen
        at = matrix_at(found, chosen)
        if at is None:
            caution(
                "These films are all with, or all without, the finding: nothing can be moved to another prevalence."
            )
            return
        st.html(f"<p class='said'>{escape(examination_text.frequencies(at, selection.finding))}</p>")
        st.html(examination_text.moved_rates(found, at))
        line, fitted = calibration_of(run, selection.finding), calibrated_at(run, selection.finding)
        if line is not None and fitted is not None and 0 < fitted < 1:
            st.html(examination_text.moved_probabilities(line, recalibrated(line, fitted, chosen), threshold, fitted))
        st.html(f"<p class='fine'>{examination_text.PREVALENCE}</p>")
    told = at.frequencies
    counts = (
        (told.flagged_rightly, "rightly"),
        (told.missed, "missed"),
        (told.flagged_wrongly, "wrongly"),
        (told.left_alone, "alone"),
    )
    right.html(
        "<div class='people' role='img' aria-label='"
        + escape(examination_text.frequencies(at, selection.finding), quote=True)
        + "'>"
        + "".join(f"<i class='{kind}'></i>" * count for count, kind in counts)
        + "</div><p class='legend-row'><span><i class='rightly'></i>flagged rightly</span><span><i class='missed'></i>missed</span>"
        "<span><i class='wrongly'></i>flagged wrongly</span><span><i class='alone'></i>rightly left alone</span></p>"
    )


def calibration_section(selection: Selection, run: ValidationRun) -> None:
    """The reliability curve beside its numbers."""
    line = calibration_of(run, selection.finding)
    if line is None:
        caution(f"This run has no calibration of {title(selection.finding).lower()}: its scores are no probabilities.")
        return
    bins, summary = calibrated(run.digest, selection.finding, selection.list_name, selection, line)
    left, right = st.columns([0.44, 0.56], gap="large")
    name = f"calibration-{run.name}-{selection.list_name}-{selection.finding}"
    with left:
        alt = reliability_alt(title(selection.finding), bins, summary)
        chart(lambda paper: reliability_figure(bins, paper, 520), alt, name)
    with right:
        st.html(examination_text.calibration(summary, selection.finding))
        save_table(examination_text.bins_frame(bins), name)


def decisions_section(selection: Selection, run: ValidationRun, threshold: float) -> None:
    """The decision curve, with the threshold in use."""
    line = calibration_of(run, selection.finding)
    if line is None:
        caution(f"This run has no calibration of {title(selection.finding).lower()}: decisions need probabilities.")
        return
    if not 0 < selection.positive_films < selection.films:
        caution("A decision curve needs films with and without the finding.")
        return
    curve: DecisionCurve = decision_curve(selection, line)
    used = float(line.probability(threshold))
    chart(
        lambda paper: decision_figure(curve, paper, used, 440),
        decision_alt(title(selection.finding), curve),
        f"decisions-{run.name}-{selection.list_name}-{selection.finding}",
    )
    st.html(
        f"<p class='said'>{escape(decision_alt(title(selection.finding), curve))}</p>"
        f"<p class='quiet'>{escape(examination_text.decision(curve, selection.finding))}</p>"
    )


def groups_section(selection: Selection, run: ValidationRun, threshold: float) -> None:
    """One trait's groups: the figure, the table and the gap."""
    with st.container(horizontal=True):
        trait = st.segmented_control(
            "Group by",
            list(TRAITS),
            default=Trait.SEX,
            format_func=TRAITS.__getitem__,
            required=True,
            key="examine-trait",
        )
        measure = st.segmented_control(
            "Show",
            list(Measure),
            default=Measure.AUROC,
            format_func=lambda m: m.words,
            required=True,
            key="examine-measure",
        )
    found, between = grouped(
        run.digest, selection.finding, selection.list_name, trait or Trait.SEX, threshold, run, selection
    )
    whole = confusion(selection, threshold)
    line = {
        Measure.AUROC: auroc_estimate(selection),
        Measure.SENSITIVITY: whole.sensitivity,
        Measure.SPECIFICITY: whole.specificity,
    }
    shown = measure or Measure.AUROC
    name = f"groups-{run.name}-{selection.list_name}-{selection.finding}-{trait}"
    chart(
        lambda paper: subgroups_figure(found, line[shown], shown, paper),
        subgroups_alt(title(selection.finding), found, shown),
        name,
    )
    for sentence in examination_text.gap_sentences(between):
        st.html(f"<p class='said'>{escape(sentence)}</p>")
    table = examination_text.groups_frame(found)
    st.dataframe(table, hide_index=True, height="content", alt=f"{len(table)} groups")
    save_table(table, name)
    st.html(f"<p class='fine'>{examination_text.GROUPS}</p>")


def together_section(run: ValidationRun) -> None:
    """The matrix of findings that go together."""
    thresholds = tuple(
        (finding, view.thresholds.get((run.name, finding), point))
        for finding in run.findings
        if (point := offer(run, finding, view.list_name).preferred(view.policy)) is not None
    )
    labelled = st.segmented_control(
        "Show",
        [False, True],
        default=False,
        format_func=lambda told: "What is labelled" if told else "What is flagged",
        required=True,
    )
    found = raised(run.digest, view.list_name, thresholds, run)
    order = list(order_alike(found))
    name = f"together-{run.name}-{view.list_name}-{'labels' if labelled else 'flags'}"
    chart(
        lambda paper: co_occurrence_figure(found, order, paper, bool(labelled)), co_occurrence_alt(found), name, False
    )
    save_table(examination_text.together_frame(found, bool(labelled)), name)
    st.html(f"<p class='fine'>{examination_text.TOGETHER}</p>")


@st.cache_data(show_spinner=False, max_entries=32)
def found_by_maps(digest: str, measure: MapMeasure, _table: pd.DataFrame) -> tuple[Localised, ...]:
    """Every finding that has boxes, and all of them together."""
    return (*localised(_table, measure), overall(_table, measure))


def maps_section(run: ValidationRun) -> None:
    """Whether the maps point at what radiologists boxed, beside controls that see no film."""
    try:
        table = run.localisation()
    except RunError as error:
        caution(str(error))
        return
    if table is None:
        caution("This run has no boxes: whether its maps point at findings is not known.")
        return
    measure = st.segmented_control(
        "Judged by",
        list(MapMeasure),
        default=MapMeasure.POINTING,
        format_func=lambda m: m.words,
        required=True,
        key="examine-maps",
    )
    shown = measure or MapMeasure.POINTING
    found = found_by_maps(run.digest, shown, table)
    name = f"maps-{run.name}-{shown.value}"
    chart(lambda paper: localisation_figure(found, shown, paper), localisation_alt(found, shown), name)
    frame = examination_text.maps_frame(found)
    st.dataframe(frame, hide_index=True, height="content", alt=f"Map scores of {len(frame)} findings")
    save_table(frame, name)
    st.html(f"<p class='fine'>{examination_text.MAPS}</p>")


st.html(Path(__file__).parent / "evaluate.css")
st.html(Path(__file__).parent / "examine.css")
told = st.query_params.to_dict()
anew = view.adopt(told)
look = theme(st.context.theme.type)
places = st.columns([0.44, 0.28, 0.28], gap="medium")
with places[0]:
    run = choose_run("Examine", view, "examine-run", anew)
with places[1]:
    choose_list(run, view, "examine-list", anew)
with places[2]:
    choose_finding(run, view, "examine-finding", anew)
if anew and told.get(SECTION) in SECTIONS:
    state["examine-section"] = told[SECTION]
section = st.segmented_control(
    "Section",
    list(SECTIONS),
    default=None if "examine-section" in state else "prevalence",
    format_func=SECTIONS.__getitem__,
    required=True,
    key="examine-section",
    label_visibility="collapsed",
)
selection = run.select(view.finding, view.list_name)
threshold = view.threshold(offer(run, view.finding, view.list_name))
if not selection.films:
    caution(
        f"No film of this list has a known label for {title(view.finding).lower()}; choose another list or finding."
    )
elif section == "calibration":
    calibration_section(selection, run)
elif section == "decisions":
    decisions_section(selection, run, threshold)
elif section == "groups":
    groups_section(selection, run, threshold)
elif section == "together":
    together_section(run)
elif section == "maps":
    maps_section(run)
else:
    local_prevalence(selection, threshold, run)
st.query_params.update({**view.settle(threshold), SECTION: section or "prevalence"})
