"""What a DICOM header must say before its pixels are touched: the kind of object, one frame, a geometry, sound bits."""

import re
from dataclasses import dataclass

from pydicom import uid
from pydicom.dataset import Dataset

from chexview.errors import ContentError, DamagedError, FormatError
from chexview.films import elements
from chexview.films.elements import clean, label
from chexview.films.limits import check_geometry
from chexview.films.radiograph import Caution, CautionKind, Photometric
from chexview.films.structure import Structure

CR = uid.ComputedRadiographyImageStorage
DX = uid.DigitalXRayImageStorageForPresentation
DX_FOR_PROCESSING = uid.DigitalXRayImageStorageForProcessing
SC = uid.SecondaryCaptureImageStorage
_SC_FAMILY = (
    SC,
    uid.MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
    uid.MultiFrameGrayscaleWordSecondaryCaptureImageStorage,
    uid.MultiFrameTrueColorSecondaryCaptureImageStorage,
)
_READ = (CR, DX, DX_FOR_PROCESSING, *_SC_FAMILY)

_MONOCHROME = re.compile(r"MONOCHROME[ _-]?([12])\\*")
"""How devices write the two; the number is what counts."""
_FILM_MODALITIES = frozenset({"CR", "DX", "DR", "RG", "OT", "SC", "DD", "XR", "RF", ""})
"""Modalities under which captures of a film are stored (PS3.3 C.7.3.1.1.1)."""


@dataclass(frozen=True, slots=True)
class PixelFormat:
    """How pixels are stored (PS3.3 C.7.6.3): checked, and free of contradictions that would change the picture."""

    sop_class: str
    rows: int
    columns: int
    samples: int
    photometric: Photometric
    allocated: int
    stored: int
    high: int
    signed: bool
    planar: bool
    syntax: uid.UID
    little_endian: bool

    @property
    def is_secondary_capture(self) -> bool:
        """Whether the film is a capture (of a scanner, a screen), not a device's own."""
        return self.sop_class in _SC_FAMILY


def check(structure: Structure) -> tuple[PixelFormat, tuple[Caution, ...]]:
    """The pixel form of a data set and cautions about its header.

    Raises ContentError (no CR, DX or SC film, several frames), FormatError (a pixel format that is not read),
    LimitError (too large) or DamagedError (elements missing or contradicting each other).
    """
    dataset = structure.dataset
    cautions: list[Caution] = []
    sop_class = _sop_class(structure, cautions)
    _check_frames(dataset)
    rows, columns = _count(dataset, "Rows"), _count(dataset, "Columns")
    check_geometry(rows, columns, label("Rows"), label("Columns"))
    _check_pixel_data(dataset)
    samples = elements.whole(dataset, "SamplesPerPixel") or 1
    photometric = _photometric(dataset, samples)
    allocated, stored, high = _bits(dataset, cautions)
    return (
        PixelFormat(
            sop_class=sop_class,
            rows=rows,
            columns=columns,
            samples=samples,
            photometric=photometric,
            allocated=allocated,
            stored=stored,
            high=high,
            signed=elements.whole(dataset, "PixelRepresentation") == 1,
            planar=_planar(dataset, samples),
            syntax=structure.syntax,
            little_endian=structure.little_endian,
        ),
        tuple(cautions),
    )


def _sop_class(structure: Structure, cautions: list[Caution]) -> str:
    dataset = structure.dataset
    modality = elements.code(dataset, "Modality")
    sop_class = elements.text(dataset, "SOPClassUID")
    if not sop_class:
        sop_class = structure.sop_class
        source = "group 2" if sop_class else "nothing else"
        cautions.append(
            Caution(CautionKind.HEADER, f"{label('SOPClassUID')} is missing; {source} says what the file is.")
        )
    if not sop_class:
        if modality not in ("CR", "DX"):
            raise ContentError(
                f"{label('SOPClassUID')} is missing, so the file does not say that it is a radiograph; bring a CR, DX "
                "or secondary capture film as the device wrote it."
            )
        return CR if modality == "CR" else DX
    if sop_class not in _READ:
        known = uid.UID(sop_class)
        name = clean(known.name) if known.name != sop_class else "an unknown kind of object"
        raise ContentError(
            f"{label('SOPClassUID')} says that the file is {name}; bring a CR, DX or secondary capture film of the "
            "chest."
        )
    if sop_class in _SC_FAMILY and modality not in _FILM_MODALITIES:
        raise ContentError(
            f"{label('Modality')} says that the picture was captured from {modality}; bring a radiograph of the chest."
        )
    return sop_class


