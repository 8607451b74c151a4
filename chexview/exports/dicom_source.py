"""The DICOM object that a film came from, as new objects of its study refer to it; and what these share."""

import hashlib
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from highdicom import UID
from highdicom.coding_schemes import CodingSchemeIdentificationItem
from highdicom.sr import CodedConcept
from pydicom import config
from pydicom.datadict import dictionary_VR
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import dcmwrite
from pydicom.valuerep import PersonName, validate_value

from chexview import __version__
from chexview.errors import ExportError
from chexview.exports.dicom_codes import OWN, Code
from chexview.exports.sharing import METHOD
from chexview.films.radiograph import DicomOrigin, Radiograph
from chexview.model.card import Card
from chexview.text.result import NO_DICOM

MANUFACTURER = "CheXView"
VERSION = __version__
NOT_DIAGNOSIS = "for research, not for diagnosis"

_log = logging.getLogger(__name__)
logging.getLogger("highdicom").setLevel(logging.CRITICAL)

_NO_DAY = {"DA": "20000101", "TM": "000000", "DT": "20000101000000"}
_UID = re.compile(r"[0-9]+(\.[0-9]+)+")
_FORMS = {
    "PatientBirthDate": re.compile(r"\d{8}"),
    "StudyDate": re.compile(r"\d{8}"),
    "StudyTime": re.compile(r"\d{2}(\d{2}(\d{2}(\.\d{1,6})?)?)?"),
    "PatientSex": re.compile(r"[MFO]"),
    "PatientAge": re.compile(r"\d{3}[DWMY]"),
    "PatientSize": re.compile(r"[0-9.]{1,16}"),
    "PatientWeight": re.compile(r"[0-9.]{1,16}"),
    "PatientIdentityRemoved": re.compile(r"YES|NO"),
    "DeidentificationMethod": re.compile(r".+"),
    "IssuerOfPatientID": re.compile(r".+"),
    "StudyDescription": re.compile(r".+"),
    "PatientID": re.compile(r".+"),
    "StudyID": re.compile(r".+"),
    "AccessionNumber": re.compile(r".+"),
}
"""What of patient and study new objects repeat, and what a value must look like to be repeated."""
_NAMES = ("PatientName", "ReferringPhysicianName")
_WHOSE = ("PatientID", "IssuerOfPatientID", "AccessionNumber")
"""What an object is filed by: where it cannot be repeated, no object is made; another element is left out."""
_NEEDED = (
    "PatientID",
    "PatientBirthDate",
    "PatientSex",
    "StudyDate",
    "StudyTime",
    "StudyID",
    "AccessionNumber",
)
"""Elements that stand empty where nothing is known (type 2)."""


def concept(code: Code) -> CodedConcept:
    """The code as highdicom takes it."""
    return CodedConcept(code.value, code.scheme, code.meaning)


def own_scheme() -> list[CodingSchemeIdentificationItem]:
    """What our own scheme of codes is, for objects that use it."""
    return [CodingSchemeIdentificationItem(designator=OWN, name="CheXView", responsible_organization="CheXView")]


def origin_of(film: Radiograph) -> DicomOrigin:
    """Where the film came from. Raises ExportError if it is no DICOM, or has no study, series or instance."""
    origin = film.origin
    if origin is None:
        raise ExportError(NO_DICOM)
    for what, uid in (("SOP Instance", origin.sop_instance), ("Study", origin.study), ("Series", origin.series)):
        if not _UID.fullmatch(uid):
            raise ExportError(
                f"The film's header has no {what} Instance UID, so results cannot be filed beside it; export it from "
                "the archive again.".replace("SOP Instance Instance", "SOP Instance")
            )
    return origin


