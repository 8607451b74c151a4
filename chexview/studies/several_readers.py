"""All readers of a study together: the reader-averaged area under the ROC curve, alone and after the advice."""

from collections.abc import Mapping

import numpy as np

from chexview.errors import StudyError
from chexview.evaluation.multireader import MultiReader, Ratings, analyse
from chexview.studies.answers import Entries
from chexview.studies.design import StudyDesign
from chexview.studies.results import StudyTruth
from chexview.studies.tables import crossed

FEWEST = 2
"""Readers, and patients of each kind, without which nothing can be said of others."""


def readers_together(
    design: StudyDesign, entries: Mapping[str, Entries], finding: str, truth: StudyTruth
) -> MultiReader | None:
    """Obuchowski and Rockette's analysis of the films that all readers have read to the end: the first treatment is after the
    advice, the second alone. None with too few readers or patients, or where nothing varies."""
    try:
        films, readers = crossed(design, entries, finding, truth)
    except StudyError:
        return None
    labels = np.array(list(films.values())) == 1
    owners = np.array(design.patients(list(films)))
    if min(len(readers), len(set(owners[labels])), len(set(owners[~labels]))) < FEWEST:
        return None
    ratings = [
        [
            [int(answers(film).confidence[finding]) for film in films]
            for answers in (own.last for own in readers.values())
        ],
        [[int(own.alone[film].confidence[finding]) for film in films] for own in readers.values()],
    ]
    try:
        return analyse(Ratings.of(ratings, labels, owners))
    except ZeroDivisionError:
        return None
