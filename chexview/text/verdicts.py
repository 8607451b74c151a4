"""Who was right: each cell of the confusion matrix by the label, and what another truth says of its films. No Streamlit."""

from collections.abc import Sequence

import pandas as pd

from chexview.evaluation.confusion import Cell
from chexview.evaluation.estimate import Estimate
from chexview.evaluation.verdicts import CellVerdict, Said, Verdicts
from chexview.findings import phrase, title
from chexview.text import estimates
from chexview.text.numbers import counted, estimated, probability

ORDER = (Cell.FALSE_POSITIVE, Cell.FALSE_NEGATIVE, Cell.TRUE_POSITIVE, Cell.TRUE_NEGATIVE)
"""The cells in which the model and the label disagree come first."""
HEADING = "Who was right?"
ALL = "All findings that they judge"


def share(value: Estimate, flipped: bool = False) -> str:
    """A share with its interval: ``35 % (25 to 47 %)``; ``flipped`` is that of the other films."""
    if value.value is None:
        return value.remark.value
    if not flipped or value.low is None or value.high is None:
        return estimated(1 - value.value if flipped else value.value, value.low, value.high)
    return estimated(1 - value.value, 1 - value.high, 1 - value.low)


def intro(found: Verdicts, own: str, other: str) -> str:
    """Both areas on the very same films, and what the picture shows."""
    return (
        f"{counted(found.films, 'film')} of {counted(found.patients, 'patient')} have a label by both. On them the model's "
        f"AUROC for {phrase(found.finding)} is {estimates.number(found.auroc_by_label)}"
        f" by {own}, and {estimates.number(found.auroc_by_truth)} by: "
        f"{other}. The matrix below is by {own}; the strong colours are the films of which the others say the opposite."
    )


def sentence(verdict: CellVerdict, finding: str, label: str) -> str:
    """One cell: ``Of 74 flagged films free of a nodule or mass by NIH's label, 26 do show it, 35 % (24 to 48 %).``"""
    flagged = "flagged" if verdict.cell.flagged else "unflagged"
    kind = f"with {phrase(finding)}" if verdict.cell.positive else f"free of {phrase(finding)}"
    if not verdict.films:
        return f"There is no {flagged} film {kind} by {label}."
    head = f"Of {verdict.films:,} {flagged} {'film' if verdict.films == 1 else 'films'} {kind} by {label}"
    against = verdict.overturned
    what = "not show it" if verdict.cell.positive else "show it"
    said = f"{head}, {against:,} {'does' if against == 1 else 'do'} {what}, {share(verdict.present, verdict.cell.positive)}"
    return f"{said}{_beyond_chance(verdict)}."


def _beyond_chance(verdict: CellVerdict) -> str:
    """Beside what the label's errors alone would make, for the cells in which model and label disagree."""
    if (
        verdict.cell in (Cell.TRUE_POSITIVE, Cell.TRUE_NEGATIVE)
        or verdict.chance is None
        or verdict.present.low is None
    ):
        return ""
    chance = 1 - verdict.chance if verdict.cell.positive else verdict.chance
    low, high = verdict.present.low, verdict.present.high
    apart = high is not None and not low <= verdict.chance <= high
    judged = (
        "so errors of the label alone do not explain it" if apart else "which errors of the label alone may explain"
    )
    return f"; among all films with that label it is {probability(chance)}, {judged}"


def label_sentence(found: Verdicts, label: str) -> str:
    """The label as a test for what the others say."""
    quality = found.label
    return (
        f"As a test for what they say, {label} has a sensitivity of {share(quality.sensitivity)}, a specificity of "
        f"{share(quality.specificity)}, and of films with it {share(quality.ppv)} do show it."
    )


def in_cell(verdict: CellVerdict) -> tuple[str, str]:
    """A cell in two lines: how many films, and how many of them show it."""
    return (
        f"{verdict.films:,}",
        f"{len(verdict.rows_with):,} show it, {share(verdict.present)}" if verdict.films else "",
    )


def films_title(verdict: CellVerdict, own: str, said: Said | None = None) -> str:
    """The films of a cell of which the others say so, or else the opposite: ``Flagged, NIH no, radiologists yes: 26``."""
    theirs = said or verdict.against
    flagged = "Flagged" if verdict.cell.flagged else "Not flagged"
    mine = "yes" if verdict.cell.positive else "no"
    return f"{flagged}, {own.partition(',')[0]} {mine}, radiologists {theirs.value}: {verdict.count(theirs):,}"


def frame(every: Sequence[Verdicts], label: str) -> pd.DataFrame:
    """All findings, one a line: the films of which model and label disagree, and how many of them the others turn over."""
    flagged, missed = ([found.cells[cell] for found in every] for cell in (Cell.FALSE_POSITIVE, Cell.FALSE_NEGATIVE))
    return pd.DataFrame(
        {
            "Finding": [title(found.finding) for found in every],
            "Films": [found.films for found in every],
            "Flagged, label no": [verdict.films for verdict in flagged],
            "of them show it": [_turned(verdict) for verdict in flagged],
            "Not flagged, label yes": [verdict.films for verdict in missed],
            "of them do not": [_turned(verdict) for verdict in missed],
            f"AUROC by {label}": [estimates.number(found.auroc_by_label) for found in every],
            "AUROC by the others": [estimates.number(found.auroc_by_truth) for found in every],
        }
    )


def _turned(verdict: CellVerdict) -> str:
    if not verdict.films:
        return ""
    return f"{verdict.overturned:,}, {share(verdict.present, verdict.cell.positive)}"


def alt(found: Verdicts, label: str) -> str:
    """The picture in words."""
    return " ".join((HEADING, *(sentence(found.cells[cell], found.finding, label) for cell in ORDER)))
