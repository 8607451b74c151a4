"""What a film's scores meant on other films: of those that scored alike, how many had the finding, by each truth there is."""

from dataclasses import dataclass

from chexview.errors import RunError
from chexview.evaluation.calibration import similar, similar_films
from chexview.evaluation.references import ReferenceStandard
from chexview.evaluation.run import ValidationRun
from chexview.model.reading import FindingScore
from chexview.text.reading import films_alike
from chexview.text.truth import own_title


@dataclass(frozen=True, slots=True)
class ScoredAlike:
    """One truth's answer: whose it is, and what it says, in words."""

    truth: str
    words: str


def scored_alike(
    run: ValidationRun, references: tuple[ReferenceStandard, ...], score: FindingScore
) -> tuple[ScoredAlike, ...]:
    """By the run's own labels on its validation films, and by the reference standard that judges most films of the run."""
    found = []
    try:
        alike = similar_films(run, score.name, score.logit)
    except RunError:
        return ()
    if alike is not None:
        found.append(ScoredAlike(own_title(run), f"{films_alike(alike)}."))
    images = run.table.column("image")
    judged = [
        (reference, reference.labels(score.name, images)) for reference in references if reference.judges(score.name)
    ]
    if judged:
        reference, labels = max(judged, key=lambda pair: int((pair[1] >= 0).sum()))
        selection = run.select_where(score.name, labels >= 0, reference.name, labels=labels)
        alike = similar(selection, score.logit, among="test films", line=run.meta.calibration.get(score.name))
        if alike is not None:
            found.append(ScoredAlike(reference.title, f"{films_alike(alike)}."))
    return tuple(found)
