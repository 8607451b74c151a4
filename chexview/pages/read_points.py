"""The session's films at the operating points in use."""

from collections.abc import Sequence
from hashlib import sha256

from chexview.evaluation.operating import OperatingPoints
from chexview.model.card import Card
from chexview.model.predictor import Predictor
from chexview.pages.film_intake import worklist
from chexview.pages.state.session import session
from chexview.worklist.entries import WorklistEntry


def points_for(card: Card) -> OperatingPoints:
    """The operating points in use for a checkpoint."""
    return session().points.of(card)


def entries_at(reads: Predictor | None) -> tuple[WorklistEntry, ...]:
    """All films as they stand, their readings at the operating points in use."""
    rows = worklist().snapshot()
    if reads is None or not reads.card.operating_points:
        return rows
    points = points_for(reads.card)
    thresholds = points.thresholds(reads.card.findings)
    return tuple(row.at(points.policy, thresholds) for row in rows)


def readings_key(rows: Sequence[WorklistEntry]) -> str:
    """The same for the same films with the same readings, at the same thresholds: what a table or report of them is made from."""
    return sha256(repr([(row.id, row.status, _written(row)) for row in rows]).encode()).hexdigest()


def _written(row: WorklistEntry) -> tuple[object, ...]:
    """What decides how a film's reading is written."""
    reading = row.reading
    if reading is None:
        return ()
    thresholds = (score.threshold for score in reading.findings)
    return reading.checkpoint_digest, reading.policy, row.insisted, *thresholds
