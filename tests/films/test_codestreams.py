"""Encapsulated pixel data: what a stream is and says of itself."""

import io
import struct

import pydicom
import pytest
from pydicom import uid

from chexview.errors import DamagedError
from chexview.films.dicom import read_dicom
from tests.films.builders import dataset, encapsulated, encode, film, ramp


def test_a_codestream_of_another_size_is_refused_before_decoding() -> None:
    data = bytearray(film(ramp(), uid.ExplicitVRLittleEndian))
    made = pydicom.dcmread(io.BytesIO(data))
    made.compress(uid.JPEG2000Lossless, generate_instance_uid=False)
    stream = bytearray(pydicom.encaps.get_frame(made.PixelData, 0, number_of_frames=1))
    stream[8:16] = struct.pack(">II", 60000, 60000)
    with pytest.raises(DamagedError, match="60000 x 60000"):
        read_dicom(encapsulated(bytes(stream), ramp(), uid.JPEG2000Lossless), "d")


def test_a_codestream_without_its_end_is_refused() -> None:
    made = dataset(ramp())
    encode(made)
    made.compress(uid.JPEGLSLossless, generate_instance_uid=False)
    stream = pydicom.encaps.get_frame(made.PixelData, 0, number_of_frames=1)
    with pytest.raises(DamagedError, match="end marker"):
        read_dicom(encapsulated(stream[:-200], ramp(), uid.JPEGLSLossless), "d")
