"""Examine: whether a run's probabilities can be trusted, at which prevalence, for whom, and which findings are flagged together."""

from pathlib import Path

import pandas as pd
import streamlit as st

from chexview.errors import RunError
from chexview.evaluation.cooccurrence import CoOccurrence, co_occurrence, order_alike
from chexview.evaluation.decision import decision_curve
from chexview.evaluation.examination import Examination
from chexview.evaluation.localisation import Localised, MapMeasure, localised, overall
from chexview.evaluation.operating import OperatingPoints
from chexview.evaluation.prevalence import matrix_at, recalibrated
from chexview.evaluation.run import ValidationRun
from chexview.evaluation.subgroups import Gap, Subgroup, Trait, gaps, groups, subgroups
from chexview.evaluation.thresholds import calibrated_at
from chexview.figures.cooccurrence import co_occurrence_alt, co_occurrence_figure
from chexview.figures.decision import decision_alt, decision_figure
from chexview.figures.localisation import localisation_alt, localisation_figure
from chexview.figures.reliability import reliability_alt, reliability_figure
from chexview.figures.subgroups import Measure, subgroups_alt, subgroups_figure
from chexview.figures.theme import Theme, theme
from chexview.findings import title
from chexview.pages import cached_numbers, table_columns
from chexview.pages.charts import chart
from chexview.pages.download_buttons import save_table
from chexview.pages.run_selectors import caution, choose_examined
from chexview.pages.state.run_choice import threshold_of
from chexview.pages.state.session import session
from chexview.text import evaluation as evaluation_text
from chexview.text import examination as examination_text
from chexview.text import markup, numbers
from chexview.text import truth as truth_text
from chexview.text.caption import FigureCaption
from chexview.text.numbers import tick

SECTION = "section"
SECTIONS = {
    "prevalence": "Local prevalence",
    "calibration": "Calibration",
    "decisions": "Decisions",
    "groups": "Subgroups",
    "together": "Co-occurrence",
    "maps": "Localisation",
}
TRAITS = {Trait.SEX: "Sex", Trait.AGE: "Age", Trait.VIEW: "View"}


def page() -> None:
    """The page, from top to bottom."""
    st.html(Path(__file__).parent / "evaluate.css")
    st.html(Path(__file__).parent / "examine.css")
    choice, address = session().run, st.query_params.to_dict()
    anew = choice.adopt(address)
    look = theme(st.context.theme.type)
    examination = choose_examined("Examine", choice, "examine", anew)
    run = examination.run
    source = cached_numbers.points_of(run, examination.films_list)
    choice.apply(session().points, source)
    points = session().points.of(source)
    if anew and address.get(SECTION) in SECTIONS:
        st.session_state["examine-section"] = address[SECTION]
    st.session_state.setdefault("examine-section", "prevalence")
    section = st.segmented_control(
        "Section",
        list(SECTIONS),
        format_func=SECTIONS.__getitem__,
        required=True,
        key="examine-section",
        label_visibility="collapsed",
    )
    examination = examination.at(threshold_of(points, examination.finding))
    if not examination.films:
        caution(
            f"No film of this list has a known label for {title(examination.finding).lower()}; choose another list or finding."
        )
    elif section == "calibration":
        calibration_section(examination, look)
    elif section == "decisions":
        decisions_section(examination, look)
    elif section == "groups":
        groups_section(examination, look)
    elif section == "together":
        co_occurrence_section(examination, points, look)
    elif section == "maps":
        maps_section(run, look)
    else:
        local_prevalence(examination)
    if examination.truth is not None and section in ("together", "maps"):
        st.html(markup.paragraph(truth_text.BY_OWN_LABELS, "fine"))
    st.query_params.from_dict({**choice.settle(points), SECTION: section or "prevalence"})


@st.cache_data(show_spinner=False, max_entries=256)
def grouped(
    key: tuple[str, str, str, str, bool], trait: Trait, threshold: float, _examination: Examination
) -> tuple[tuple[Subgroup, ...], tuple[Gap, ...]]:
    """The groups of a trait, and the gaps between its first two groups that have films of both kinds."""
    selection = _examination.selection
    masks = groups(_examination.run, trait)
    found = subgroups(selection, masks, threshold)
    both = [group.name for group in found if group.auroc.value is not None and group.name != "unknown"]
    pair = (both[0], both[1]) if len(both) > 1 else None
    return found, gaps(selection, masks[pair[0]], masks[pair[1]], pair, threshold) if pair else ()


@st.cache_data(show_spinner=False, max_entries=64)
def flagged_together(
    digest: str, list_name: str, thresholds: tuple[tuple[str, float], ...], _run: ValidationRun
) -> CoOccurrence:
    """What is flagged on films that have a finding, at the thresholds in use."""
    return co_occurrence(_run, list_name, dict(thresholds))


@st.fragment
def local_prevalence(examination: Examination) -> None:
    """The dial: sensitivity and specificity moved to another prevalence."""
    found, finding = examination.confusion(), examination.finding
    own = examination.positive_films / examination.films
    scale = examination_text.stops(own)
    left, right = st.columns([0.44, 0.56], gap="large")
    with left:
        wish = own if session().prevalence is None else session().prevalence
        chosen = st.select_slider(
            "How many of your films show it?",
            scale,
            value=wish if wish in scale else min(scale, key=lambda share: abs(share - own)),
            format_func=lambda share: f"{numbers.probability(share)} (as here)" if share == own else tick(share),
        )
        session().prevalence = chosen
        at = matrix_at(found, chosen)
        if at is None:
            caution(
                "These films are all with, or all without, the finding: nothing can be moved to another prevalence."
            )
            return
        st.html(markup.paragraph(examination_text.frequencies(at, finding), "said"))
        st.html(examination_text.moved_rates(found, at))
        line, fitted = examination.calibration, calibrated_at(examination.run, finding)
        if line is not None and fitted is not None and 0 < fitted < 1:
            st.html(
                examination_text.moved_probabilities(
                    line, recalibrated(line, fitted, chosen), found.counts.threshold, fitted
                )
            )
        st.html(markup.paragraph(examination_text.PREVALENCE, "fine"))
    right.html(examination_text.people(at, finding))


