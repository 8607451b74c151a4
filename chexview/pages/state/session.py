"""The one object in which a session keeps what it chose; widgets keep their own values under their keys."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import streamlit as st

from chexview.evaluation.operating import Policy
from chexview.pages.predictors import usual_policy
from chexview.pages.state.case_choice import CaseChoice
from chexview.pages.state.comparison_choice import ComparisonChoice
from chexview.pages.state.import_job import ImportAnswer, ImportJob
from chexview.pages.state.operating import USUAL, SessionPoints
from chexview.pages.state.pacs_choice import PacsChoice
from chexview.pages.state.run_choice import RunChoice
from chexview.pages.state.study_progress import StudyProgress

if TYPE_CHECKING:
    from chexview.geometry import Rectangle
    from chexview.pages.case_films import CaseFilms
    from chexview.text.known_labels import KnownLabels
    from chexview.viewer.scene import Box
    from chexview.web.arrivals import Arrival
    from chexview.worklist.session_lease import SessionLease

KEY = "chexview"


@dataclass(slots=True)
class FilmsState:
    """What *Read* remembers.

    ``boxes`` and known ``labels`` by the SHA-256 of a film's file; ``rows`` likewise, of films opened from *Cases*, the run's
    digest and the row; ``uploads`` counts the uploaders there were, ``taken`` are the files of theirs that are taken; ``listed``
    are the films' ids in the order of the list; ``drawn_for`` is what the page was last drawn for, ``waited`` the film for whose
    score it waited in vain; ``regions`` are those that the user covers, by film; ``results`` is what was worked out on request, by
    film and kind; ``noted`` are the digests that the audit log has; ``opens_on`` is the finding that a film was opened for, "" if
    none: it is chosen until the address names another. ``arrival`` is how the browser gets a film before the page is drawn for it,
    ``early`` are the uploads that were taken for that and of which Streamlit has not told yet; ``intake`` is held while one is.
    """

    lease: SessionLease | None = None
    boxes: dict[str, tuple[Box, ...]] = field(default_factory=dict)
    rows: dict[str, tuple[str, int]] = field(default_factory=dict)
    labels: dict[str, KnownLabels] = field(default_factory=dict)
    uploads: int = 0
    taken: set[str] = field(default_factory=set)
    early: set[str] = field(default_factory=set)
    intake: threading.Lock = field(default_factory=threading.Lock)
    arrival: Arrival | None = None
    listed: tuple[str, ...] = ()
    drawn_for: tuple[Any, ...] = ()
    waited: str = ""
    regions: dict[str, Rectangle] = field(default_factory=dict)
    region_is_new: bool = False
    results: dict[tuple[str, str], Any] = field(default_factory=dict)
    noted: set[str] = field(default_factory=set)
    chosen_for: tuple[str, str] = ("", "")
    opens_on: str = ""


@dataclass(slots=True)
class Session:
    """Everything that one browser's tab chose."""

    points: SessionPoints
    run: RunChoice = field(default_factory=RunChoice)
    cases: CaseChoice = field(default_factory=CaseChoice)
    comparison: ComparisonChoice = field(default_factory=ComparisonChoice)
    study: StudyProgress = field(default_factory=StudyProgress)
    films: FilmsState = field(default_factory=FilmsState)
    pacs: PacsChoice = field(default_factory=PacsChoice)
    case_films: CaseFilms | None = None
    card: str = ""
    prevalence: float | None = None
    answer: ImportAnswer = field(default_factory=ImportAnswer)
    importing: ImportJob | None = None


def session() -> Session:
    """This session's object; a new one starts with the checkpoint's own policy."""
    kept: Session | None = st.session_state.get(KEY)
    if kept is None:
        usual = usual_policy()
        policy = Policy(usual) if usual in set(Policy) else USUAL
        kept = st.session_state[KEY] = Session(SessionPoints(policy))
    return kept