def _check_frames(dataset: Dataset) -> None:
    """One frame; 0 is read as 1, for writers put it where they mean that there are not several (PS3.3 C.7.6.6)."""
    if not elements.is_present(dataset, "NumberOfFrames"):
        return
    frames = elements.whole(dataset, "NumberOfFrames")
    if frames is None and not elements.text(dataset, "NumberOfFrames"):
        return
    if frames is None or frames < 0:
        raise DamagedError(f"{label('NumberOfFrames')} is no number of frames; export the film again.")
    if frames > 1:
        raise ContentError(f"{label('NumberOfFrames')} says {frames}; bring one film as one single frame.")


def _count(dataset: Dataset, keyword: str) -> int:
    value = elements.whole(dataset, keyword)
    if value is None or value < 1:
        raise DamagedError(f"{label(keyword)} is missing, so the picture has no shape; export the film again.")
    return value


def _check_pixel_data(dataset: Dataset) -> None:
    if elements.is_present(dataset, "PixelData"):
        return
    for keyword in ("FloatPixelData", "DoubleFloatPixelData"):
        if elements.is_present(dataset, keyword):
            raise ContentError(
                f"The picture is stored as {label(keyword)}, which no radiograph is; export the film itself from the "
                "archive."
            )
    raise DamagedError(
        f"{label('PixelData')} is missing, so the file holds no picture or is cut short; copy or export it again."
    )


def _photometric(dataset: Dataset, samples: int) -> Photometric:
    name = elements.code(dataset, "PhotometricInterpretation")
    if samples not in (1, 3):
        raise FormatError(f"{label('SamplesPerPixel')} says {samples} but 1 or 3 are read; export the film in grey.")
    aliases = {"YBR_RCT": "RGB", "YBR_ICT": "RGB"}
    try:
        photometric = Photometric(aliases.get(name, _MONOCHROME.sub(r"MONOCHROME\1", name)))
    except ValueError:
        raise FormatError(
            f"{label('PhotometricInterpretation')} says {name or 'nothing'}, which is not read here; export the film "
            "as MONOCHROME2."
        ) from None
    grey = photometric in (Photometric.MONOCHROME1, Photometric.MONOCHROME2, Photometric.PALETTE)
    if grey != (samples == 1):
        raise DamagedError(
            f"{label('PhotometricInterpretation')} says {name} but {label('SamplesPerPixel')} says {samples}; export "
            "the film again."
        )
    return photometric


def _bits(dataset: Dataset, cautions: list[Caution]) -> tuple[int, int, int]:
    """Bits Allocated, Bits Stored, High Bit (PS3.5 8.1.1)."""
    allocated, stored = elements.whole(dataset, "BitsAllocated"), elements.whole(dataset, "BitsStored")
    high = elements.whole(dataset, "HighBit")
    if allocated == 1:
        raise ContentError(
            f"{label('BitsAllocated')} says 1, so the greys are lost; bring the film with its full range of greys."
        )
    if allocated not in (8, 16):
        raise FormatError(
            f"{label('BitsAllocated')} says {'nothing' if allocated is None else allocated} but 8 or 16 are read; "
            "export the film again."
        )
    if stored is None:
        stored = allocated
        cautions.append(
            Caution(CautionKind.HEADER, f"{label('BitsStored')} is missing; all {allocated} bits are read.")
        )
    if not 1 <= stored <= allocated:
        raise DamagedError(
            f"{label('BitsStored')} says {stored} of {allocated} bits in {label('BitsAllocated')}; export the film "
            "again."
        )
    if stored == 1:
        raise ContentError(
            f"{label('BitsStored')} says 1, so the greys are lost; bring the film with its full range of greys."
        )
    if high is None:
        high = stored - 1
    if not stored - 1 <= high < allocated:
        raise DamagedError(
            f"{label('HighBit')} says {high}, where {stored} bits stored in {allocated} cannot end; export the film "
            "again."
        )
    return allocated, stored, high


def _planar(dataset: Dataset, samples: int) -> bool:
    """Planar Configuration, required where there are several samples (PS3.3 C.7.6.3.1.3)."""
    if samples == 1:
        return False
    value = elements.whole(dataset, "PlanarConfiguration")
    if value not in (0, 1):
        raise DamagedError(
            f"{label('PlanarConfiguration')} is missing or no 0 or 1, so the colours cannot be told apart; export the "
            "film again."
        )
    return value == 1
