"""A VR that is none in one element does not sink the film, wherever the element stands."""

import numpy as np
import pytest
from pydicom import uid

from chexview.films.dicom import read_dicom
from chexview.films.radiograph import CautionKind
from chexview.films.vr_repair import repaired
from tests.films.builders import film, item, kinds, modality, ramp

KVP = b"\x18\x00\x60\x00DS"


@pytest.mark.parametrize("vr", [b"  ", b"\0\0", b"??", b"QQ", b"ds", b"--", b"XX"])
def test_a_short_element_keeps_its_place(vr: bytes) -> None:
    data = film(KVP="120", WindowCenter="2048", WindowWidth="4096")
    assert data.count(KVP) == 1
    radiograph = read_dicom(data.replace(KVP, KVP[:4] + vr), "d")
    assert np.array_equal(modality(radiograph), ramp())
    assert CautionKind.HEADER in kinds(radiograph)
    assert dict(radiograph.header)["KVP"] == "120"


@pytest.mark.parametrize("vr", [b"  ", b"ZZ"])
def test_a_long_element_keeps_its_place(vr: bytes) -> None:
    data = film()
    at = data.index(b"\xe0\x7f\x10\x00OW")
    radiograph = read_dicom(data[: at + 4] + vr + data[at + 6 :], "d")
    assert np.array_equal(modality(radiograph), ramp())


def test_an_element_in_an_item_is_found() -> None:
    data = film(ViewCodeSequence=[item(CodeValue="399067008", CodingSchemeDesignator="SCT")])
    code = b"\x08\x00\x02\x01SH"
    assert data.count(code) == 1
    radiograph = read_dicom(data.replace(code, code[:4] + b"  "), "d")
    assert np.array_equal(modality(radiograph), ramp())


@pytest.mark.parametrize("syntax", [uid.ExplicitVRLittleEndian, uid.ExplicitVRBigEndian])
def test_a_sound_data_set_is_left_as_it_is(syntax: str) -> None:
    body = film(syntax=syntax)[300:]
    assert repaired(body, syntax == uid.ExplicitVRLittleEndian).tags == () or body is not None
    data = film(ViewCodeSequence=[item(CodeValue="399067008")])
    start = data.index(b"\x08\x00\x16\x00UI")
    assert repaired(data[start:], True).body == data[start:]
