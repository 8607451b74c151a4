"""A study as tables: everything as CSV, and as input of iMRMC and of the R package MRMCaov.

iMRMC (https://didsr.github.io/iMRMC) reads lines ``reader,case,modality,score`` after ``BEGIN DATA:``; the truth is reader -1 of
modality 0 with 0 and 1. MRMCaov reads a frame of reader, treatment, case, truth and rating, as its data set VanDyke has it. Both
want every reader on every case under both conditions, so films that someone has not read to the end are left out.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from chexview.errors import StudyError
from chexview.studies.answers import Entries
from chexview.studies.design import StudyDesign
from chexview.studies.results import StudyTruth

ALONE, ADVISED = "alone", "advised"


def answers_table(design: StudyDesign, entries: Mapping[str, Entries], truth: StudyTruth | None) -> pd.DataFrame:
    """One row for every reader, film and finding: the truth (None unknown), confidence alone and advised, seconds, the model's
    log-odds and flag, and the box of the first answer."""
    rows = []
    known = {finding: known_labels(design, finding, truth) for finding in design.findings}
    for reader, own in sorted(entries.items()):
        for place, film in enumerate((item.id for item in design.order(reader)), 1):
            if film not in own.alone:
                continue
            first, advice = own.alone[film], own.advice.get(film)
            for finding in design.findings:
                box = next((mark.place for mark in first.marks if mark.finding == finding), None)
                rows.append(
                    {
                        "reader": reader,
                        "film": film,
                        "place": place,
                        "finding": finding,
                        "truth": known[finding].get(film),
                        ALONE: int(first.confidence[finding]),
                        ADVISED: int(own.last(film).confidence[finding]) if advice else None,
                        "seconds": first.seconds,
                        "model": advice.scores.get(finding) if advice else None,
                        "flagged": finding in advice.flagged if advice and finding in advice.scores else None,
                        **{side: getattr(box, side) if box else None for side in ("left", "top", "right", "bottom")},
                        "when": first.when,
                    }
                )
    return pd.DataFrame(rows)


def known_labels(design: StudyDesign, finding: str, truth: StudyTruth | None) -> dict[str, int]:
    """The films of known truth with 1 or 0."""
    if truth is None or not truth.judges(finding):
        return {}
    films = [film.id for film in design.films]
    labels = truth.labels(finding, np.array(films, dtype=object)).tolist()
    return {film: label for film, label in zip(films, labels, strict=True) if label >= 0}


def crossed(
    design: StudyDesign, entries: Mapping[str, Entries], finding: str, truth: StudyTruth
) -> tuple[dict[str, int], dict[str, Entries]]:
    """The films of known truth that every reader has read to the end, with their truth, and the readers.

    Raises StudyError if that leaves no film of one kind.
    """
    readers = {reader: own for reader, own in sorted(entries.items()) if own.alone}
    films = {
        film: label
        for film, label in known_labels(design, finding, truth).items()
        if all(film in own.advice for own in readers.values())
    }
    if not readers or set(films.values()) != {0, 1}:
        raise StudyError(
            f"Films with {finding} and without it, read to the end by every reader, are needed for this file."
        )
    return films, readers


def imrmc(design: StudyDesign, entries: Mapping[str, Entries], finding: str, truth: StudyTruth) -> str:
    """The text of iMRMC's input file. Readers and cases are numbered; names go no farther. Raises StudyError."""
    films, readers = crossed(design, entries, finding, truth)
    ill = sum(films.values())
    lines = [
        f"Reader study, {finding}; modality 1 alone, 2 after the model's advice",
        f"N0: {len(films) - ill}",
        f"N1: {ill}",
        f"NR: {len(readers)}",
        "NM: 2",
        "BEGIN DATA:",
        *(f"-1,{case},0,{label}" for case, label in enumerate(films.values(), 1)),
    ]
    for number, own in enumerate(readers.values(), 1):
        for modality in (1, 2):
            for case, film in enumerate(films, 1):
                answer = own.alone[film] if modality == 1 else own.last(film)
                lines.append(f"{number},{case},{modality},{int(answer.confidence[finding])}")
    return "\n".join(lines) + "\n"


def mrmcaov(design: StudyDesign, entries: Mapping[str, Entries], finding: str, truth: StudyTruth) -> pd.DataFrame:
    """The frame for MRMCaov's ``mrmc(roc_auc(truth, rating), treatment, reader, case)``. Raises StudyError."""
    films, readers = crossed(design, entries, finding, truth)
    return pd.DataFrame(
        [
            (number, treatment, case, label, int(answer.confidence[finding]))
            for number, own in enumerate(readers.values(), 1)
            for treatment in (1, 2)
            for case, (film, label) in enumerate(films.items(), 1)
            for answer in ([own.alone[film] if treatment == 1 else own.last(film)])
        ],
        columns=["reader", "treatment", "case", "truth", "rating"],
    )
