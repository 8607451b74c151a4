"""Encapsulated pixel data: what a stream is and says of itself."""

import io
import struct

import numpy as np
import pydicom
import pytest
from pydicom import uid

from chexview.errors import DamagedError
from chexview.films import codestreams
from chexview.films.dicom import read_dicom
from tests.films.builders import dataset, encapsulated, encode, film, picture, ramp


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


def test_a_second_picture_in_the_fragments_is_named() -> None:
    grey = np.linspace(0, 255, 64 * 64).astype(np.uint8).reshape(64, 64)
    stream = picture(grey, "JPEG")
    stream += b"\0" * (len(stream) % 2)
    one = read_dicom(encapsulated(stream, grey, uid.JPEGBaseline8Bit), "")
    assert not any("pictures where the header says one" in caution.text for caution in one.cautions)
    item = b"\xfe\xff\x00\xe0" + len(stream).to_bytes(4, "little") + stream
    data = encapsulated(stream, grey, uid.JPEGBaseline8Bit)
    end = data.rindex(b"\xfe\xff\xdd\xe0")
    two = read_dicom(data[:end] + item + data[end:], "")
    assert any("holds 2 pictures where the header says one" in caution.text for caution in two.cautions)
    assert codestreams.pictures(b"\xfe\xff\x00\xe0\0\0\0\0" + 3 * item) == 3
