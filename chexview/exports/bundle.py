"""The files of one film in the forms that are wanted: *for this patient's record*, or *for sharing* with the film's own copy."""

import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from chexview.errors import ExportError
from chexview.exports.film_result import FilmResult
from chexview.exports.records import NOTICE
from chexview.exports.registry import FilmExport
from chexview.exports.sharing import NOT_LOOKED_AT, SharingKey, shared


class Purpose(StrEnum):
    """What files are for."""

    RECORD = "for this patient's record"
    """They keep the patient's identity and stand in the film's own study."""
    SHARING = "for sharing"
    """They have new UIDs and nobody's identity, and the film's copy lies with them."""


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file that leaves the app."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Bundle:
    """The files of one film, and a sentence for each form in which it could not leave."""

    files: tuple[ExportedFile, ...]
    refusals: tuple[str, ...] = ()


def bundle(result: FilmResult, exports: Sequence[FilmExport], stem: str, key: SharingKey | None = None) -> Bundle:
    """The film's files; ``stem`` begins their names. With ``key`` they are for sharing, and their names are the key's."""
    refusals: list[str] = []
    files: list[ExportedFile] = []
    if key is not None:
        stem = f"film-{key.name('film', result.film.digest)}"
        try:
            result = shared(result, key)
            if result.film.origin is not None:
                from chexview.exports.dicom_film import film_copy

                files.append(ExportedFile(f"{stem}.dcm", film_copy(result)))
        except ExportError as error:
            return Bundle((), (str(error),))
    for export in exports:
        try:
            made = export.write(result)
        except ExportError as error:
            refusals.append(str(error))
            continue
        for number, data in enumerate(made, 1):
            part = f"-{number}" if len(made) > 1 else ""
            files.append(ExportedFile(f"{stem}{part}{export.suffix}", data))
    return Bundle(tuple(files), tuple(dict.fromkeys(refusals)))


def about(purpose: Purpose) -> ExportedFile:
    """What lies beside the files, so that whoever gets them knows what they are."""
    words = [NOTICE]
    if purpose is Purpose.SHARING:
        words.append(f"These are copies without the patients' identity. {NOT_LOOKED_AT}")
    else:
        words.append("These files name the patient and belong to the patient's record.")
    return ExportedFile("README.txt", "".join(f"{line}\n" for line in words).encode())


def zipped(files: Iterable[ExportedFile]) -> bytes:
    """The files as a zip without dates."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.writestr(zipfile.ZipInfo(file.name), file.data, zipfile.ZIP_DEFLATED)
    return out.getvalue()
