"""What a result must be before it is sent: ours, whole, of that study, and nothing that could harm a server.

A file that a server cannot digest may end it (a deeply nested one ends Orthanc), so what is sent is held to much less
than what is read.
"""

from pydicom import uid
from pydicom.dataset import Dataset

from chexview.errors import FilmError, PacsError
from chexview.films.elements import raw
from chexview.films.elements import text as element_text
from chexview.films.header import identity
from chexview.films.structure import parse

RESULTS = frozenset(
    {
        str(uid.SecondaryCaptureImageStorage),
        str(uid.GrayscaleSoftcopyPresentationStateStorage),
        str(uid.EnhancedSRStorage),
        str(uid.ComprehensiveSRStorage),
        str(uid.ParametricMapStorage),
    }
)
"""The SOP classes of results."""
SYNTAXES = frozenset({str(uid.ImplicitVRLittleEndian), str(uid.ExplicitVRLittleEndian)})
"""What every server reads."""
BYTES = 256 * 2**20
DEPTH = 24
"""Sequences within sequences; a structured report of ours has about ten."""
_NEEDED = ("SOPInstanceUID", "SeriesInstanceUID", "Modality")


def check_outgoing(data: bytes, study_uid: str, patient_id: str) -> str:
    """The SOP Instance UID of a result fit to be sent to that study. Raises PacsError with the reason it is not."""
    if len(data) > BYTES:
        raise _unfit(f"it has more than {BYTES // 2**20} MB")
    if data[:132] != bytes(128) + b"DICM":
        raise _unfit("it does not begin as a DICOM file with an empty preamble")
    try:
        found = parse(data)
    except FilmError:
        raise _unfit("it is no sound DICOM file") from None
    dataset = found.dataset
    if str(found.syntax) not in SYNTAXES:
        raise _unfit("its transfer syntax is not one that every server reads")
    if found.sop_class not in RESULTS or element_text(dataset, "SOPClassUID") != found.sop_class:
        raise _unfit("it is no result")
    if element_text(dataset, "StudyInstanceUID") != study_uid:
        raise _unfit("it belongs to another study")
    if identity(dataset).patient_id.strip() != patient_id:
        raise _unfit("it names another patient")
    if any(raw(dataset, keyword) is None for keyword in _NEEDED):
        raise _unfit("it lacks what a server needs to file it")
    result = element_text(dataset, "SOPInstanceUID")
    if not _is_shallow(dataset):
        raise _unfit(f"it nests sequences deeper than {DEPTH}")
    return result


def _is_shallow(dataset: Dataset) -> bool:
    level = [dataset]
    for _ in range(DEPTH):
        level = [item for one in level for element in one if element.VR == "SQ" for item in element.value]
        if not level:
            return True
    return False


def _unfit(reason: str) -> PacsError:
    return PacsError(f"A result was not sent, because {reason}; nothing was sent.")
