"""Labels of findings from a table: from one column that names them, or from a column for each finding.

Empty cells, words that are not understood and words broader than a finding leave a label unknown; nothing of that becomes a
negative. Whoever asks can refuse what was not understood: the words are given back with their rows.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from chexview.errors import TableError
from chexview.findings import COMPOSITES
from chexview.labels import cells
from chexview.labels.aliases import Role, column_for, finding_column
from chexview.labels.tables import TextTable

Labels = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True, eq=False)
class LabelTable:
    """Labels int8 (n,) by finding: 1, 0, -1 unknown; ``source`` is the column of each.

    ``unknown`` holds each word that was not understood with the rows (as a spreadsheet counts) that have it.
    """

    labels: dict[str, Labels]
    source: dict[str, str]
    unknown: dict[str, list[int]] = field(default_factory=dict)


def read_labels(table: TextTable, name: str, findings: Iterable[str]) -> LabelTable:
    """The labels of those ``findings`` (and composites) that the table tells of.

    Raises TableError for a cell of a finding's column that is no label.
    """
    wanted = tuple(findings)
    words = column_for("words", list(table.frame.columns))
    if words is not None and finding_column(words) is None:
        return named_labels(table, words, wanted)
    labels: dict[str, Labels] = {}
    source: dict[str, str] = {}
    for column in table.frame.columns:
        found = finding_column(column)
        if found is None or found.role not in (Role.BARE, Role.LABEL) or found.finding not in wanted:
            continue
        if found.finding in labels:
            raise TableError(f"{name} has the columns {source[found.finding]} and {column} for one finding.")
        labels[found.finding], source[found.finding] = column_labels(table, column, name), column
    return LabelTable(labels, source)


def named_labels(table: TextTable, column: str, findings: Iterable[str]) -> LabelTable:
    """Labels from one column that names each film's findings."""
    said = [cells.words_in(text) for text in table.frame[column]]
    unknown: dict[str, list[int]] = {}
    for row, words in enumerate(said, table.first_row):
        for word in words.unknown:
            unknown.setdefault(word, []).append(row)
    labels = {
        finding: np.array([words.label(finding, COMPOSITES.get(finding, ())) for words in said], np.int8)
        for finding in findings
    }
    return LabelTable(labels, dict.fromkeys(labels, column), unknown)


def column_labels(table: TextTable, column: str, name: str, unsure: int = -1, empty: int = -1) -> Labels:
    """Labels from a finding's own column; ``unsure`` and ``empty`` are what CheXpert's -1 and an empty cell count as.

    Raises TableError for any other cell, with its row.
    """
    found = np.empty(len(table.frame), np.int8)
    for k, text in enumerate(table.frame[column]):
        value = cells.label(text)
        if value is None:
            raise TableError(
                f"{name}, column {column}, row {k + table.first_row}: must be 1, 0 or empty (unknown); "
                f"it has {text.strip()[:20]!r}."
            )
        found[k] = unsure if value == -1 else empty if value == -2 else value
    return found
