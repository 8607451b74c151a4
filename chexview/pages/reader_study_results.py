"""How a reader does so far, alone and after the advice, beside the model, the radiologists and the label."""

from collections.abc import Callable
from functools import partial

import pandas as pd
import streamlit as st

from chexview.errors import StudyError
from chexview.evaluation.readers import Hedge
from chexview.figures.reader_study import study_figure
from chexview.figures.theme import CONFIG, theme
from chexview.findings import title
from chexview.pages.download_buttons import save_table
from chexview.pages.reader_study_films import truths
from chexview.pages.state.session import session
from chexview.pages.state.study_progress import to_read, to_reveal
from chexview.studies.answers import Entries
from chexview.studies.exchange import packed
from chexview.studies.results import RunLabels, StudyTruth, finding_result
from chexview.studies.several_readers import readers_together
from chexview.studies.storage import ReaderStudy
from chexview.studies.tables import answers_table, crossed, imrmc, mrmcaov
from chexview.text import markup, numbers
from chexview.text import study as study_text


def results(study: ReaderStudy, entries: Entries) -> None:
    """The results of what is read; folded away while films are left."""
    progress = session().study
    is_done = not to_read(progress, study.design, entries) and not to_reveal(progress, study.design, entries)
    with st.expander("Results so far" if not is_done else "Results", expanded=is_done, key="study-results"):
        if not is_done and not st.toggle("Compute them now", key="study-now"):
            return
        show(study, entries)


def show(study: ReaderStudy, entries: Entries) -> None:
    """The truth, what undecided answers count as, and one part a finding."""
    offered = {truth.name: truth for truth in truths(study)}
    if not offered:
        st.html(markup.caution(study_text.NO_TRUTH))
        return
    left, right = st.columns(2, gap="medium")
    name = left.selectbox("Judged by", list(offered), format_func=lambda name: offered[name].title, key="study-truth")
    hedge = right.segmented_control(
        "Undecided answers, yours and the radiologists'",
        list(Hedge),
        default=Hedge.NO,
        format_func=study_text.UNDECIDED.__getitem__,
        key="study-hedge",
    )
    seconds = [answer.seconds for answer in entries.alone.values()]
    st.html(markup.paragraph(study_text.pace(seconds)))
    published = next((truth for truth in offered.values() if isinstance(truth, RunLabels)), None)
    for finding in study.design.findings:
        result = finding_result(study.design, entries, finding, offered[name], published, Hedge(hedge or Hedge.NO))
        if result is None:
            st.html(markup.paragraph(study_text.unjudged(finding, offered[name].title)))
            continue
        st.html(markup.paragraph(study_text.summary(result, offered[name].title), "said"))
        figure_side, words_side = st.columns(2, gap="medium")
        with figure_side:
            look = theme(st.context.theme.type)
            st.plotly_chart(study_figure(result, look), config=CONFIG, key=f"study-roc-{finding}", theme=None)
        with words_side:
            st.dataframe(study_text.rates_rows(result), hide_index=True, key=f"study-rates-{finding}")
            if result.advice is not None:
                st.html(markup.paragraph(study_text.effect(finding, result.advice), "said"))
    downloads(study, offered[name])


def downloads(study: ReaderStudy, truth: StudyTruth) -> None:
    """The whole study, of all its readers, to take away."""
    entries = study.all_entries()
    st.html(markup.paragraph(f"{numbers.counted(len(entries), 'reader')} in this study so far."))
    for finding in study.design.findings:
        together = readers_together(study.design, entries, finding, truth)
        if together is not None:
            st.html(markup.paragraph(study_text.together(finding, together), "said"))
    with st.container(horizontal=True, key="study-downloads"):
        save_table(answers_table(study.design, entries, truth), study.name)
        save("The study as a zip", partial(packed, study), f"{study.name}.zip", "application/zip")
        for finding in study.design.findings:
            try:
                crossed(study.design, entries, finding, truth)
            except StudyError:
                continue
            words, name = title(finding), f"{study.name}-{finding}"
            save(
                f"{words} for iMRMC",
                partial(imrmc, study.design, entries, finding, truth),
                f"{name}.imrmc",
                "text/plain",
            )
            table = mrmcaov(study.design, entries, finding, truth)
            save(f"{words} for MRMCaov", partial(comma_separated, table), f"{name}-mrmcaov.csv", "text/csv")


def comma_separated(table: pd.DataFrame) -> str:
    """A table as CSV, without its row numbers."""
    return table.to_csv(index=False)


def save(label: str, write: Callable[[], bytes | str], name: str, kind: str) -> None:
    """A button that saves a file, which is made when it is asked for."""
    st.download_button(label, write, name, kind, icon=":material/download:", key=f"save-{name}", on_click="ignore")
