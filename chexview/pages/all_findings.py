"""Every finding of a list on Evaluate: the curves small, and a table of all of them, to be sorted and saved."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from chexview.evaluation.examination import Examination
from chexview.evaluation.finding_lines import finding_lines
from chexview.evaluation.operating import OperatingPoints
from chexview.evaluation.performance import MeanAuroc
from chexview.exports import run_table
from chexview.figures.areas import areas_alt, areas_figure
from chexview.figures.theme import Theme
from chexview.figures.thumbnails import small_curve, small_multiples
from chexview.pages import cached_numbers, table_columns
from chexview.pages.charts import chart
from chexview.pages.download_buttons import save_table
from chexview.text import evaluation as evaluation_text
from chexview.text import markup
from chexview.text import truth as truth_text
from chexview.text.escape import escaped

TABLES = {"areas": "Areas and rates", "counts": "Confusion matrices", "figure": "AUROCs as a figure"}


def section(
    examinations: Sequence[Examination],
    shown: Examination,
    points: OperatingPoints,
    mean: MeanAuroc,
    look: Theme,
) -> None:
    """The section; ``shown`` is the examination that the page is about."""
    run, item = shown.run, next(item for item in shown.run.lists if item.name == shown.films_list)
    st.header(f"All findings, {escaped(item.title[0].lower() + item.title[1:])}", anchor=False)
    st.html(
        markup.paragraph(
            f"Sensitivity and specificity at: {evaluation_text.points_words(points)}. "
            "Read AUPRC beside the prevalence, which guessing reaches."
        )
    )
    drawn = (small_curve(one, points.threshold(one.finding), shown.finding) for one in examinations)
    st.html(small_multiples([curve for curve in drawn if curve], look))
    name = f"{run.name}-{item.name}" + (f"-{shown.truth.name}" if shown.truth else "")
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
        counts_table(examinations, points, name)
    elif kind == "figure":
        found = cached_numbers.areas_of(shown)
        caption = evaluation_text.list_caption(shown, "AUROC of every finding, 95 % intervals")
        chart(partial(areas_figure, found), look, areas_alt(found), f"aurocs-{name}", caption)
    else:
        areas_table(examinations, points, mean, look, name)


def counts_table(examinations: Sequence[Examination], points: OperatingPoints, name: str) -> None:
    """Every finding's confusion matrix in a line."""
    thresholds = points.thresholds(one.finding for one in examinations)
    table = run_table.counts(
        {one.finding: one.confusion(thresholds[one.finding]) for one in examinations if one.finding in thresholds},
        {one.finding: one.calibration for one in examinations},
    )
    st.dataframe(
        table,
        hide_index=True,
        height="content",
        column_config=table_columns.COUNTS,
        alt=f"Confusion matrices of {len(table)} findings",
    )
    st.html(markup.paragraph(f"Each finding at: {evaluation_text.points_words(points)}.", "fine"))
    save_table(table, f"{name}-confusion")


def areas_table(
    examinations: Sequence[Examination], points: OperatingPoints, mean: MeanAuroc, look: Theme, name: str
) -> None:
    """Every finding's areas and rates in a line."""
    first = examinations[0]
    run, list_name, truth = first.run, first.films_list, first.truth
    item = next(item for item in run.lists if item.name == list_name)
    lines, control = (
        finding_lines(examinations, points.thresholds(one.finding for one in examinations)),
        bool(run.controlled),
    )
    known = None if truth else cached_numbers.published_of(run.digest, list_name, run)
    table = run_table.frame(lines, control)
    if known is not None:
        table = run_table.beside(table, lines, known)
    st.dataframe(
        run_table.styled(lines, table, look.muted),
        hide_index=True,
        height="content",
        column_config=table_columns.areas(known),
        alt=f"AUROC, average precision, counts and rates of {len(lines)} findings",
    )
    words = ""
    if control:
        means = (cached_numbers.areas_of(first, kind).mean for kind in (False, True))
        words = evaluation_text.control_words(*means)
    st.html(
        (markup.paragraph(words, "said") if words else "")
        + markup.paragraph(truth_text.NONE_PUBLISHED if truth else evaluation_text.published_words(known), "fine")
        + markup.paragraph(evaluation_text.INTERVALS, "fine")
    )
    with st.container(horizontal=True):
        st.download_button(
            "Save the table as CSV",
            run_table.comma_separated(run, item, points, lines, control, truth_text.truth_title(first)),
            f"{name}.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
        st.download_button(
            "All on one page (PDF)",
            partial(whole_report, examinations, points, mean),
            f"{name}.pdf",
            "application/pdf",
            icon=":material/picture_as_pdf:",
            on_click="ignore",
        )


def whole_report(examinations: Sequence[Examination], points: OperatingPoints, mean: MeanAuroc) -> bytes:
    """Every finding of the list on one page of PDF."""
    from chexview.exports.run_report import run_report  # brings matplotlib, which the first page does not wait for

    run, name = examinations[0].run, examinations[0].films_list
    return run_report(run, next(item for item in run.lists if item.name == name), examinations, points, mean)
