"""Text and a table about similar films. No Streamlit."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from chexview.evaluation.neighbourhood import NeighbourhoodWorth, TruthCount
from chexview.evaluation.references import ReferenceStandard
from chexview.evaluation.run import ValidationRun
from chexview.evaluation.similarity import Neighbours
from chexview.findings import phrase, title
from chexview.text import cases as cases_text
from chexview.text import numbers

OWN = "the run's labels"
EXPLAINED = (
    "The network describes a film by the means of its last feature maps; these are the validation films whose description is most "
    "like it. Films that are alike for the network need not be alike for a reader."
)


NOT_HERE = (
    "Their pictures do not ship with CheXView. Name the folder they lie in under Films on Cases, or in CHEXVIEW_IMAGES, to see "
    "them here."
)


def had_it(finding: str, has_it: bool) -> str:
    """Whether a similar film has the finding by its label: ``With a mass by its label``."""
    return f"{'With' if has_it else 'Without'} {phrase(finding)} by its label"


def counts_sentence(counts: Sequence[TruthCount], finding: str, films: int) -> str:
    """``Of the 20 most similar validation films 7 had a mass by the run's labels, 11 by three radiologists (of 12 they saw).``"""
    parts = []
    for item in counts:
        if not item.title:
            seen = "" if item.known == films else f" (of {item.known} with a label)"
            parts.append(f"{item.with_it} had {phrase(finding)} by {OWN}{seen}")
        else:
            parts.append(f"{item.with_it} by {item.title[0].lower()}{item.title[1:]} (of {item.known} they saw)")
    return f"Of the {films} most similar validation films {', '.join(parts)}."


def worth_sentence(worth: NeighbourhoodWorth, finding: str) -> str:
    """How often such a neighbourhood is right, with its interval and counts."""
    share, score = worth.neighbours, worth.score
    if share.value is None:
        return f"How often that is right is not known: {share.remark.value}."
    few = f"; {share.remark.value}" if share.remark.value else ""
    return (
        f"How often that is right: the share of similar films with {phrase(finding)} ranks the run's validation films with an "
        f"AUROC of {numbers.area(share.value, share.low, share.high)}, the network's own score with "
        f"{numbers.area(score.value, score.low, score.high)} ({share.films:,} films, {share.positive_films:,} with it, by {OWN}"
        f"{few})."
    )


def frame(run: ValidationRun, found: Neighbours, references: Sequence[ReferenceStandard]) -> pd.DataFrame:
    """The similar films as a table, one row each: image, similarity, the run's labels and each reference's."""
    images = run.table.column("image")[found.rows]
    table = pd.DataFrame({"Image": images, "Similarity": found.similarity})
    table["Sex, age, view"] = [cases_text.person_of(run, int(row)) for row in found.rows]
    table["By the run's labels"] = [cases_text.labelled(run, int(row)) for row in found.rows]
    for reference in references:
        labels = {name: reference.labels(name, images) for name in reference.meta.judges}
        if any((values >= 0).any() for values in labels.values()):
            table[f"By {reference.title}"] = [_label_words(labels, k) for k in range(len(images))]
    return table


def _label_words(labels: dict[str, npt.NDArray[np.int8]], place: int) -> str:
    if all(values[place] < 0 for values in labels.values()):
        return "not seen"
    return ", ".join(title(name) for name, values in labels.items() if values[place] == 1) or "none of those judged"
