"""What a reader's answers are worth by a truth, alone and after the model's advice, beside the model and radiologists.

Every number is of the films that this reader has read and that the truth says something of. Confidence makes a ROC curve; yes and
no make a point: "probably" and "surely present" are yes, "undecided" counts as the choice of hedges says. Before and after are
compared on the films on which advice was seen, with McNemar's test for patients as clusters.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from chexview.evaluation.comparison import AurocDifference, Disagreement, compare, disagreement
from chexview.evaluation.curves import RocCurve, roc
from chexview.evaluation.estimate import Estimate
from chexview.evaluation.intervals import auroc_estimate, share_estimate
from chexview.evaluation.readers import Hedge
from chexview.evaluation.references import Answer, ReferenceStandard
from chexview.evaluation.run import ValidationRun
from chexview.evaluation.selection import Bools, Selection
from chexview.evaluation.summary import assessed
from chexview.studies.answers import Entries
from chexview.studies.design import Confidence, StudyDesign


class StudyTruth(Protocol):
    """Labels of films by whoever is believed: a reference standard, or a run's own labels."""

    @property
    def name(self) -> str:
        """Its folder's name."""

    @property
    def title(self) -> str:
        """A few words for people."""

    def judges(self, finding: str) -> bool:
        """Whether it says anything of a finding."""

    def labels(self, finding: str, images: npt.NDArray[np.object_]) -> npt.NDArray[np.int8]:
        """Labels (n,) on images (n,): 1, 0, or -1 where it says nothing."""


@dataclass(frozen=True, slots=True)
class RunLabels:
    """The labels that a run was made with, as a truth."""

    run: ValidationRun

    @property
    def name(self) -> str:
        """The run's name."""
        return self.run.name

    @property
    def title(self) -> str:
        """Whose labels they are."""
        return f"Labels of {self.run.meta.data_set.partition(',')[0]}"

    def judges(self, finding: str) -> bool:
        """Whether the run holds the finding or its parts."""
        return finding in assessed(self.run)

    def labels(self, finding: str, images: npt.NDArray[np.object_]) -> npt.NDArray[np.int8]:
        """Labels (n,) on images (n,); -1 on those that the run does not have."""
        known = dict(zip(self.run.table.column("image"), self.run.labels(finding).tolist(), strict=True))
        return np.array([known.get(image, -1) for image in images], np.int8)


@dataclass(frozen=True, slots=True)
class Rates:
    """Sensitivity and specificity of somebody's yes and no."""

    title: str
    films: int
    sensitivity: Estimate
    specificity: Estimate


@dataclass(frozen=True, slots=True, eq=False)
class ModelBeside:
    """The model on the films on which it gave advice: its curve and area, its flags, and the reader's area less its own there."""

    curve: RocCurve
    area: Estimate
    rates: Rates
    difference: AurocDifference


@dataclass(frozen=True, slots=True, eq=False)
class AdviceEffect:
    """What changed on the ``films`` on which advice was seen: yes and no put right and put wrong, sensitivity and specificity
    before and after, McNemar's tests of both, and the difference of the areas (before less after)."""

    films: int
    put_right: int
    put_wrong: int
    before: Rates
    after: Rates
    sensitivity: Disagreement
    specificity: Disagreement
    area: AurocDifference


@dataclass(frozen=True, slots=True, eq=False)
class FindingResult:
    """One reader's result for one finding by one truth. ``model`` and ``advice`` are None if no advice was seen."""

    finding: str
    films: int
    positives: int
    curve: RocCurve
    area: Estimate
    own: Rates
    model: ModelBeside | None
    advice: AdviceEffect | None
    label: Rates | None
    radiologists: tuple[Rates, ...]


