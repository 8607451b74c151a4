"""A study as one zip, and zips of the same study put together. The user's own films, which may name patients, never go with it."""

import io
import zipfile
from pathlib import Path

from chexview.errors import StudyError
from chexview.studies.answers import entries_of
from chexview.studies.design import FILE, parse
from chexview.studies.storage import (
    ANSWER_FILE,
    ANSWERS,
    ReaderStudy,
    append,
    create_study,
    file_name,
    list_studies,
    reader_in,
)

LARGEST = 64 * 2**20
"""Bytes that a study's zip may hold, unpacked."""
READERS = 1000


def packed(study: ReaderStudy) -> bytes:
    """The design and every reader's answers as a zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(FILE, study.design.to_json())
        for path in study.answer_files():
            archive.writestr(f"{ANSWERS}/{path.name}", path.read_bytes())
    return out.getvalue()


def merge(data: bytes, parent: Path) -> ReaderStudy:
    """Adds a zip's answers to the same study below ``parent``, which is made where it is not there, and gives it.

    Raises StudyError for what is no study, for a study of own films that are not here, and, before anything is stored, where two
    different people seem to have read under one name.
    """
    members = _members(data)
    if FILE not in members:
        raise StudyError(f"The zip has no {FILE}; choose one that was saved on this page.")
    design = parse(members.pop(FILE))
    found = [item.folder for item in list_studies(parent) if item.design and item.design.digest == design.digest]
    known = ReaderStudy(found[0], design) if found else None
    for name, text in members.items():
        reader = reader_in(text)
        if name != f"{ANSWERS}/{file_name(reader)}.jsonl":
            raise StudyError("A file of answers in the zip is not named for its reader; save the study again.")
        ours, theirs = (known.entries(reader) if known else entries_of(b"")), entries_of(text)
        if any(ours.alone.get(film, answer) != answer for film, answer in theirs.alone.items()):
            raise StudyError(f"Two readers called {reader} gave different first answers; one must take another name.")
        if not (set(theirs.alone) | set(theirs.advice)) <= {film.id for film in design.films}:
            raise StudyError("The zip holds answers on films that the study does not have.")
    study = known or create_study(parent, design)
    for name, text in members.items():
        path = study.folder / name
        stored = set(path.read_bytes().split(b"\n")) if path.is_file() else set()
        for line in text.split(b"\n"):
            if line.strip() and line not in stored:
                append(path, line + b"\n")
    return study


def _members(data: bytes) -> dict[str, bytes]:
    """The files of a study in a zip, within bounds. Raises StudyError."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            wanted = [
                item
                for item in archive.infolist()
                if item.filename == FILE
                or (
                    item.filename.startswith(f"{ANSWERS}/") and ANSWER_FILE.fullmatch(item.filename[len(ANSWERS) + 1 :])
                )
            ]
            if len(wanted) > READERS or sum(item.file_size for item in wanted) > LARGEST:
                raise StudyError("The zip is larger than a study can be.")
            members = {}
            for item in wanted:
                with archive.open(item) as file:
                    members[item.filename] = file.read(item.file_size)
            return members
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError, EOFError) as error:
        raise StudyError("This file is not a readable zip; save the study again.") from error
