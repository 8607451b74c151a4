"""What is kept of a header: an allow-list of elements about the film, and, apart from it, whose film it is."""

from pydicom import uid
from pydicom.datadict import dictionary_description, tag_for_keyword
from pydicom.dataset import Dataset

from chexview.films import elements
from chexview.films.radiograph import Caution, CautionKind, Identity
from chexview.films.structure import Structure

_KEPT = (
    "Modality",
    "PresentationIntentType",
    "Manufacturer",
    "ManufacturerModelName",
    "BodyPartExamined",
    "ViewPosition",
    "PatientOrientation",
    "ImageLaterality",
    "Laterality",
    "KVP",
    "Exposure",
    "ExposureTime",
    "DistanceSourceToDetector",
    "DistanceSourceToPatient",
    "EstimatedRadiographicMagnificationFactor",
    "DetectorType",
    "ImagerPixelSpacing",
    "PixelSpacing",
    "PixelSpacingCalibrationType",
    "PixelAspectRatio",
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "Rows",
    "Columns",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
    "PixelPaddingValue",
    "PixelPaddingRangeLimit",
    "PixelIntensityRelationship",
    "WindowCenter",
    "WindowWidth",
    "VOILUTFunction",
    "RescaleIntercept",
    "RescaleSlope",
    "RescaleType",
    "PresentationLUTShape",
    "BurnedInAnnotation",
    "LossyImageCompression",
    "LossyImageCompressionRatio",
)


def header(structure: Structure, sop_class: str) -> tuple[tuple[str, str], ...]:
    """Name and value of the elements kept, in the standard's own words, cut to 64 characters, without control
    characters.

    None of them names a person, a place, a date or a study. Values are hostile text all the same: escape them.
    """
    kept = [("SOP Class", uid.UID(sop_class).name), ("Transfer Syntax", structure.syntax.name)]
    for keyword in _KEPT:
        value = _value(structure.dataset, keyword)
        if value:
            tag = tag_for_keyword(keyword)
            assert tag is not None
            kept.append((dictionary_description(tag), value))
    return tuple(kept)


def _value(dataset: Dataset, keyword: str) -> str:
    values = elements.numbers(dataset, keyword, signed=elements.whole(dataset, "PixelRepresentation") == 1)
    if elements.is_number(keyword) and values and None not in values:
        return "\\".join(f"{value:g}" for value in values)
    return elements.text(dataset, keyword)


def identity(dataset: Dataset) -> Identity:
    """Whose film it is, in the file's own character set; what cannot be decoded is replaced, never raised."""
    return Identity(
        patient_name=_personal(dataset, "PatientName"),
        patient_id=_personal(dataset, "PatientID"),
        birth_date=_personal(dataset, "PatientBirthDate"),
        study_date=_personal(dataset, "StudyDate"),
    )


def _personal(dataset: Dataset, keyword: str) -> str:
    try:
        value = dataset.get(keyword)
        return "" if value is None else elements.clean(str(value), 256)
    except Exception:
        return elements.text(dataset, keyword)


def header_cautions(dataset: Dataset, is_secondary_capture: bool, is_lossy: bool) -> list[Caution]:
    """Cautions about burnt-in text, lossy compression and films for processing."""
    cautions = []
    burnt_in = elements.code(dataset, "BurnedInAnnotation")
    if burnt_in == "YES":
        text = "The header says that text is burnt into the picture; it may name the patient."
        cautions.append(Caution(CautionKind.BURNT_IN, text))
    elif is_secondary_capture and burnt_in != "NO":
        text = "Captured films often have text burnt in, and the header does not say; it may name the patient."
        cautions.append(Caution(CautionKind.BURNT_IN, text))
    if elements.code(dataset, "LossyImageCompression") == "01" or is_lossy:
        ratios = [f"{ratio:g}" for ratio in elements.numbers(dataset, "LossyImageCompressionRatio") if ratio]
        ratio = f", {' and '.join(ratios)} to 1" if ratios else ""
        cautions.append(Caution(CautionKind.LOSSY, f"The film has been compressed with loss{ratio}."))
    if elements.code(dataset, "PresentationIntentType") == "FOR PROCESSING":
        text = "The film is raw, for processing; models are trained on films as shown, and its score may be off."
        cautions.append(Caution(CautionKind.FOR_PROCESSING, text))
    return cautions
