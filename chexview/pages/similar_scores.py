"""What became of validation films that scored as a film did, and how many flags they get."""

from collections.abc import Mapping

from chexview import settings
from chexview.errors import RunError
from chexview.evaluation.calibration import similar_films
from chexview.evaluation.false_flags import false_flags
from chexview.evaluation.run import ValidationRun, list_runs, load_run
from chexview.text.reading import films_alike, flags_sentence


def flags_words(checkpoint_digest: str, thresholds: Mapping[str, float]) -> str:
    """How many flags validation films get at thresholds that are in use; "" where no run of these weights is here."""
    run = run_of(checkpoint_digest)
    found = false_flags(run, thresholds) if run is not None else None
    return flags_sentence(found) if found else ""


def run_of(checkpoint_digest: str) -> ValidationRun | None:
    """The first run made with these weights that can be opened; None where none is here."""
    for listing in list_runs(settings.load().runs):
        if listing.meta is None or listing.meta.checkpoint.weights != checkpoint_digest:
            continue
        try:
            return load_run(listing.folder)
        except RunError:
            continue
    return None


def similar_scores(checkpoint_digest: str, finding: str, logit: float) -> str:
    """What became of validation films that scored alike, with its source; "" where no run of these weights is there."""
    run = run_of(checkpoint_digest)
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
