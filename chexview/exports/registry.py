"""The forms in which readings leave: one list, which the pages and the command line offer. A new form is added here."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from chexview.exports import records
from chexview.films.radiograph import Radiograph
from chexview.model.reading import Reading

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ReadingExport:
    """One form: its ``name`` on the command line, its ``title`` on a page, and how a file of it is written.

    ``record`` makes one film's plain data; ``head`` and ``line`` write a stream film by film, ``write`` a whole file.
    """

    name: str
    title: str
    media_type: str
    file_name: str
    write: Callable[[Iterable[Record], Sequence[str]], bytes]
    head: Callable[[Sequence[str]], str]
    line: Callable[[Record, Sequence[str]], str]
    record: Callable[[str, Radiograph, Reading | None], Record] = records.record


READING_EXPORTS: list[ReadingExport] = [
    ReadingExport(
        "csv",
        "CSV",
        "text/csv",
        "chexview-readings.csv",
        records.comma_separated,
        records.csv_head,
        records.csv_line,
    ),
    ReadingExport(
        "json",
        "JSON",
        "application/x-ndjson",
        "chexview-readings.jsonl",
        records.json_lines,
        records.json_head,
        records.json_line,
    ),
]


def export_named(name: str) -> ReadingExport:
    """The form of that name. Raises KeyError where there is none."""
    for export in READING_EXPORTS:
        if export.name == name:
            return export
    raise KeyError(name)
