"""What became of validation films that scored as a film did, and how many flags they get."""

from collections.abc import Mapping
from functools import lru_cache

from chexview import settings
from chexview.errors import RunError
from chexview.evaluation.calibration import similar_films
from chexview.evaluation.false_flags import FalseFlags, false_flags
from chexview.evaluation.run import ValidationRun, run_of_weights
from chexview.text.reading import films_alike, flags_sentence


def flags_words(run: ValidationRun | None, thresholds: Mapping[str, float]) -> str:
    """How many flags the validation films of a run get at thresholds that are in use; "" without a run."""
    found = _flags(run, frozenset(thresholds.items())) if run is not None else None
    return flags_sentence(found) if found else ""


@lru_cache(maxsize=32)
def _flags(run: ValidationRun, thresholds: frozenset[tuple[str, float]]) -> FalseFlags | None:
    return false_flags(run, dict(thresholds))


def run_of(checkpoint_digest: str) -> ValidationRun | None:
    """The first run made with these weights that can be opened; None if none is here."""
    return run_of_weights(checkpoint_digest, settings.load().runs)


def similar_scores(run: ValidationRun | None, finding: str, logit: float) -> str:
    """What became of a run's validation films that scored alike, with its source; "" if it says nothing of the finding."""
    found = None
    if run is not None:
        try:
            found = similar_films(run, finding, logit)
        except RunError:
            return ""
    if run is None or found is None:
        return ""
    beyond = " Its score lies outside all that occur there." if found.beyond else ""
    text = films_alike(found)
    if not found.share.films:
        return f"{text}. Source: {run.meta.title}.{beyond}"
    counts = f"{found.share.films} films of {found.share.patients} patients"
    return f"{text}. Source: {run.meta.title}, {counts}.{beyond}"