def source(film: Radiograph) -> Dataset:
    """The film's own object without its pixels: identity, study, geometry. Raises ExportError."""
    origin = origin_of(film)
    made = Dataset()
    made.SpecificCharacterSet = "ISO_IR 192"
    made.SOPClassUID, made.SOPInstanceUID = origin.sop_class, origin.sop_instance
    made.StudyInstanceUID, made.SeriesInstanceUID = origin.study, origin.series
    made.Modality = origin.text("Modality") or "DX"
    made.Rows, made.Columns = origin.rows, origin.columns
    made.SamplesPerPixel, made.BitsAllocated, made.BitsStored, made.HighBit = 1, 16, 16, 15
    made.PhotometricInterpretation, made.PixelRepresentation = "MONOCHROME2", 0
    with refused_values():
        for keyword, form in _FORMS.items():
            text = origin.text(keyword)
            if form.fullmatch(text) and (keyword in _WHOSE or is_allowed(keyword, text)):
                checked(keyword, text)
                setattr(made, keyword, text)
            elif keyword in _NEEDED:
                setattr(made, keyword, "")
        checked("PatientName", origin.text("PatientName"))
    for keyword in _NAMES:
        setattr(made, keyword, "")  # set in `written`: highdicom writes names that it doubts into the log
    return made


def checked(keyword: str, text: str) -> None:
    """Raises ValueError if DICOM does not allow a text as the value of an element; pydicom itself would warn."""
    vr = dictionary_VR(keyword)
    validate_value(vr, PersonName(text) if vr == "PN" else text, config.RAISE)


def is_allowed(keyword: str, text: str) -> bool:
    """Whether DICOM allows a text as the value of an element."""
    try:
        checked(keyword, text)
    except ValueError:
        return False
    return True


@dataclass(frozen=True)
class NewSeries:
    """What an object of ours says of itself: one series of the film's study for each kind of object."""

    card: Card
    number: int
    description: str

    @cached_property
    def arguments(self) -> dict[str, Any]:
        """As highdicom's constructors take it; UIDs are new each time."""
        return {
            "series_instance_uid": str(UID()),
            "series_number": self.number,
            "sop_instance_uid": str(UID()),
            "instance_number": 1,
            "manufacturer": MANUFACTURER,
            "series_description": f"CheXView {self.description}, {NOT_DIAGNOSIS}"[:64],
        }

    @property
    def device(self) -> dict[str, Any]:
        """The device as highdicom's constructors take it: the checkpoint is its model, the weights its serial number."""
        return {
            "manufacturer_model_name": self.card.name[:64],
            "software_versions": VERSION,
            "device_serial_number": self.card.weights[:16] or "unknown",
        }


def device_uid(card: Card) -> str:
    """A UID of the weights: the same for each reading that they made."""
    return f"2.25.{int(hashlib.sha256(card.weights.encode()).hexdigest()[:32], 16)}"


def written(dataset: Dataset, film: Radiograph) -> bytes:
    """The object as a file of PS3.10 with the patient's name, its preamble zero; for sharing, without today's date.

    Raises ExportError if a value cannot be written.
    """
    dataset.preamble = b"\0" * 128
    if origin_of(film).text("DeidentificationMethod") == METHOD:
        _undate(dataset)
    out = DicomBytesIO()
    with refused_values():
        for keyword in _NAMES:
            name = origin_of(film).text(keyword)
            setattr(dataset, keyword, name if is_allowed(keyword, name) else "")
        dcmwrite(out, dataset, enforce_file_format=True)
    return bytes(out.getvalue())


def _undate(dataset: Dataset) -> None:
    """Puts a fixed day and time in the place of those at which an object for sharing was made: they tell when the study was."""
    for element in dataset.iterall():
        if element.VR in _NO_DAY and element.value:
            element.value = _NO_DAY[element.VR]


@contextmanager
def refused_values() -> Iterator[None]:
    """Turns what highdicom and pydicom say of values that DICOM does not allow into one sentence without them.

    What they log is dropped: their messages quote names.
    """
    try:
        yield
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        _log.warning("a DICOM object was not written: %s", type(error).__name__)
        raise ExportError(
            "The film's header holds a value that DICOM does not allow, so a valid object cannot be made of it."
        ) from error
