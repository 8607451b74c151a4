"""The truth that films are judged by, chosen beside run, films and finding, as several pages have it."""

from typing import Protocol

import streamlit as st

from chexview import settings
from chexview.evaluation.examination import Examination, examine
from chexview.evaluation.references import ReferenceStandard, usable_references
from chexview.evaluation.run import ValidationRun
from chexview.text import markup
from chexview.text import truth as truth_text


class TruthChoice(Protocol):
    """A session's choices on a page, among them the folder of a reference standard, "" for the run's own labels."""

    truth: str


def reference_standards() -> tuple[ReferenceStandard, ...]:
    """The reference standards that can be opened, bundled ones first."""
    return tuple(sorted(usable_references(settings.load().references), key=lambda item: not item.meta.answers))


def judged_by_references(run: ValidationRun, films_list: str, finding: str) -> tuple[Examination, ...]:
    """The same films and finding by every reference standard that speaks of them."""
    judging = (reference for reference in reference_standards() if reference.judges(finding))
    examined = (examine(run, films_list, finding, reference) for reference in judging)
    return tuple(examination for examination in examined if examination.films)


def choose_truth(examination: Examination, choice: TruthChoice, key: str, anew: bool) -> Examination:
    """The examination by the truth that is chosen; ``examination`` is that by the run's own labels."""
    run, finding = examination.run, examination.finding
    others = judged_by_references(run, examination.films_list, finding)
    by_name = {"": examination, **{one.truth.name: one for one in others if one.truth is not None}}
    wish = choice.truth
    if anew or st.session_state.get(key) not in by_name:
        st.session_state[key] = wish if wish in by_name else ""
    choice.truth = st.selectbox(
        "Truth",
        list(by_name),
        key=key,
        format_func=lambda name: truth_text.option(by_name[name]) if name in by_name else name,
        disabled=not others,
        help=None if others else "No reference standard speaks of this finding on these films.",
    )
    gone = next((item for item in reference_standards() if item.name == wish and wish not in by_name), None)
    if gone is not None:
        st.html(markup.caution(truth_text.unavailable(gone.title, finding, truth_text.own_title(run))))
    return by_name[choice.truth]


def truth_words(examination: Examination) -> None:
    """Whose truth it is, with its terms and citation; nothing for the run's own labels."""
    if isinstance(examination.truth, ReferenceStandard):
        st.html(markup.paragraph(truth_text.about(examination.truth, examination), "fine"))
