"""What became of validation films that scored as a film did."""

from chexview import settings
from chexview.errors import RunError
from chexview.evaluation.calibration import similar_films
from chexview.evaluation.run import list_runs, load_run


def similar_scores(checkpoint_digest: str, finding: str, logit: float) -> str:
    """What became of validation films that scored alike, with its source; "" where no run of these weights is there."""
    for listing in list_runs(settings.load().runs):
        if listing.meta is None or listing.meta.checkpoint.weights != checkpoint_digest:
            continue
        try:
            found = similar_films(load_run(listing.folder), finding, logit)
        except RunError:
            continue
        if found is not None:
            beyond = " Its score lies outside all that occur there." if found.beyond else ""
            counts = f"{found.share.films} films of {found.share.patients} patients"
            text = found.text[0].upper() + found.text[1:]
            return f"{text}. Source: {listing.meta.title}, {counts}.{beyond}"
    return ""
