"""What the header says is on the film: the projection, the part of the body, which way it is turned.

Header text about the body is chosen from a list at the console and is often wrong, so that one choice against a chest
withholds the score and shows the film. A second fact that comes from elsewhere (a side, the processing that the reader
ran, the study's title) and no word for a chest make it certain, and the film is refused.
"""

import re
from dataclasses import dataclass

from pydicom.dataset import Dataset

from chexview.errors import ContentError
from chexview.films import elements
from chexview.films.elements import label
from chexview.films.radiograph import Caution, CautionKind, View

_VIEW_POSITIONS = {
    "PA": View.PA,
    "AP": View.AP,
    "LL": View.LATERAL,
    "RL": View.LATERAL,
    "LAT": View.LATERAL,
    "LATERAL": View.LATERAL,
    "LLAT": View.LATERAL,
    "RLAT": View.LATERAL,
}
_OBLIQUE = frozenset({"LAO", "RAO", "LPO", "RPO", "LLO", "RLO", "OBLIQUE", "OBL"})
_VIEW_CODES = {
    ("SCT", "399348003"): View.PA,
    ("SCT", "399067008"): View.AP,
    ("SCT", "399198007"): View.LATERAL,
    ("SCT", "399173006"): View.LATERAL,
    ("SRT", "R-10214"): View.PA,
    ("SRT", "R-10206"): View.AP,
}
_CHEST = re.compile(
    r"chest|thora|tórax|lung|pulmon|poumon|lunge|heart|cardia|mediastin|rib|stern|clavic", re.IGNORECASE
)
_ELSEWHERE = re.compile(
    r"\b(legs?|knee|ankle|foot|feet|toe|hip|pelvis|femur|tibia|fibula|hand|wrist|finger|thumb|forearm|elbow|"
    r"humerus|arm|shoulder|scapula|skull|head|sinus|nasal|jaw|mandible|dental|tooth|teeth|neck|spine|lumbar|cervical|"
    r"sacrum|coccyx|abdomen|abdominal|kub|breast|extremity|calcaneus|patella)\b",
    re.IGNORECASE,
)
_UNSAID = frozenset({"", "UNKNOWN", "OTHER", "NONE", "DEFAULT", "ANY", "UNSPECIFIED", "N/A", "NA", "TEST", "BODY"})
_CODE_LENGTH = 16
_DESCRIPTIONS = ("AcquisitionDeviceProcessingDescription", "StudyDescription", "SeriesDescription", "ProtocolName")


