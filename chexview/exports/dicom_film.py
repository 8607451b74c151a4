"""A film written anew as DICOM from what is known of it: the de-identified copy that is *for sharing*.

Pixels are stored uncompressed with their first view in stored values, so that the copy looks as the film does, without rescale. A
DX film stays one where all that the standard asks of a DX object is known, else it becomes a CR object, which asks for little; a
secondary capture stays one.
"""

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset
from pydicom.uid import (
    ComputedRadiographyImageStorage,
    DigitalXRayImageStorageForPresentation,
    ExplicitVRLittleEndian,
    SecondaryCaptureImageStorage,
)
from pydicom.valuerep import DSfloat

from chexview.exports.dicom_codes import CHEST, Code
from chexview.exports.dicom_source import origin_of, refused_values, source, written
from chexview.exports.film_result import FilmResult
from chexview.exports.sharing import METHOD
from chexview.films.grey import apply
from chexview.films.radiograph import DicomOrigin, Radiograph, View, VoiFunction, Window

VIEWS = {
    View.PA: Code("399348003", "SCT", "postero-anterior"),
    View.AP: Code("399067008", "SCT", "antero-posterior"),
}
_DX = (str(DigitalXRayImageStorageForPresentation), "1.2.840.10008.5.1.4.1.1.1.1.1")
_CR = str(ComputedRadiographyImageStorage)


def film_copy(result: FilmResult) -> bytes:
    """The film as a DICOM file. Raises ExportError if it is no DICOM object of a study."""
    film = result.film
    origin = origin_of(film)
    made = source(film)
    made.ensure_file_meta()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    with refused_values():
        made.SOPClassUID = _class(film, origin)
        made.ImageType = ["DERIVED", "PRIMARY", ""] if made.SOPClassUID in _DX else ["DERIVED", "PRIMARY"]
        made.DerivationDescription = METHOD
        made.SeriesNumber, made.InstanceNumber = 1, 1
        made.BodyPartExamined = "CHEST" if film.withheld is None else ""
        made.ViewPosition = film.view.value if film.view in VIEWS else ""
        made.PatientOrientation = (
            origin.text("PatientOrientation").split("\\") if origin.text("PatientOrientation") else ""
        )
        made.Manufacturer = ""
        for keyword in ("AcquisitionDate", "ContentDate", "ContentTime"):
            setattr(made, keyword, "")
        _geometry(made, film, origin)
        _pixels(made, film)
        _kind(made, film, origin)
    return written(made, film)


def _class(film: Radiograph, origin: DicomOrigin) -> str:
    if origin.sop_class in _DX:
        known = film.view in VIEWS and film.withheld is None and origin.text("PixelIntensityRelationship")
        known = known and origin.text("ImagerPixelSpacing")
        return _DX[0] if known and origin.text("PixelIntensityRelationshipSign") else _CR
    return _CR if origin.sop_class == _CR else str(SecondaryCaptureImageStorage)


def _geometry(made: Dataset, film: Radiograph, origin: DicomOrigin) -> None:
    for keyword in (
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
        "PatientAge",
    ):
        text = origin.text(keyword)
        if text:
            setattr(made, keyword, text.split("\\") if "\\" in text else text)
    if "PixelSpacingCalibrationType" in made:
        made.PixelSpacingCalibrationDescription = "As the film's own header states it"
    if film.pixel_aspect != 1.0 and "PixelSpacing" not in made and "ImagerPixelSpacing" not in made:
        made.PixelAspectRatio = [round(10000 * film.pixel_aspect), 10000]