def finding_result(
    design: StudyDesign,
    entries: Entries,
    finding: str,
    truth: StudyTruth,
    published: StudyTruth | None = None,
    hedge: Hedge = Hedge.NO,
) -> FindingResult | None:
    """The result so far; None if the truth says nothing of the films read. ``published`` are labels to stand beside."""
    films = np.array([film.id for film in design.films if film.id in entries.alone], dtype=object)
    if not len(films) or not truth.judges(finding):
        return None
    given = truth.labels(finding, films)
    films, labels = films[given >= 0], given[given >= 0] == 1
    if not len(films):
        return None
    owners = design.patients(films.tolist())
    _, patients = np.unique(owners, return_inverse=True)
    cut = cut_of(hedge)
    alone = Selection.of(labels, [entries.alone[film].confidence[finding] for film in films], owners, finding)
    last = Selection.of(labels, [entries.last(film).confidence[finding] for film in films], owners, finding)
    scored = np.array([film in entries.advice and finding in entries.advice[film].scores for film in films], bool)
    model = effect = None
    if scored.any():
        advice = [entries.advice[film] for film in films[scored]]
        scores = replace(alone.where(scored), logits=np.array([item.scores[finding] for item in advice], np.float32))
        flagged = np.array([finding in item.flagged for item in advice], bool)
        rates = _rates("The model", flagged, scores.labels, scores.patients)
        (difference,) = compare([(alone.where(scored), scores)])
        model = ModelBeside(roc(scores.labels, scores.logits), auroc_estimate(scores), rates, difference)
        effect = _effect(alone.where(scored), last.where(scored), cut)
    label = None
    if published is not None and published.name != truth.name and published.judges(finding):
        said = published.labels(finding, films)
        label = _rates(published.title, said[said >= 0] == 1, labels[said >= 0], patients[said >= 0])
    return FindingResult(
        finding,
        len(films),
        int(labels.sum()),
        roc(labels, alone.logits),
        auroc_estimate(alone),
        _rates("You, alone", alone.logits >= cut, labels, patients),
        model,
        effect,
        label,
        _radiologists(truth, finding, films, labels, patients, hedge) if isinstance(truth, ReferenceStandard) else (),
    )


def cut_of(hedge: Hedge) -> np.float32:
    """The confidence from which an answer is a yes."""
    return np.float32(Confidence.UNDECIDED if hedge is Hedge.YES else Confidence.PROBABLY_PRESENT)


def _effect(before: Selection, after: Selection, cut: np.float32) -> AdviceEffect:
    first, second = before.logits >= cut, after.logits >= cut
    right, then = first == before.labels, second == before.labels
    thresholds = float(cut), float(cut)
    (area,) = compare([(before, after)])
    return AdviceEffect(
        before.films,
        int(np.count_nonzero(~right & then)),
        int(np.count_nonzero(right & ~then)),
        _rates("You, alone", first, before.labels, before.patients),
        _rates("You, after the advice", second, before.labels, before.patients),
        disagreement(before, after, thresholds, positive=True),
        disagreement(before, after, thresholds, positive=False),
        area,
    )


def _radiologists(
    reference: ReferenceStandard,
    finding: str,
    films: npt.NDArray[np.object_],
    labels: Bools,
    patients: npt.NDArray[np.int64],
    hedge: Hedge,
) -> tuple[Rates, ...]:
    """Each radiologist of a reference on those of the films that this one read, most films first."""
    answers = reference.answers
    wanted = answers["finding"].isin(reference.meta.judges[finding].any_of) & answers["image"].isin(films)
    places = {film: place for place, film in enumerate(films)}
    yes = {Answer.YES, Answer.HEDGE} if hedge is Hedge.YES else {Answer.YES}
    made = []
    for reader, part in answers[wanted].groupby("reader", sort=True):
        said = part["answer"].isin(yes).groupby(part["image"]).any()
        rows = np.array([places[image] for image in said.index], np.int64)
        facts = reference.meta.readers.get(str(reader))
        title = facts.title if facts else str(reader)
        made.append(_rates(title, said.to_numpy(bool), labels[rows], patients[rows]))
    return tuple(sorted(made, key=lambda rates: -rates.films))


def _rates(title: str, flagged: Bools, truth: Bools, patients: npt.NDArray[np.int64]) -> Rates:
    return Rates(
        title,
        len(truth),
        share_estimate(flagged[truth], patients[truth]),
        share_estimate(~flagged[~truth], patients[~truth]),
    )


def truths_of(design: StudyDesign, truths: Sequence[StudyTruth]) -> tuple[StudyTruth, ...]:
    """Those that say something of at least one finding on one of the study's films, in their order."""
    films = np.array([film.id for film in design.films], dtype=object)
    return tuple(
        truth
        for truth in truths
        if any((truth.labels(finding, films) >= 0).any() for finding in design.findings if truth.judges(finding))
    )
