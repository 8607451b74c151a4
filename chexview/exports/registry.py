"""The forms in which readings leave: one list of tables of many films and one of files about a single film, which the pages, the
command line and the API offer. A new form is added here."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from chexview.exports import records
from chexview.exports.film_result import FilmResult
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
    """The form of that name. Raises KeyError if there is none."""
    for export in READING_EXPORTS:
        if export.name == name:
            return export
    raise KeyError(name)


@dataclass(frozen=True, slots=True)
class FilmExport:
    """One form of a single film's results: its ``name`` on the command line, its ``title`` on a page, what it ``holds`` in a few
    words, and the end of its files' names.

    ``writer`` is ``module:function`` of a :class:`FilmResult` that gives a file's bytes or several files'; it is imported when it
    is first used. ``is_dicom`` forms need a film that came as DICOM, and raise an ExportError for others.
    """

    name: str
    title: str
    holds: str
    media_type: str
    suffix: str
    writer: str
    is_dicom: bool = True

    def write(self, result: FilmResult) -> tuple[bytes, ...]:
        """The files. Raises ExportError if the film cannot leave in this form."""
        module, function = self.writer.split(":")
        write: Callable[[FilmResult], bytes | tuple[bytes, ...]] = getattr(import_module(module), function)
        made = write(result)
        return made if isinstance(made, tuple) else (made,)


DICOM = "application/dicom"
FILM_EXPORTS: list[FilmExport] = [
    FilmExport(
        "sr",
        "Structured report (SR)",
        "every finding with code, probability, threshold and outline",
        DICOM,
        ".sr.dcm",
        "chexview.exports.dicom_report:structured_report",
    ),
    FilmExport(
        "gsps",
        "Presentation state (GSPS)",
        "the outlines of what is flagged, to lay over the film",
        DICOM,
        ".gsps.dcm",
        "chexview.exports.dicom_presentation:presentation_state",
    ),
    FilmExport(
        "sc",
        "Secondary captures (SC)",
        "pictures of film, heatmap and numbers",
        DICOM,
        ".sc.dcm",
        "chexview.exports.dicom_capture:secondary_captures",
    ),
    FilmExport(
        "pm",
        "Parametric map",
        "what each cell adds to each finding, as numbers",
        DICOM,
        ".pm.dcm",
        "chexview.exports.dicom_map:parametric_map",
    ),
    FilmExport(
        "pdf",
        "PDF page",
        "film, heatmaps, findings and what such scores meant, on paper",
        "application/pdf",
        ".pdf",
        "chexview.exports.film_report:film_pdf",
        is_dicom=False,
    ),
    FilmExport(
        "png",
        "Pictures (PNG)",
        "film, heatmap and numbers as pictures",
        "image/png",
        ".png",
        "chexview.exports.film_picture:captioned_pngs",
        is_dicom=False,
    ),
]


def film_export_named(name: str) -> FilmExport:
    """The form of that name. Raises KeyError if there is none."""
    for export in FILM_EXPORTS:
        if export.name == name:
            return export
    raise KeyError(name)