def _pixels(made: Dataset, film: Radiograph) -> None:
    """Stored values that rise as modality units do, their first view, and what is padding."""
    stored, scale, offset = film.pixels, film.scale, film.offset
    if scale < 0:
        top = int(stored.max(initial=0))
        stored, scale, offset = (top - stored.astype(np.int64)).astype(np.uint16), -scale, offset + scale * top
    stored = _padded(made, stored, film.padding)
    bits = max(int(stored.max(initial=0)).bit_length(), 8)
    allocated = 8 if bits == 8 else 16
    made.Rows, made.Columns = stored.shape
    made.SamplesPerPixel, made.PixelRepresentation = 1, 0
    made.BitsAllocated, made.BitsStored, made.HighBit = allocated, bits, bits - 1
    made.PhotometricInterpretation = "MONOCHROME1" if film.inverted else "MONOCHROME2"
    made.PresentationLUTShape = "INVERSE" if film.inverted else "IDENTITY"
    made.RescaleIntercept, made.RescaleSlope, made.RescaleType = "0", "1", "US"
    _view(made, film, scale, offset, int(stored.max(initial=0)))
    data = stored.astype("<u2" if allocated == 16 else np.uint8).tobytes()
    made.PixelData = data + b"\0" * (len(data) % 2)
    made["PixelData"].VR = "OW"


def _padded(
    made: Dataset, stored: npt.NDArray[np.uint16], padding: npt.NDArray[np.bool_] | None
) -> npt.NDArray[np.uint16]:
    """The stored values, all padding at one value that nothing else has, where there is such a value."""
    if padding is None or not padding.any():
        return stored
    film = stored[~padding]
    low, high = int(film.min(initial=65535)), int(film.max(initial=0))
    value = high + 1 if high < 65535 else low - 1
    if value < 0:
        return stored
    made.PixelPaddingValue = value
    return np.where(padding, np.uint16(value), stored)


def _view(made: Dataset, film: Radiograph, scale: float, offset: float, top: int) -> None:
    """The film's first view, in stored values (PS3.3 C.11.2)."""
    view = film.views[0]
    if isinstance(view, Window):
        centre, width, function = view.centre, view.width, view.function
        if function is VoiFunction.LINEAR and (scale, offset) != (1.0, 0.0):
            centre, width, function = centre - 0.5, max(width - 1.0, 1e-6), VoiFunction.LINEAR_EXACT
        made.WindowCenter = DSfloat((centre - offset) / scale, auto_format=True)
        made.WindowWidth = DSfloat(width / scale, auto_format=True)
        made.VOILUTFunction = function.value
        return
    table = apply(view, np.arange(top + 1, dtype=np.float64) * scale + offset)
    item = Dataset()
    item.LUTDescriptor = [(top + 1) % 65536, 0, 16]
    item.add_new("LUTData", "OW", np.rint(table * 65535.0).astype("<u2").tobytes())
    made.VOILUTSequence = [item]


def _kind(made: Dataset, film: Radiograph, origin: DicomOrigin) -> None:
    """What the object's class asks for beside all that."""
    if not made.BodyPartExamined:
        made.Laterality = ""  # asked for unless the part of the body is known to have no sides
    if made.SOPClassUID == str(SecondaryCaptureImageStorage):
        made.ConversionType = origin.text("ConversionType") or "WSD"
        made.Modality = "OT" if made.Modality not in ("CR", "DX", "RG") else made.Modality
        return
    made.Modality = "CR"
    if made.SOPClassUID == _CR:
        return
    made.Modality = "DX"
    made.PresentationIntentType = "FOR PRESENTATION"
    made.PositionerType = made.DetectorType = ""
    made.ImageLaterality = "U"
    made.BurnedInAnnotation = "NO" if origin.text("BurnedInAnnotation") == "NO" else "YES"
    made.LossyImageCompression = made.get("LossyImageCompression") or "00"
    made.PixelIntensityRelationship = origin.text("PixelIntensityRelationship")
    made.PixelIntensityRelationshipSign = int(origin.text("PixelIntensityRelationshipSign"))
    made.AcquisitionContextSequence = []
    made.AnatomicRegionSequence = [_coded(CHEST)]
    view = _coded(VIEWS[film.view])
    view.ViewModifierCodeSequence = []
    made.ViewCodeSequence = [view]


def _coded(code: Code) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = code.value, code.scheme, code.meaning
    return item
