"""Who was right, on Evaluate: the matrix by the run's own labels, each cell split by the radiologists' verdict."""

import streamlit as st

from chexview.errors import RunError
from chexview.evaluation.examination import Examination
from chexview.evaluation.verdicts import verdicts
from chexview.figures.theme import CONFIG, Theme
from chexview.figures.verdicts import verdicts_figure
from chexview.pages.download_buttons import save_figure, save_table
from chexview.pages.truth_selector import judged_by_references
from chexview.text import cases as cases_text
from chexview.text import evaluation as evaluation_text
from chexview.text import markup
from chexview.text import truth as truth_text
from chexview.text import verdicts as verdicts_text


def who_was_right(examination: Examination, threshold: float, where: str, look: Theme) -> None:
    """The section, by the truth that is chosen or else by the first that speaks of these films; nothing where none does."""
    run = examination.run
    if examination.truth is None:
        others = judged_by_references(run, examination.films_list, examination.finding)
        if not others:
            return
        examination = others[0]
    try:
        found = verdicts(examination, threshold)
    except RunError:
        return
    own, label, other = truth_text.own_title(run), truth_text.own_label(run), truth_text.truth_title(examination)
    st.subheader(verdicts_text.HEADING, anchor=False)
    st.html(markup.paragraph(verdicts_text.intro(found, own, other)))
    left, right = st.columns([0.5, 0.5], gap="medium")
    with left:
        st.plotly_chart(
            verdicts_figure(found, own, look),
            theme=None,
            key=f"evaluate-verdicts-{where}",
            config={**CONFIG, "displayModeBar": False},
            alt=verdicts_text.alt(found, label),
        )
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
