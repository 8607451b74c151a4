"""Where, not only whether, on Evaluate: a run's marks judged by radiologists' regions, beside a control that sees no film."""

from functools import partial

import streamlit as st

from chexview.evaluation.examination import Examination
from chexview.evaluation.marks import placed
from chexview.evaluation.references import ReferenceStandard
from chexview.figures.free_response import free_response_alt, free_response_figure
from chexview.figures.theme import CHART, Theme
from chexview.pages.download_buttons import save_figure
from chexview.pages.truth_selector import judged_by_references
from chexview.text import evaluation as evaluation_text
from chexview.text import free_response as free_response_text
from chexview.text import markup


def where_it_points(examination: Examination, look: Theme) -> None:
    """The section, by the truth that is chosen where it has regions, or else by the first that does; nothing if none does."""
    run, films, finding = examination.run, examination.films_list, examination.finding
    judging = [one for one in (examination, *judged_by_references(run, films, finding)) if has_regions(one)]
    if not judging or not isinstance(judging[0].truth, ReferenceStandard):
        return
    examination, reference = judging[0], judging[0].truth
    st.header(free_response_text.HEADING, anchor=False)
    found = placed(run, films, finding, reference)
    if found is None:
        st.html(markup.paragraph(free_response_text.no_marks(run)))
        return
    st.html(markup.paragraph(free_response_text.intro(found, reference)))
    where = f"{run.name}-{films}-{finding}-{reference.name}"
    left, right = st.columns([0.5, 0.5], gap="medium")
    with left:
        kind = st.segmented_control(
            "Curve of the marks",
            list(free_response_text.CURVES),
            default="lroc",
            format_func=free_response_text.CURVES.__getitem__,
            required=True,
            label_visibility="collapsed",
            key="evaluate-marks",
        )
        st.plotly_chart(
            free_response_figure(found, kind, look),
            theme=None,
            key=f"evaluate-{kind}-{where}",
            config=CHART,
            alt=free_response_alt(found, kind),
        )
        caption = evaluation_text.caption(examination, free_response_text.CURVES[kind])
        save_figure(
            partial(free_response_figure, found, kind), f"{kind}-{where}", caption, "Save the curves of the marks"
        )
    with right:
        said = free_response_text.sentences(found)
        st.html(
            "".join(markup.paragraph(sentence, "said") for sentence in said)
            + markup.paragraph(free_response_text.METHOD, "fine")
        )


def has_regions(examination: Examination) -> bool:
    """Whether the examination's truth says where findings are."""
    return isinstance(examination.truth, ReferenceStandard) and examination.truth.has_regions
