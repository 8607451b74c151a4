"""DICOM files for these tests: the bundled film as an archive has it, and results of it."""

import io

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage, generate_uid

from chexview.settings import BUNDLED

FILM = BUNDLED / "films" / "00013911_000.dcm"
PATIENT = "CXV-0042"


def written(dataset: Dataset) -> bytes:
    """The data set as a file."""
    out = io.BytesIO()
    pydicom.dcmwrite(out, dataset, enforce_file_format=True)
    return out.getvalue()


def film(*, patient: str = PATIENT, day: str = "20240102", study: str = "", view: str = "PA", rows: int = 0) -> Dataset:
    """The bundled film with new UIDs; ``rows`` cuts it, so that it is small."""
    dataset = pydicom.dcmread(FILM)
    dataset.PatientID, dataset.PatientName, dataset.StudyDate = patient, "Doe^Jane", day
    dataset.StudyInstanceUID = study or generate_uid()
    dataset.SeriesInstanceUID = generate_uid()
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    dataset.ViewPosition = view
    if rows:
        small = dataset.pixel_array[:: dataset.Rows // rows, :: dataset.Columns // rows]
        dataset.Rows, dataset.Columns = small.shape
        dataset.PixelData = np.ascontiguousarray(small).tobytes()
        dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        dataset["PixelData"].is_undefined_length = False
    return dataset


def result(of: Dataset) -> Dataset:
    """A secondary capture of the same study, as small as one can be."""
    found = Dataset()
    found.file_meta = FileMetaDataset()
    found.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    found.SOPClassUID = found.file_meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    found.SOPInstanceUID = found.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    found.StudyInstanceUID, found.SeriesInstanceUID = of.StudyInstanceUID, generate_uid()
    found.PatientID, found.PatientName, found.StudyDate = of.PatientID, of.PatientName, of.StudyDate
    found.Modality, found.SeriesNumber, found.InstanceNumber = "OT", 99, 1
    found.Rows, found.Columns, found.SamplesPerPixel, found.PlanarConfiguration = 64, 64, 3, 0
    found.PhotometricInterpretation, found.BitsAllocated, found.BitsStored, found.HighBit = "RGB", 8, 8, 7
    found.PixelRepresentation, found.PixelData = 0, bytes(range(256)) * 48
    return found
