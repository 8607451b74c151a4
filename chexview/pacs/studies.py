"""What a PACS lists, from DICOM JSON (PS3.18 annex F) to records that were checked. Nothing in an answer is trusted."""

import re
from dataclasses import dataclass
from typing import Any

from pydicom.datadict import tag_for_keyword

from chexview.errors import PacsError
from chexview.films.elements import clean

MODALITIES = ("CR", "DX", "RF")
"""The modalities whose studies are searched."""
STUDY_FIELDS = (
    "StudyInstanceUID",
    "PatientID",
    "PatientName",
    "StudyDate",
    "StudyDescription",
    "ModalitiesInStudy",
    "NumberOfStudyRelatedInstances",
)
SERIES_FIELDS = ("SeriesInstanceUID", "Modality", "NumberOfSeriesRelatedInstances")
INSTANCE_FIELDS = ("SOPInstanceUID", "SOPClassUID", "InstanceNumber", "ViewPosition", "NumberOfFrames")
LATERAL = frozenset({"LL", "RL", "LLD", "RLD", "LLO", "RLO", "LATERAL"})
"""View positions that show no frontal film (PS3.3 C.8.11.5.1.1)."""
_UID = re.compile(r"[0-9]+(\.[0-9]+)*")
_DATE = re.compile(r"[0-9]{8}")


@dataclass(frozen=True, slots=True, repr=False)
class Study:
    """A study as the server lists it. ``repr`` does not show whose it is.

    ``date`` is YYYYMMDD or ""; ``instances`` is how many the server says there are, None if it does not say.
    """

    uid: str
    patient_id: str
    patient_name: str
    date: str
    description: str
    modalities: tuple[str, ...]
    instances: int | None

    def __repr__(self) -> str:
        return "Study(hidden)"


@dataclass(frozen=True, slots=True, repr=False)
class Series:
    """A series of a study; ``instances`` as in :class:`Study`."""

    uid: str
    modality: str
    instances: int | None


@dataclass(frozen=True, slots=True, repr=False)
class Instance:
    """An instance of a series; ``view`` and ``sop_class`` are "" if the server does not say."""

    uid: str
    sop_class: str
    view: str
    number: int
    frames: int


@dataclass(frozen=True, slots=True)
class FoundStudies:
    """What a search found; ``is_cut`` says that there are more than are listed."""

    studies: tuple[Study, ...]
    is_cut: bool = False


def study(row: Any) -> Study:
    """A study's record. Raises PacsError if the row is none."""
    return Study(
        uid=_uid(row, "StudyInstanceUID"),
        patient_id=text(row, "PatientID"),
        patient_name=text(row, "PatientName"),
        date=date if _DATE.fullmatch(date := text(row, "StudyDate")) else "",
        description=text(row, "StudyDescription"),
        modalities=tuple(part[:16] for part in texts(row, "ModalitiesInStudy")),
        instances=_count(row, "NumberOfStudyRelatedInstances"),
    )


def series(row: Any) -> Series:
    """A series' record. Raises PacsError if the row is none."""
    return Series(_uid(row, "SeriesInstanceUID"), text(row, "Modality"), _count(row, "NumberOfSeriesRelatedInstances"))


def instance(row: Any) -> Instance:
    """An instance's record. Raises PacsError if the row is none."""
    return Instance(
        uid=_uid(row, "SOPInstanceUID"),
        sop_class=text(row, "SOPClassUID"),
        view=text(row, "ViewPosition").upper(),
        number=_count(row, "InstanceNumber") or 0,
        frames=_count(row, "NumberOfFrames") or 1,
    )


def is_uid(text: str) -> bool:
    """Whether the text is a UID (PS3.5 section 9.1) and can be no other part of an address."""
    return len(text) <= 64 and _UID.fullmatch(text) is not None


def no_dicomweb() -> PacsError:
    """The answer is not what DICOMweb answers."""
    return PacsError("The PACS sent an answer that is no DICOMweb; check that CHEXVIEW_PACS_URL is its DICOMweb root.")


def texts(row: Any, keyword: str) -> list[str]:
    """The values of an attribute as text of one line, cut to 256 characters; none if it is missing."""
    if not isinstance(row, dict):
        raise no_dicomweb()
    tag = tag_for_keyword(keyword)
    assert tag is not None
    element = row.get(f"{tag:08X}")
    values = element.get("Value") if isinstance(element, dict) else None
    found = []
    for value in values if isinstance(values, list) else ():
        if isinstance(value, dict):
            value = next((value[part] for part in ("Alphabetic", "Ideographic", "Phonetic") if value.get(part)), "")
        if isinstance(value, str | int | float):
            found.append(clean(str(value)[:1024], 256).strip())
    return found


def text(row: Any, keyword: str) -> str:
    """The first value of an attribute, "" if there is none."""
    return next(iter(texts(row, keyword)), "")


def _uid(row: Any, keyword: str) -> str:
    found = text(row, keyword)
    if not is_uid(found):
        raise no_dicomweb()
    return found


def _count(row: Any, keyword: str) -> int | None:
    found = text(row, keyword)
    return int(found) if found.isdecimal() and len(found) < 10 else None
