"""Text about whose truth films are judged by: the labels a run was made with, or a reference standard. No Streamlit."""

from chexview.evaluation.examination import Examination
from chexview.evaluation.references import ReferenceStandard
from chexview.evaluation.run import ValidationRun
from chexview.findings import phrase
from chexview.text.numbers import counted

BY_OWN_LABELS = "This section is by the run's own labels, whichever truth is chosen above."
NONE_PUBLISHED = "Published numbers are by the data set's own labels; none stands beside these."


def own_title(run: ValidationRun) -> str:
    """The labels that a run was made with: ``NIH, from reports``."""
    return "NIH, from reports" if "NIH" in run.meta.data_set else "The run's own labels"


def own_label(run: ValidationRun) -> str:
    """One of those labels: ``NIH's label``."""
    return "NIH's label" if "NIH" in run.meta.data_set else "the run's own label"


def truth_title(examination: Examination) -> str:
    """Whose labels judge: ``Three radiologists, adjudicated``."""
    return own_title(examination.run) if examination.truth is None else examination.truth.title


def option(examination: Examination) -> str:
    """A truth to choose, with how many films of the list it speaks of: ``Three radiologists, adjudicated (177 of these films)``."""
    title = truth_title(examination)
    return title if examination.truth is None else f"{title} ({examination.films:,} of these films)"


def unavailable(title: str, finding: str, own: str) -> str:
    """Why the truth that was wished for does not judge here."""
    return f"{title}: says nothing of {phrase(finding)} on these films; they are judged by: {own}."


def about(reference: ReferenceStandard, examination: Examination) -> str:
    """Who labelled how, on how many of the list's films, what does not match exactly, whom to cite, and the terms."""
    meta, listed = reference.meta, examination.listed
    judged = meta.judges[examination.finding]
    parts = (
        f"Judged by: {meta.title}. {meta.labelled_by} {meta.method}",
        f"They speak of {counted(examination.films, 'film')} of {counted(examination.patients, 'patient')}, "
        f"of {listed.films:,} films of {listed.patients:,} patients in this list.",
        judged.remark,
        f"{meta.citation} {meta.terms}",
    )
    return " ".join(part for part in parts if part)
