"""Scores from a table: which of its columns they are, and whether they are probabilities, per cent or logits.

Nothing is guessed where it can be wrong: a column of 0 and 1 may be a label, a column up to 100 may be per cent, and where both
a probability and a logit could be meant the file is refused with the question.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import logit

from chexview.errors import TableError
from chexview.labels import cells
from chexview.labels.aliases import Role, finding_column
from chexview.labels.tables import TextTable

ENDS = 1e-7
"""Probabilities nearer to 0 or 1 are taken as this near: a logit of 16."""
MANY = 0.05
"""Above this share of values outside 0 to 1 they are not a few mistakes."""

Doubles = npt.NDArray[np.float64]


class ScoreKind(StrEnum):
    """What the scores are."""

    AUTO = "auto"
    PROBABILITIES = "probabilities"
    PERCENT = "percent"
    LOGITS = "logits"

    @property
    def words(self) -> str:
        """As a sentence says it: ``120 films ... as probabilities in per cent``."""
        return "probabilities in per cent" if self is ScoreKind.PERCENT else self.value


@dataclass(frozen=True, slots=True)
class FindingColumns:
    """The columns of one finding: its scores, what their name calls them, and its labels ("" if there are none)."""

    scores: str
    role: Role
    labels: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class ImportedScores:
    """Logits float32 (n,) by finding, what they were in the file, how many probabilities were exactly 0 or 1, and the findings
    whose scores were probabilities, in per cent or not.
    """

    logits: dict[str, npt.NDArray[np.float32]]
    kind: str
    clipped: int
    probabilities: tuple[str, ...] = ()


def columns_of(table: TextTable, name: str) -> dict[str, FindingColumns]:
    """The columns of each finding that has scores. Raises TableError if two could be meant."""
    by_finding: dict[str, dict[Role, list[str]]] = {}
    for column in table.frame.columns:
        if (found := finding_column(column)) is not None:
            by_finding.setdefault(found.finding, {}).setdefault(found.role, []).append(column)
    chosen = {}
    for finding, roles in by_finding.items():
        named = [column for role in (Role.PROBABILITY, Role.LOGIT, Role.SCORE) for column in roles.get(role, [])]
        bare, labels = roles.get(Role.BARE, []), roles.get(Role.LABEL, [])
        if len(named) > 1 or len(bare) > 1 or len(labels) > 1:
            one, other = next(columns[:2] for columns in (named, bare, labels) if len(columns) > 1)
            raise TableError(f"{name} has the columns {one} and {other} for one finding; take one of them out.")
        if named and bare:
            labels = [*labels, *_as_label(table, bare[0], named[0], labels, name)]
        score = (named or bare or [""])[0]
        if not score:
            continue
        if not named and _zeros_and_ones(table.frame[score]):
            raise TableError(
                f"{name}, column {score} holds nothing but 0 and 1: call it label__{finding} if that is the truth, or "
                f"prob__{finding} if it is the model's answer."
            )
        role = next(role for role, columns in roles.items() if score in columns)
        chosen[finding] = FindingColumns(score, role, labels[0] if labels else "")
    return chosen


def _as_label(table: TextTable, bare: str, scores: str, labels: list[str], name: str) -> list[str]:
    """A bare column beside one of scores is the label, if it can be one. Raises TableError if it cannot."""
    if not _zeros_and_ones(table.frame[bare]):
        raise TableError(f"{name} has the columns {bare} and {scores} for one finding; take one of them out.")
    if labels and table.frame[bare].tolist() != table.frame[labels[0]].tolist():
        raise TableError(f"{name} has the columns {bare} and {labels[0]} with different labels; take one of them out.")
    return [] if labels else [bare]


def _zeros_and_ones(column: "pd.Series[str]") -> bool:
    return bool(column.map(lambda text: cells.label(text) in (0, 1, -2)).all())


def read_scores(
    table: TextTable, columns: Mapping[str, FindingColumns], name: str, kind: ScoreKind = ScoreKind.AUTO
) -> ImportedScores:
    """The scores of each finding as logits. Raises TableError with column and row, or with the question what they are."""
    values, kinds = {}, {}
    for finding, found in columns.items():
        values[finding], percent = _numbers(table, found.scores, name)
        kinds[finding] = ScoreKind.PERCENT if percent else _kind(found, values[finding], kind, table, name)
    loose = {
        kinds[finding]: found.scores for finding, found in columns.items() if found.role in (Role.BARE, Role.SCORE)
    }
    if len(loose) > 1:
        one, other = list(loose.items())[:2]
        raise TableError(
            f"{name}: the column {one[1]} looks like {one[0].words}, {other[1]} like {other[0].words}; "
            "name them prob__... and logit__..."
        )
    logits, clipped = {}, 0
    for finding, found in columns.items():
        logits[finding], count = _logits(values[finding], kinds[finding], found.scores, table, name)
        clipped += count
    shares = tuple(finding for finding, known in kinds.items() if known is not ScoreKind.LOGITS)
    return ImportedScores(logits, " and ".join(dict.fromkeys(known.words for known in kinds.values())), clipped, shares)


def _numbers(table: TextTable, column: str, name: str) -> tuple[Doubles, bool]:
    """The numbers of a column, and whether they carry a per cent sign."""
    values = np.empty(len(table.frame))
    signs: set[bool] = set()
    marks: set[str] = set()
    for k, text in enumerate(table.frame[column]):
        found = cells.number(text)
        where = f"{name}, column {column}, row {k + table.first_row}"
        if found is None:
            what = "is empty" if not text.strip() else f"holds {text.strip()[:20]!r}, which is no number"
            raise TableError(f"{where} {what}.")
        if not np.isfinite(found.value):
            raise TableError(f"{where} is not a finite number.")
        values[k] = found.value
        signs.add(found.percent)
        marks.update({","} if found.comma else {"."} if "." in text else ())
        if len(signs) > 1:
            raise TableError(f"{where}: some cells of this column have a per cent sign and others have none.")
        if len(marks) > 1:
            raise TableError(f"{where}: some cells of this column have a decimal comma and others a decimal point.")
    return values, signs == {True}


def _kind(found: FindingColumns, values: Doubles, kind: ScoreKind, table: TextTable, name: str) -> ScoreKind:
    """What the values are, by the column's name, by what the user said, or by their range."""
    if found.role is Role.LOGIT:
        return ScoreKind.PROBABILITIES if kind is ScoreKind.PROBABILITIES else ScoreKind.LOGITS
    if found.role is Role.PROBABILITY:
        return ScoreKind.PERCENT if kind is ScoreKind.PERCENT else ScoreKind.PROBABILITIES
    if kind is not ScoreKind.AUTO:
        return kind
    outside = (values < 0) | (values > 1)
    if outside.mean() <= MANY:
        return ScoreKind.PROBABILITIES
    if (values >= 0).all():
        row = int(outside.argmax())
        raise TableError(
            f"{name}, column {found.scores}, row {row + table.first_row} holds {values[row]:g}: per cent, or logits? "
            "Say what the scores are."
        )
    return ScoreKind.LOGITS


def _logits(
    values: Doubles, kind: ScoreKind, column: str, table: TextTable, name: str
) -> tuple[npt.NDArray[np.float32], int]:
    if kind is ScoreKind.LOGITS:
        beyond = np.abs(values) > np.finfo(np.float32).max
        if beyond.any():
            row = int(beyond.argmax())
            raise TableError(f"{name}, column {column}, row {row + table.first_row}: {values[row]:g} is no logit.")
        return values.astype(np.float32), 0
    top = 100.0 if kind is ScoreKind.PERCENT else 1.0
    outside = (values < 0) | (values > top)
    if outside.any():
        row = int(outside.argmax())
        where = f"{name}, column {column}, row {row + table.first_row}"
        if kind is ScoreKind.PERCENT:
            raise TableError(f"{where}: {values[row]:g} is no share in per cent.")
        hint = (
            "call the column logit__... if it is a logit"
            if outside.mean() <= MANY or (values < 0).any()
            else "say that the scores are in per cent, if they are"
        )
        raise TableError(f"{where}: {values[row]:g} is no probability; {hint}.")
    ends = np.clip(values / top, ENDS, 1 - ENDS)
    return np.asarray(logit(ends), dtype=np.float32), int((values / top != ends).sum())
