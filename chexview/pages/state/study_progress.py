"""Where one session is in a reader study: the film before it, the steps chosen so far, and what is revealed. No Streamlit."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from chexview.geometry import Rectangle
from chexview.studies.answers import Entries, ReaderAnswer, ReaderMark
from chexview.studies.design import Confidence, StudyDesign
from chexview.worklist.reader import Outcome

STUDY, READER = "study", "reader"


@dataclass(slots=True)
class StudyProgress:
    """``film`` is the id of the film that the steps are of, ``began`` when it was first shown (seconds, monotonic), ``active`` the
    finding that the next key answers, ``revealed`` the film whose advice is shown, ``skipped`` films that are not here.
    """

    study: str = ""
    reader: str = ""
    film: str = ""
    began: float = 0.0
    active: str = ""
    given: dict[str, Confidence] = field(default_factory=dict)
    marks: dict[str, Rectangle] = field(default_factory=dict)
    revealed: str = ""
    outcome: Outcome | None = None
    skipped: set[str] = field(default_factory=set)
    sentence: str = ""

    def enter(self, study: str, reader: str) -> None:
        """Begins, or goes on with, a study as a reader; "" leaves it."""
        if (study, reader) != (self.study, self.reader):
            self.study, self.reader, self.film, self.revealed = study, reader, "", ""
            self.skipped, self.outcome, self.sentence = set(), None, ""

    def show(self, film: str, findings: Sequence[str], now: float, known: ReaderAnswer | None = None) -> None:
        """Lets the steps be those of a film, from the start or from a stored answer; nothing where they are already."""
        if film != self.film:
            self.film, self.began, self.active = film, now, findings[0]
            self.given = dict(known.confidence) if known else {}
            self.marks = {mark.finding: mark.place for mark in known.marks} if known else {}
            self.outcome = None

    def answer(self, film: str, step: Confidence, findings: Sequence[str]) -> None:
        """A step for the finding whose turn it is; the turn goes to the next one, and stays at the last.

        Nothing where another film is shown by now: a key must not answer for one that the reader has not seen.
        """
        if film != self.film:
            return
        self.given[self.active] = step
        self.turn(1, findings)

    def turn(self, by: int, findings: Sequence[str]) -> None:
        """The turn of another finding, so many farther down."""
        place = list(findings).index(self.active) + by
        self.active = findings[min(max(place, 0), len(findings) - 1)]

    def reader_marks(self) -> tuple[ReaderMark, ...]:
        """The marks as they are stored."""
        return tuple(ReaderMark(finding, place) for finding, place in self.marks.items())


def to_reveal(progress: StudyProgress, design: StudyDesign, entries: Entries) -> str:
    """The film whose advice is due: the one that is revealed, or one that was answered before the server was stopped.

    "" where none is; a film is never revealed before its first answer is stored.
    """
    if progress.revealed in entries.alone:
        return progress.revealed
    films = design.order(progress.reader)
    return next((film.id for film in films if film.id in entries.alone and film.id not in entries.advice), "")


def to_read(progress: StudyProgress, design: StudyDesign, entries: Entries) -> str:
    """The next film without a first answer; "" where all are read."""
    films = design.order(progress.reader)
    return next((film.id for film in films if film.id not in entries.alone and film.id not in progress.skipped), "")
