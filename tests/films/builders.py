"""Small DICOM files and pictures, made in memory by pydicom and Pillow."""

import io
import warnings
from typing import Any

import numpy as np
import numpy.typing as npt
import pydicom
from PIL import Image
from pydicom import config, uid
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileMetaDataset

from chexview.films.radiograph import CautionKind, Radiograph

DX = "1.2.840.10008.5.1.4.1.1.1.1"
CR = "1.2.840.10008.5.1.4.1.1.1"
SC = "1.2.840.10008.5.1.4.1.1.7"
NAME = "Sentinel^Quartz"
PATIENT = "SENTINEL-4711"
BIRTH = "19330303"


def ramp(bits: int = 12, rows: int = 64, columns: int = 64) -> npt.NDArray[np.uint16]:
    """A smooth film of all levels from 0 to 2**bits - 1, rows and columns distinguishable."""
    values = np.linspace(0, 2**bits - 1, rows * columns)
    return np.rint(values).astype(np.uint16).reshape(rows, columns)


def element(keyword: str, value: Any, vr: str | None = None) -> DataElement:
    """An element that is written as it is given, however wrong."""
    tag = tag_for_keyword(keyword)
    assert tag is not None
    return DataElement(tag, vr or dictionary_VR(tag).split(" ")[0], value, validation_mode=config.IGNORE)


def item(**values: Any) -> Dataset:
    """A sequence item."""
    made = Dataset()
    for keyword, value in values.items():
        made.add(value if isinstance(value, DataElement) else element(keyword, value))
    return made


def table(first: int, values: npt.NDArray[np.generic], bits: int, first_vr: str = "US", wide: bool = True) -> Dataset:
    """A LUT item; ``wide`` entries take two bytes each."""
    count = 0 if len(values) == 65536 else len(values)
    data = values.astype("<u2" if wide else "u1").tobytes()
    return item(
        LUTDescriptor=element("LUTDescriptor", [count, first, bits], first_vr),
        LUTData=element("LUTData", data + b"\0" * (len(data) % 2), "OW"),
    )


def dataset(pixels: npt.NDArray[np.generic], **changes: Any) -> Dataset:
    """A DX film of the chest, PA; a change of None removes an element, a DataElement stands as it is."""
    allocated = pixels.dtype.itemsize * 8
    made = Dataset()
    values: dict[str, Any] = {
        "SOPClassUID": DX,
        "SOPInstanceUID": "1.2.3.4",
        "StudyDate": "20010203",
        "Modality": "DX",
        "PatientName": NAME,
        "PatientID": PATIENT,
        "PatientBirthDate": BIRTH,
        "BodyPartExamined": "CHEST",
        "ViewPosition": "PA",
        "PatientOrientation": ["L", "F"],
        "SamplesPerPixel": 3 if pixels.ndim == 3 else 1,
        "PhotometricInterpretation": "RGB" if pixels.ndim == 3 else "MONOCHROME2",
        "Rows": pixels.shape[0],
        "Columns": pixels.shape[1],
        "BitsAllocated": allocated,
        "BitsStored": 12 if allocated == 16 else 8,
        "HighBit": 11 if allocated == 16 else 7,
        "PixelRepresentation": 0,
        "PixelData": element("PixelData", pixels.astype(pixels.dtype.newbyteorder("<")).tobytes(), "OW"),
    }
    if pixels.ndim == 3:
        values["PlanarConfiguration"] = 0
    values |= changes
    for keyword, value in values.items():
        if value is not None:
            made.add(value if isinstance(value, DataElement) else element(keyword, value))
    return made


def encode(made: Dataset, syntax: str = uid.ExplicitVRLittleEndian, **meta: Any) -> bytes:
    """The bytes of a DICOM file."""
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = syntax
    made.file_meta.MediaStorageSOPClassUID = meta.get("sop_class", made.get("SOPClassUID", DX))
    made.file_meta.MediaStorageSOPInstanceUID = "1.2.3.4"
    buffer = io.BytesIO()
    mode = config.settings.writing_validation_mode
    config.settings.writing_validation_mode = config.IGNORE
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pydicom.dcmwrite(buffer, made, enforce_file_format=True)
    finally:
        config.settings.writing_validation_mode = mode
    return buffer.getvalue()


def film(
    pixels: npt.NDArray[np.generic] | None = None, syntax: str = uid.ExplicitVRLittleEndian, **changes: Any
) -> bytes:
    """A DICOM film as bytes; see :func:`dataset`."""
    return encode(dataset(ramp() if pixels is None else pixels, **changes), syntax)


def encapsulated(stream: bytes, pixels: npt.NDArray[np.generic], syntax: str, **changes: Any) -> bytes:
    """A film whose one frame is ``stream``."""
    from pydicom.encaps import encapsulate

    made = dataset(pixels, **changes)
    made.add(element("PixelData", encapsulate([stream]), "OB"))
    made["PixelData"].is_undefined_length = True
    return encode(made, syntax)


def picture(array: npt.NDArray[np.generic] | Image.Image, form: str = "PNG", **options: Any) -> bytes:
    """A picture as bytes."""
    image = array if isinstance(array, Image.Image) else Image.fromarray(array)
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def kinds(radiograph: Radiograph) -> set[CautionKind]:
    """What a film's cautions are about."""
    return {caution.kind for caution in radiograph.cautions}


def modality(radiograph: Radiograph) -> npt.NDArray[np.float64]:
    """A film's values in modality units."""
    return radiograph.pixels * radiograph.scale + radiograph.offset
