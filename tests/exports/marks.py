"""Identifying marks planted all over a DICOM film, and a search for them that looks into packed and decoded streams, too."""

import io
import re
import zipfile
import zlib

import numpy as np
import pydicom
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate, generate_frames
from pydicom.uid import DeflatedExplicitVRLittleEndian, JPEGLSLossless

from tests.exports.results import FILM

UID = "1.2.826.0.1.3680043.8.498.777001"
WORDS = (
    "quartzname",
    "quartzid",
    "19631107",
    "20240229",
    "quartzaccession",
    "quartzstudy",
    "quartzreferrer",
    "quartzhospital",
    "quartzdevice",
    "quartzcomment",
    "quartzwindow",
    "quartzbodypart",
    "quartzprivate",
    "quartznested",
    "quartzdeepest",
    "quartzoverlay",
    "quartzbits",
    "quartzicon",
    "quartzcurve",
    "quartzpreamble",
    "quartzpadding",
    "quartzmeta",
    "quartzsender",
    "quartzversion",
    "quartzowner",
    "quartzinner",
    "quartzbytes",
    "quartzprofile",
    "quartzframe",
    "quartzdepartment",
    UID,
)
"""The marks. ``quartzbits`` stands in an overlay's bits, ``quartzinner`` and ``quartzbytes`` below a private sequence."""
STREAM_WORDS = ("quartzstream", "quartzexif", "quartztail")
"""Marks of the compressed picture: in a comment, in EXIF, and in its item after the picture's end."""
ALL_WORDS = WORDS + STREAM_WORDS
FILE_NAME = "quartzfile"
_PDF_TEXT = re.compile(rb"\(((?:\\.|[^()\\])*)\)")


def marked(deflated: bool = False) -> bytes:
    """The bundled film with every mark, JPEG-LS with its comment or deflated."""
    film = pydicom.dcmread(FILM)
    film.PatientName, film.PatientID = "Quartzname^Anna", "quartzid"
    film.PatientBirthDate, film.StudyDate, film.PatientAge = "19631107", "20240229", "097Y"
    film.AccessionNumber, film.StudyDescription = "quartzaccession", "quartzstudy"
    film.ReferringPhysicianName, film.InstitutionName = "quartzreferrer", "quartzhospital"
    film.DeviceSerialNumber, film.ImageComments = "quartzdevice", "quartzcomment"
    film.WindowCenterWidthExplanation = ["quartzwindow", "HARDER"]
    film.BodyPartExamined = "CHEST quartz".replace(" quartz", "")
    film.ProtocolName = "quartzbodypart"
    film.StudyInstanceUID = f"{UID}.1"
    film.SeriesInstanceUID = f"{UID}.2"
    film.SOPInstanceUID = film.file_meta.MediaStorageSOPInstanceUID = f"{UID}.3"
    film.file_meta.SourceApplicationEntityTitle = "quartzmeta"
    film.file_meta.SendingApplicationEntityTitle = "quartzsender"
    film.file_meta.ImplementationVersionName = "quartzversion"
    film.file_meta.PrivateInformationCreatorUID = pydicom.uid.UID(f"{UID}.4.20240229")
    film.file_meta.PrivateInformation = b"quartzowner!"
    film.FrameOfReferenceUID = pydicom.uid.UID(f"{UID}.20240229.101112")
    film.DeviceUID = f"{UID}.5.19631107"
    film.add_new(0x00282000, "OB", b"quartzprofile!")
    film.FrameComments = "quartzframe"
    film.KVP, film.DistanceSourceToPatient = "19631107", "20240229"
    film.InstitutionalDepartmentName = "quartzdepartment"
    block = film.private_block(0x0011, "quartzprivate", create=True)
    block.add_new(0x01, "LO", "quartzprivate")
    private = Dataset()
    private.private_block(0x0013, "quartzinner", create=True).add_new(0x02, "UN", b"quartzbytes!")
    block.add_new(0x02, "SQ", [private])
    inner, outer = Dataset(), Dataset()
    inner.PatientComments = "quartzdeepest"
    outer.RequestedProcedureDescription = "quartznested"
    outer.RequestingPhysician = "quartznested"
    outer.ReferencedStudySequence = [inner]
    film.RequestAttributesSequence = [outer]
    film.add_new(0x60000010, "US", 64)
    film.add_new(0x60000011, "US", 64)
    film.add_new(0x60000040, "CS", "G")
    film.add_new(0x60000050, "SS", [1, 1])
    film.add_new(0x60000100, "US", 1)
    film.add_new(0x60000102, "US", 0)
    film.add_new(0x60001500, "LO", "quartzoverlay")
    film.add_new(0x60003000, "OW", b"quartzbits".ljust(512, b"\0"))
    icon = Dataset()
    icon.Rows = icon.Columns = 8
    icon.SamplesPerPixel, icon.PhotometricInterpretation = 1, "MONOCHROME2"
    icon.BitsAllocated, icon.BitsStored, icon.HighBit, icon.PixelRepresentation = 8, 8, 7, 0
    icon.PixelData = b"quartzicon".ljust(64, b"\0")
    film.IconImageSequence = [icon]
    film.add_new(0x50002500, "LO", "quartzcurve")
    film.add_new(0xFFFCFFFC, "OB", b"quartzpadding!")
    film.preamble = b"quartzpreamble".ljust(128, b"\0")
    if deflated:
        film.decompress()
        film.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    else:
        assert film.file_meta.TransferSyntaxUID == JPEGLSLossless
        (frame,) = generate_frames(film.PixelData, number_of_frames=1)
        segments = _segment(0xFE, b"quartzstream") + _segment(0xE1, b"Exif\0\0MM\0*\0\0\0\x08quartzexif")
        film.PixelData = encapsulate([frame[:2] + segments + frame[2:] + b"quartztail"])
    out = io.BytesIO()
    film.save_as(out)
    return out.getvalue()


def _segment(marker: int, data: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(data) + 2).to_bytes(2, "big") + data


def streams(data: bytes) -> list[bytes]:
    """A file's bytes, all that can be inflated in them, and what its pixels and overlays are when they are decoded.

    Of a zip, its members' streams and comments, too; of a PDF, its text without what moves letters closer.
    """
    if data[:4] == b"PK\3\4":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            inner = [stream for member in members for stream in streams(archive.read(member))]
            return [data, archive.comment, *(member.comment + member.extra for member in members), *inner]
    found = [data, data[::2], data[1::2]]
    for header in (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda"):
        place = data.find(header)
        while place >= 0:
            found.append(_inflated(data[place:], zlib.MAX_WBITS))
            place = data.find(header, place + 1)
    if data[:5] == b"%PDF-":
        found += [b"".join(_PDF_TEXT.findall(stream)) for stream in tuple(found)]
    if data[128:132] == b"DICM":
        dataset = pydicom.dcmread(io.BytesIO(data))
        start = 132 + 12 + int(dataset.file_meta.FileMetaInformationGroupLength)
        found.append(_inflated(data[start:], -zlib.MAX_WBITS))
        found.append(str(dataset).encode())
        if "PixelData" in dataset:
            found.append(np.ascontiguousarray(dataset.pixel_array).tobytes())
    return found


def _inflated(data: bytes, window: int) -> bytes:
    try:
        return zlib.decompressobj(window).decompress(data, 64 * 2**20)
    except zlib.error:
        return b""


def marks_in(data: bytes, words: tuple[str, ...] = WORDS) -> set[str]:
    """The marks that are found in a file, in any case of letters."""
    joined = [stream.lower() for stream in streams(data)]
    return {word for word in words if any(word.encode() in stream for stream in joined)}
