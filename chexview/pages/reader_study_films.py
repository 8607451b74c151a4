"""Where a study's films and truths come from: the user's own copies, the films that runs speak of, and references."""

import numpy as np
import streamlit as st

from chexview import settings
from chexview.errors import RunError
from chexview.evaluation.run import ValidationRun, list_runs, load_run
from chexview.films.radiograph import Radiograph
from chexview.films.read import read
from chexview.pages import case_films
from chexview.pages.state.run_choice import usable_runs
from chexview.pages.truth_selector import reference_standards
from chexview.studies.results import RunLabels, StudyTruth, truths_of
from chexview.studies.storage import ReaderStudy


def film_of(study: ReaderStudy, film: str) -> Radiograph:
    """A film of the study. Raises KeyError where it is not here, and a FilmError where it cannot be read."""
    if film in {item.id for item in study.design.films if item.is_own}:
        path = study.film_file(film)
        if not path.is_file():
            raise KeyError(film)
        return read(path.read_bytes())
    return case_films.library("")[0].film(film)


def run_named(name: str) -> ValidationRun | None:
    """The run of a name, the first usable one for ""; None where it is not here or cannot be opened."""
    listings = usable_runs(list_runs(settings.load().runs))
    found = [listing for listing in listings if listing.name == name or not name]
    try:
        return load_run(found[0].folder) if found else None
    except RunError:
        return None


def every_truth(run: ValidationRun | None) -> tuple[StudyTruth, ...]:
    """All reference standards that can be opened, those with single readers' answers first, and the run's own labels last."""
    made = reference_standards()
    return (*made, RunLabels(run)) if run is not None else made


def truths(study: ReaderStudy) -> tuple[StudyTruth, ...]:
    """What says anything of the study's films."""
    return truths_of(study.design, every_truth(run_named(study.design.run)))


@st.cache_data(show_spinner=False, max_entries=8)
def here(digest: str, list_name: str, _run: ValidationRun, films: int) -> list[str]:
    """The films of a run's list that are on this machine, by name; ``films`` is how many the library has."""
    library, _ = case_films.library("")
    images = _run.table.column("image")[_run.list_mask(list_name)]
    return sorted(str(image) for image in np.asarray(images) if image in library)