@dataclass(frozen=True, slots=True)
class Position:
    """The projection, the body part as the header writes it, and why the score is withheld, if it is."""

    view: View
    body_part: str
    withheld: str | None
    cautions: tuple[Caution, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """How a frontal film is turned to show the patient's left on the viewer's right, head up: transposed first."""

    transpose: bool = False
    flip_rows: bool = False
    flip_columns: bool = False

    @property
    def is_none(self) -> bool:
        """Whether the film stands as it should."""
        return not (self.transpose or self.flip_rows or self.flip_columns)


def position(dataset: Dataset) -> Position:
    """Reads the projection and the body part. Raises ContentError where the header is sure that it is no chest."""
    cautions: list[Caution] = []
    view, sideways = _view(dataset, cautions)
    part = elements.clean(elements.text(dataset, "BodyPartExamined"), _CODE_LENGTH)
    elsewhere = _other_part(dataset, part, cautions)
    withheld = sideways or elsewhere
    return Position(view, part, withheld, tuple(cautions))


def _view(dataset: Dataset, cautions: list[Caution]) -> tuple[View, str | None]:
    """The projection (PS3.3 C.8.11.5.1.1, or its code), and the sentence that withholds a film that is not frontal."""
    said = elements.code(dataset, "ViewPosition")
    positioned = _VIEW_POSITIONS.get(said, View.UNKNOWN)
    coded, meaning = _coded_view(dataset)
    view = positioned if positioned is not View.UNKNOWN else coded
    rows = elements.codes(dataset, "PatientOrientation")[0][:1]
    if view is View.UNKNOWN and rows in ("A", "P"):
        view = View.LATERAL
        said, meaning = "", f"rows run {'forwards' if rows == 'A' else 'backwards'} in {label('PatientOrientation')}"
    if View.LATERAL in (view, coded):
        source = f"{label('ViewPosition')} {said}" if positioned is View.LATERAL else meaning
        cautions.append(Caution(CautionKind.VIEW, f"This is a lateral film by its header ({source})."))
        return View.LATERAL, (
            f"The header says that this film is a lateral ({source}) and the model reads frontal films only; insist to "
            "see a score all the same."
        )
    if said in _OBLIQUE or "oblique" in meaning:
        cautions.append(Caution(CautionKind.VIEW, f"This is an oblique film by {label('ViewPosition')}."))
        return view, (
            "The header says that this film is an oblique and the model reads frontal films only; insist to see a "
            "score all the same."
        )
    if view is View.UNKNOWN:
        cautions.append(
            Caution(CautionKind.VIEW, "The header does not say whether this is a PA, an AP or a lateral film.")
        )
    elif View.UNKNOWN not in (positioned, coded) and positioned is not coded:
        text = f"{label('ViewPosition')} says {positioned} but {label('ViewCodeSequence')} says {coded}."
        cautions.append(Caution(CautionKind.VIEW, text))
    return view, None


def _coded_view(dataset: Dataset) -> tuple[View, str]:
    """The coded projection and what it says, in words of our own."""
    for item in elements.items(dataset, "ViewCodeSequence")[:1]:
        scheme, value = elements.code(item, "CodingSchemeDesignator"), elements.code(item, "CodeValue")
        meaning = elements.text(item, "CodeMeaning").lower()
        view = _VIEW_CODES.get((scheme, value))
        if view is None and "oblique" in meaning:
            return View.UNKNOWN, "oblique"
        if view is None and "lateral" in meaning:
            view = View.LATERAL
        if view is not None:
            return view, f"{label('ViewCodeSequence')} {value}"
    return View.UNKNOWN, ""


def _other_part(dataset: Dataset, part: str, cautions: list[Caution]) -> str | None:
    """The sentence that withholds a film of another body part. Raises ContentError where two facts agree on one."""
    regions = [elements.text(item, "CodeMeaning") for item in elements.items(dataset, "AnatomicRegionSequence")[:4]]
    chosen = [part, *regions]
    if any(_CHEST.search(words) for words in chosen):
        if part.upper() not in _UNSAID and not _CHEST.search(part):
            cautions.append(_part_caution(part))
        return None
    other = part.upper() not in _UNSAID
    if not other and not any(_ELSEWHERE.search(words) for words in regions):
        cautions.append(Caution(CautionKind.BODY_PART, "The header does not say which part of the body this is."))
        return None
    named = (
        f"{label('BodyPartExamined')} says {part}" if other else f"{label('AnatomicRegionSequence')} names another part"
    )
    descriptions = {keyword: elements.text(dataset, keyword) for keyword in _DESCRIPTIONS}
    if not any(_CHEST.search(words) for words in descriptions.values()):
        second = [label(keyword) for keyword, words in descriptions.items() if _ELSEWHERE.search(words)]
        sides = [key for key in ("Laterality", "ImageLaterality") if elements.code(dataset, key) in ("L", "R")]
        second += [label(keyword) for keyword in sides]
        if second:
            raise ContentError(
                f"The film shows another part of the body: {named} and {second[0]} agrees; bring a radiograph of the "
                "chest."
            )
    cautions.append(_part_caution(part))
    return (
        f"The header says that this film does not show the chest ({named}) and the model reads chest films only; "
        "insist to see a score all the same."
    )


def _part_caution(part: str) -> Caution:
    said = f" but {part}" if part else ""
    return Caution(CautionKind.BODY_PART, f"{label('BodyPartExamined')} does not say chest{said}; it is often wrong.")


def turn(dataset: Dataset, view: View) -> Turn:
    """How to turn a film so that rows run to the patient's left and columns to the feet (PS3.3 C.7.6.1.1.1).

    Only frontal films (and those that may be) whose orientation names a left or right and a head or feet are turned.
    """
    both = [value[:1] for value in elements.codes(dataset, "PatientOrientation")[:2]]
    if view is View.LATERAL or len(both) < 2:
        return Turn()
    along_rows, along_columns = both
    if along_rows in "LR" and along_columns in "FH" and along_rows and along_columns:
        return Turn(False, along_columns == "H", along_rows == "R")
    if along_rows in "FH" and along_columns in "LR" and along_rows and along_columns:
        return Turn(True, along_rows == "H", along_columns == "R")
    return Turn()
