"""The Radiograph: one film, its pixels exactly as the modality LUT gives them, and how to look at them."""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import numpy.typing as npt


class View(StrEnum):
    """The projection, as far as the header tells (DICOM PS3.3 C.8.11.5, View Position)."""

    PA = "PA"
    AP = "AP"
    LATERAL = "lateral"
    UNKNOWN = "unknown"


class Photometric(StrEnum):
    """Photometric interpretations that are read here (DICOM PS3.3 C.7.6.3.1.2)."""

    MONOCHROME1 = "MONOCHROME1"
    MONOCHROME2 = "MONOCHROME2"
    RGB = "RGB"
    YBR_FULL = "YBR_FULL"
    YBR_FULL_422 = "YBR_FULL_422"
    PALETTE = "PALETTE COLOR"


class VoiFunction(StrEnum):
    """VOI LUT functions (DICOM PS3.3 C.11.2.1.2)."""

    LINEAR = "LINEAR"
    LINEAR_EXACT = "LINEAR_EXACT"
    SIGMOID = "SIGMOID"


class Plane(StrEnum):
    """What a spacing measures."""

    DETECTOR = "detector plane"
    PATIENT = "patient plane"


class CautionKind(StrEnum):
    """What a caution is about; the words stand in the caution itself."""

    VIEW = "view"
    BODY_PART = "body part"
    BURNT_IN = "burnt-in text"
    LOSSY = "lossy compression"
    FOR_PROCESSING = "for processing"
    PADDING = "padding"
    PHOTOMETRIC = "photometric"
    ORIENTATION = "orientation"
    RESCALE = "rescale"
    WINDOW = "window"
    SPACING = "spacing"
    GEOMETRY = "geometry"
    COLOUR = "colour"
    DAMAGE = "damage"
    """Parts of the picture are not the film: its score is withheld, see :func:`withheld_for_damage`."""
    HEADER = "header"


@dataclass(frozen=True, slots=True)
class Window:
    """A window in modality units (DICOM PS3.3 C.11.2.1.2)."""

    name: str
    centre: float
    width: float
    function: VoiFunction = VoiFunction.LINEAR


@dataclass(frozen=True, slots=True, eq=False)
class VoiTable:
    """A VOI LUT in modality units (DICOM PS3.3 C.11.2.1.1): ``values[i]`` is the output at input ``first + i``.

    ``values`` is uint16 (entries,), its full scale is ``2**bits - 1``; inputs outside take the first or last entry.
    """

    name: str
    first: float
    values: npt.NDArray[np.uint16]
    bits: int


VoiView = Window | VoiTable


@dataclass(frozen=True, slots=True)
class Spacing:
    """Millimetres from row to row and from column to column of the stored matrix, and what they measure."""

    row_mm: float
    column_mm: float
    plane: Plane
    source: str


@dataclass(frozen=True, slots=True)
class Step:
    """A sentence about one thing done to the stored values, with the section that asks for it ("" for pictures)."""

    text: str
    section: str = ""


@dataclass(frozen=True, slots=True)
class Caution:
    """Something the reader of this film should know, in one sentence."""

    kind: CautionKind
    text: str


@dataclass(frozen=True, slots=True, repr=False)
class Identity:
    """Whose film it is. Kept apart, never logged, never in ``repr``, shown only when asked for."""

    patient_name: str = ""
    patient_id: str = ""
    birth_date: str = ""
    study_date: str = ""

    def __repr__(self) -> str:
        return "Identity(hidden)"


@dataclass(frozen=True, slots=True, repr=False)
class DicomOrigin:
    """The DICOM object that a film was read from, as far as new objects of its study need it. It identifies the patient: never
    logged, never in ``repr``.

    ``elements`` are keywords of single elements and their text, several values with backslashes between. ``rows`` and ``columns``
    are the stored matrix; a film's pixels are it ``transposed``, then with its rows and its columns flipped. ``slope`` and
    ``intercept`` take stored values to modality units; None if no line does (a Modality LUT, or colours).
    """

    sop_class: str
    sop_instance: str
    study: str
    series: str
    rows: int
    columns: int
    elements: tuple[tuple[str, str], ...] = ()
    transposed: bool = False
    flipped_rows: bool = False
    flipped_columns: bool = False
    slope: float | None = None
    intercept: float = 0.0

    def text(self, keyword: str) -> str:
        """The text of an element; "" if the film has none."""
        return next((value for name, value in self.elements if name == keyword), "")

    def __repr__(self) -> str:
        return "DicomOrigin(hidden)"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Radiograph:
    """One film.

    ``pixels`` is uint16 (rows, columns); ``pixels * scale + offset`` is the output of the modality LUT exactly, not
    inverted. ``padding`` is a bool mask of the same shape or None. ``views`` are ways of looking in modality units, the
    first is the first view. ``inverted`` says that black and white change places once, after the VOI transformation.
    ``pixel_aspect`` is the height of a pixel divided by its width. ``withheld`` is None, or one sentence saying why
    this film's score is given only to who asks for it all the same. ``digest`` is the SHA-256 of the file's bytes in hexadecimal.
    ``origin`` is None for films that are no DICOM.
    """

    pixels: npt.NDArray[np.uint16]
    scale: float
    offset: float
    views: tuple[VoiView, ...]
    digest: str
    padding: npt.NDArray[np.bool_] | None = None
    inverted: bool = False
    pixel_aspect: float = 1.0
    spacing: Spacing | None = None
    view: View = View.UNKNOWN
    body_part: str = ""
    header: tuple[tuple[str, str], ...] = ()
    identity: Identity = field(default_factory=Identity)
    steps: tuple[Step, ...] = ()
    cautions: tuple[Caution, ...] = ()
    withheld: str | None = None
    origin: DicomOrigin | None = None

    def __repr__(self) -> str:
        rows, columns = self.pixels.shape
        return f"Radiograph({rows} x {columns}, view {self.view}, digest {self.digest[:12]})"


def no_meaning(films: str, which: str = "this one") -> str:
    """Why the score of a film is withheld that is none of ``films``, those that the model is made for; the end of a sentence."""
    return f"the model is made for {films}, so a score of {which} may mean nothing."


def withheld_for_damage(cautions: tuple[Caution, ...]) -> str | None:
    """Why the score of a film with these cautions is withheld, where one of them is about damage."""
    if all(caution.kind is not CautionKind.DAMAGE for caution in cautions):
        return None
    return (
        "The file is damaged, so that parts of the picture are not the film, and a score may be of the damage; export "
        "the film again."
    )