def calibration_section(examination: Examination, look: Theme) -> None:
    """The reliability curve beside its numbers."""
    finding, bins, summary = examination.finding, examination.reliability, examination.calibration_summary
    if summary is None:
        caution(f"This run has no calibration of {title(finding).lower()}: its scores are not probabilities.")
        return
    left, right = st.columns([0.44, 0.56], gap="large")
    name = file_name("calibration", examination)
    with left:
        alt = reliability_alt(title(finding), bins, summary)
        shown = evaluation_text.caption(examination, "Reliability curve")
        chart(lambda paper: reliability_figure(bins, paper, 520), look, alt, name, shown)
    with right:
        st.html(examination_text.calibration(summary, finding))
        save_table(examination_text.bins_frame(bins), name)


def decisions_section(examination: Examination, look: Theme) -> None:
    """The decision curve, with the threshold in use."""
    finding, line = examination.finding, examination.calibration
    if line is None:
        caution(f"This run has no calibration of {title(finding).lower()}: decisions need probabilities.")
        return
    if not 0 < examination.positive_films < examination.films:
        caution("A decision curve needs films with and without the finding.")
        return
    curve = decision_curve(examination.selection, line)
    used = float(line.probability(examination.confusion().counts.threshold))
    words = decision_alt(title(finding), curve)
    shown = evaluation_text.caption(examination, "Decision curve", examination.threshold)
    chart(
        lambda paper: decision_figure(curve, paper, used, 440), look, words, file_name("decisions", examination), shown
    )
    st.html(markup.paragraph(words, "said") + markup.paragraph(examination_text.decision(curve, finding)))


def file_name(kind: str, examination: Examination) -> str:
    """What a saved figure or table is called, without ending."""
    return f"{kind}-{examination.run.name}-{examination.films_list}-{examination.finding}"


def groups_section(examination: Examination, look: Theme) -> None:
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
    threshold = examination.confusion().counts.threshold
    found, between = grouped(examination.key, trait or Trait.SEX, threshold, examination)
    whole = examination.confusion()
    line = {
        Measure.AUROC: examination.auroc,
        Measure.SENSITIVITY: whole.sensitivity,
        Measure.SPECIFICITY: whole.specificity,
    }
    shown = measure or Measure.AUROC
    name = f"{file_name('groups', examination)}-{trait}"
    chart(
        lambda paper: subgroups_figure(found, line[shown], shown, paper),
        look,
        subgroups_alt(title(examination.finding), found, shown),
        name,
        evaluation_text.caption(examination, f"{shown.words} by {TRAITS[trait or Trait.SEX].lower()}", threshold),
    )
    for sentence in examination_text.gap_sentences(between):
        st.html(markup.paragraph(sentence, "said"))
    table = examination_text.groups_frame(found)
    st.dataframe(table, hide_index=True, height="content", alt=f"{len(table)} groups")
    save_table(table, name)
    st.html(markup.paragraph(examination_text.GROUPS, "fine"))


def co_occurrence_section(examination: Examination, points: OperatingPoints, look: Theme) -> None:
    """The matrix of findings that are flagged together."""
    run, list_name = examination.run, examination.films_list
    labelled = st.segmented_control(
        "Show",
        [False, True],
        default=False,
        format_func=lambda labels: "What is labelled" if labels else "What is flagged",
        required=True,
    )
    found = flagged_together(run.digest, list_name, tuple(points.thresholds(run.findings).items()), run)
    order = list(order_alike(found))
    name = f"co-occurrence-{run.name}-{list_name}-{'labels' if labelled else 'flags'}"
    shown = evaluation_text.list_caption(
        examination, "Labelled together" if labelled else "Flagged on films with a finding"
    )
    chart(
        lambda paper: co_occurrence_figure(found, order, paper, bool(labelled)),
        look,
        co_occurrence_alt(found),
        name,
        shown,
        wide=False,
    )
    save_table(examination_text.together_frame(found, bool(labelled)), name)
    st.html(markup.paragraph(examination_text.TOGETHER, "fine"))


@st.cache_data(show_spinner=False, max_entries=32)
def found_by_maps(digest: str, measure: MapMeasure, _table: pd.DataFrame) -> tuple[Localised, ...]:
    """Every finding that has boxes, and all of them together."""
    return (*localised(_table, measure), overall(_table, measure))


def maps_section(run: ValidationRun, look: Theme) -> None:
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
    caption = FigureCaption(
        f"Localisation: {shown.words}", (run.meta.title, f"{len(table['image'].unique()):,} films with boxes")
    )
    chart(lambda paper: localisation_figure(found, shown, paper), look, localisation_alt(found, shown), name, caption)
    frame = examination_text.maps_frame(found)
    st.dataframe(
        frame,
        hide_index=True,
        height="content",
        column_config=table_columns.maps(frame.columns),
        alt=f"Map scores of {len(frame)} findings",
    )
    save_table(frame, name)
    st.html(markup.paragraph(examination_text.MAPS, "fine"))


page()
