"""What new objects of a film's study need to know of the DICOM object that it was read from: an allow-list of single elements."""

from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from chexview.films import elements
from chexview.films.orientation import Turn
from chexview.films.pixel_format import PixelFormat
from chexview.films.radiograph import DicomOrigin
from chexview.films.structure import Structure

KEPT = (
    "PatientName",
    "PatientID",
    "IssuerOfPatientID",
    "PatientBirthDate",
    "PatientSex",
    "PatientAge",
    "PatientSize",
    "PatientWeight",
    "PatientIdentityRemoved",
    "DeidentificationMethod",
    "StudyDate",
    "StudyTime",
    "StudyID",
    "StudyDescription",
    "AccessionNumber",
    "ReferringPhysicianName",
    "Modality",
    "BodyPartExamined",
    "ViewPosition",
    "Laterality",
    "ImageLaterality",
    "PatientOrientation",
    "FrameOfReferenceUID",
    "PositionerType",
    "DetectorType",
    "PresentationIntentType",
    "PixelIntensityRelationship",
    "PixelIntensityRelationshipSign",
    "ImagerPixelSpacing",
    "PixelSpacing",
    "PixelSpacingCalibrationType",
    "EstimatedRadiographicMagnificationFactor",
    "DistanceSourceToDetector",
    "DistanceSourceToPatient",
    "KVP",
    "LossyImageCompression",
    "LossyImageCompressionRatio",
    "LossyImageCompressionMethod",
    "BurnedInAnnotation",
    "ConversionType",
)
LENGTH = 1024
"""Characters of an element that are kept; no patient's name is longer."""


def origin(structure: Structure, form: PixelFormat, turned: Turn, slope: float | None, intercept: float) -> DicomOrigin:
    """The origin of a film of a data set that was turned; ``slope`` and ``intercept`` take stored values to modality units."""
    dataset = structure.dataset
    found = [(keyword, _text(dataset, keyword)) for keyword in KEPT]
    return DicomOrigin(
        sop_class=form.sop_class,
        sop_instance=elements.text(dataset, "SOPInstanceUID"),
        study=elements.text(dataset, "StudyInstanceUID"),
        series=elements.text(dataset, "SeriesInstanceUID"),
        rows=form.rows,
        columns=form.columns,
        elements=tuple((keyword, text) for keyword, text in found if text),
        transposed=turned.transpose,
        flipped_rows=turned.flip_rows,
        flipped_columns=turned.flip_columns,
        slope=slope,
        intercept=intercept,
    )


def _text(dataset: Dataset, keyword: str) -> str:
    """An element's text in the file's own character set, as it stands but for control characters and blanks at its end; "" if it
    cannot be read."""
    tag = tag_for_keyword(keyword)
    if tag is None or tag not in dataset:
        return ""
    try:
        value = dataset[tag].value
    except Exception:
        return ""
    values = list(value) if isinstance(value, MultiValue) else [value]
    parts = ["" if part is None else str(part) for part in values]
    return "".join(letter for letter in "\\".join(parts)[:LENGTH] if letter.isprintable()).rstrip()
