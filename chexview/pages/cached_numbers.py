"""Numbers of a run that take a moment, worked out once for everybody; they hold nothing of a user's own films.

What belongs to one finding is an Examination's, which keeps its own numbers.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import streamlit as st

from chexview.errors import RunError
from chexview.evaluation.cases import LookAlikes, alike
from chexview.evaluation.examination import Examination, Truth, examine, examine_all
from chexview.evaluation.label_noise import (
    AssumptionCheck,
    Corrected,
    CorrectedRates,
    assumption_check,
    corrected_auroc,
    corrected_confusion,
    label_sample,
)
from chexview.evaluation.operating import OfferedPoints
from chexview.evaluation.performance import ListPerformance, performance
from chexview.evaluation.published import Published, published
from chexview.evaluation.readers import Hedge, answers_on, label_point, mean_reader, reader_points
from chexview.evaluation.references import ReferenceStandard
from chexview.evaluation.run import ValidationRun
from chexview.evaluation.thresholds import offered_points
from chexview.evaluation.verdicts import Verdicts, verdicts
from chexview.figures.readers import ReaderMarks
from chexview.geometry import Rectangle
from chexview.text.truth import own_title

MOST_PAIRS = 600


@dataclass(frozen=True, slots=True)
class ReaderBox:
    """Where a radiologist saw a finding on a film."""

    finding: str
    place: Rectangle


@st.cache_resource(show_spinner=False)
def worked_out() -> set[tuple[str, str, str, bool]]:
    """Digests and names of what :func:`areas` has worked out, for all sessions of the server."""
    return set()


@st.cache_data(show_spinner=False, max_entries=64)
def areas(
    digest: str, list_name: str, control: bool, _run: ValidationRun, truth: str = "", _truth: Truth | None = None
) -> ListPerformance:
    """The AUROCs of a list's findings and their mean; ``truth`` is the digest of another truth than the run's own labels."""
    if _truth is None:  # the page's table has the model's average precisions, so they are made with the areas
        return performance(_run.selections(list_name, control), with_precision=not control)
    every = [one for one in examine_all(_run, list_name, _truth) if not control or one.of_control]
    single = [one for one in every if one.finding in _run.findings] or every
    return performance([replace(one, control=control).selection for one in single], with_precision=not control)


def areas_of(examination: Examination, control: bool = False) -> ListPerformance:
    """The same for the run, list and truth of an examination."""
    run, truth = examination.run, examination.truth
    found = areas(run.digest, examination.films_list, control, run, truth.digest if truth else "", truth)
    worked_out().add(_key(examination, control))
    return found


def _key(examination: Examination, control: bool) -> tuple[str, str, str, bool]:
    truth = examination.truth
    return examination.run.digest, examination.films_list, truth.digest if truth else "", control


def known_areas(examination: Examination) -> ListPerformance | None:
    """The same where they were worked out before; None where that takes a moment."""
    return areas_of(examination) if _key(examination, False) in worked_out() else None


@lru_cache(maxsize=64)
def points_of(run: ValidationRun, list_name: str) -> OfferedPoints:
    """The thresholds that a run offers for judging its findings on a list."""
    return offered_points(run, list_name)


@st.cache_data(show_spinner=False, max_entries=64)
def published_of(digest: str, list_name: str, _run: ValidationRun) -> Published | None:
    """What was published on the very films of a list."""
    return published(_run.table.column("image")[_run.list_mask(list_name)].tolist())


@st.cache_data(show_spinner=False, max_entries=16)
def boxes_of(digest: str, _run: ValidationRun) -> dict[str, tuple[ReaderBox, ...]]:
    """The radiologists' boxes of a run, by image."""
    try:
        table = _run.localisation()
    except RunError:
        table = None
    if table is None:
        return {}
    found: dict[str, list[ReaderBox]] = {}
    columns = ["image", "finding", "left", "top", "right", "bottom"]
    for image, finding, *sides in table[columns].drop_duplicates().to_numpy().tolist():
        found.setdefault(str(image), []).append(ReaderBox(str(finding), Rectangle(*map(float, sides))))
    return {image: tuple(boxes) for image, boxes in found.items()}


@lru_cache(maxsize=64)
def reader_marks(examination: Examination, hedge: Hedge) -> ReaderMarks | None:
    """The readers of the examination's truth, their mean and the label; None for the run's own labels."""
    reference = examination.truth
    if not isinstance(reference, ReferenceStandard):
        return None
    points = reader_points(examination, reference, hedge)
    shown = {point.reader for point in points}
    answers = [given for given in answers_on(examination, reference, hedge) if given.reader in shown]
    mean = mean_reader(examination.selection, answers)
    return ReaderMarks(points, mean, label_point(examination), own_title(examination.run))


@lru_cache(maxsize=256)
def verdicts_of(examination: Examination, threshold: float) -> Verdicts | None:
    """The matrix by the run's label, split by the examination's truth; None where no film has both labels."""
    try:
        return verdicts(examination, threshold)
    except RunError:
        return None


@lru_cache(maxsize=64)
def corrected_area(examination: Examination) -> Corrected | None:
    """The AUROC on the whole list as it would be by the examination's truth; None where no film of either kind has both labels."""
    sample = label_sample(examination)
    if sample is None:
        return None
    return corrected_auroc(examine(examination.run, examination.films_list, examination.finding).selection, sample)


@lru_cache(maxsize=64)
def corrected_check(examination: Examination) -> AssumptionCheck | None:
    """The correction on the films that have both labels, beside what is measured there."""
    sample = label_sample(examination)
    return None if sample is None else assumption_check(examination, sample)


@lru_cache(maxsize=64)
def corrected_rates(examination: Examination, threshold: float) -> CorrectedRates | None:
    """Sensitivity and specificity at a threshold, likewise."""
    sample = label_sample(examination)
    if sample is None:
        return None
    by_label = examine(examination.run, examination.films_list, examination.finding).selection
    return corrected_confusion(by_label, threshold, sample)


@lru_cache(maxsize=64)
def look_alikes(examination: Examination, threshold: float) -> tuple[LookAlikes, ...]:
    """Pairs of films over the threshold that scored alike, one with the finding and one without."""
    return alike(examination.selection, threshold, most=MOST_PAIRS)
