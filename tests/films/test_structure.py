"""From bytes to a data set: cut, nested, deflated and damaged files."""

import struct
import zlib

import numpy as np
import pytest
from pydicom import uid

from chexview.errors import DamagedError, FormatError, LimitError
from chexview.films import limits
from chexview.films.dicom import read_dicom
from chexview.films.radiograph import Radiograph, View
from chexview.films.sniff import sniff
from tests.films.builders import (
    element,
    film,
    item,
    modality,
    ramp,
)
from tests.films.expectations import is_sentence


@pytest.mark.parametrize("cut", [10, 140, 200, 400, 700, 4000])
def test_cut_files_are_damaged(cut: int) -> None:
    with pytest.raises(DamagedError) as found:
        read_dicom(film()[:-cut] if cut in (10, 4000) else film()[:cut], "d")
    assert is_sentence(str(found.value))


def test_an_unknown_transfer_syntax_is_named() -> None:
    data = film().replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.9\0")
    with pytest.raises(FormatError, match=r"Transfer Syntax UID \(0002,0010\) says 1\.2\.840\.10008\.1\.2\.9"):
        read_dicom(data, "d")


def test_a_deflated_bomb_is_refused() -> None:
    whole = film(ramp(), uid.DeflatedExplicitVRLittleEndian)
    start = 132 + 12 + struct.unpack("<I", whole[140:144])[0]
    inflated = zlib.decompress(whole[start:], -15) + b"\xfc\xff\xfc\xff" + b"OB\0\0" + struct.pack("<I", 2**28)
    deflate = zlib.compressobj(1, zlib.DEFLATED, -15)
    bomb = deflate.compress(inflated)
    bomb += b"".join(deflate.compress(bytes(2**24)) for _ in range(limits.FILE_BYTES // 2**24)) + deflate.flush()
    assert len(bomb) < 2**20
    with pytest.raises(LimitError, match="inflates to more than"):
        read_dicom(whole[:start] + bomb, "d")


def read(data: bytes) -> Radiograph:
    """A film by way of the sniffer, as a user's file."""
    return sniff(data).read(data, "d")


def nested(depth: int) -> bytes:
    made = item(CodeValue="1")
    for _ in range(depth):
        made = item(PurposeOfReferenceCodeSequence=[made])
        made["PurposeOfReferenceCodeSequence"].is_undefined_length = True
    return film(PurposeOfReferenceCodeSequence=element("PurposeOfReferenceCodeSequence", [made]))


def test_deep_nesting_is_refused_and_shallow_is_not() -> None:
    assert read_dicom(nested(20), "d").view is View.PA
    start = struct.pack("<HH2sHI", 0x0040, 0xA170, b"SQ", 0, 0xFFFFFFFF) + struct.pack(
        "<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF
    )
    data = film()
    with pytest.raises(LimitError, match="nests sequences"):
        read_dicom(data + start * 400, "d")


def test_a_flood_of_items_is_refused() -> None:
    sequence = struct.pack("<HH2sHI", 0x7FE1, 0x1010, b"SQ", 0, 8 * 6000) + b"\xfe\xff\x00\xe0\0\0\0\0" * 6000
    with pytest.raises(LimitError, match="sequence items"):
        read_dicom(film() + sequence, "d")


def test_a_broken_character_set_is_damage_and_a_vr_that_is_none_is_no_value() -> None:
    data = film(SpecificCharacterSet="ISO_IR 100", WindowCenter="9", WindowWidth="9")
    with pytest.raises(DamagedError, match="malformed"):
        read_dicom(data.replace(b"ISO_IR 100", b"QQ\0QQQ 100"), "d")
    odd = data.replace(b"\x28\x00\x50\x10DS", b"\x28\x00\x50\x10QQ")
    assert np.array_equal(modality(read_dicom(odd, "d")), ramp())


def _meta_end(data: bytes) -> int:
    return 132 + 12 + int(struct.unpack("<I", data[140:144])[0])


def test_a_file_without_preamble_may_still_be_marked() -> None:
    assert np.array_equal(modality(read(film()[128:])), ramp())


def test_what_follows_the_pixels_and_is_no_element_is_not_read() -> None:
    radiograph = read(film() + b"junk" * 30)
    assert np.array_equal(modality(radiograph), ramp())
    assert any("What follows Pixel Data" in caution.text for caution in radiograph.cautions)


def _big_endian() -> bytes:
    return film(ramp(), uid.ExplicitVRBigEndian, PixelData=element("PixelData", ramp().astype(">u2").tobytes(), "OW"))


@pytest.mark.parametrize("meta", ["little", "none"])
def test_a_big_endian_data_set_is_known_by_its_first_element(meta: str) -> None:
    big, little = _big_endian(), film()
    head = little[: _meta_end(little)] if meta == "little" else b""
    radiograph = read(head + big[_meta_end(big) :])
    assert np.array_equal(modality(radiograph), ramp())
    assert radiograph.cautions


def test_a_data_set_is_inflated_where_it_is_deflated_whatever_the_header_says() -> None:
    plain, deflated = film(), film(ramp(), uid.DeflatedExplicitVRLittleEndian)
    body, head = plain[_meta_end(plain) :], deflated[: _meta_end(deflated)]
    raw = zlib.compressobj(9, zlib.DEFLATED, -15)
    for data in (
        head + zlib.compress(body),
        head + body,
        plain[: _meta_end(plain)] + raw.compress(body) + raw.flush(),
    ):
        assert np.array_equal(modality(read(data)), ramp())
