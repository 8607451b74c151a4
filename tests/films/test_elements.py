"""Numbers are read by what they are, whatever VR the file gives them."""

import struct

import pytest
from pydicom import config
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from chexview.films import elements


def only(keyword: str, vr: str | None, value: bytes, little_endian: bool = True) -> Dataset:
    """A data set of one element as it stands in a file."""
    tag = Tag(elements._tag(keyword))
    raw = RawDataElement(tag, vr, len(value), value, 0, vr is None, little_endian)
    assert config.settings is not None
    return Dataset({tag: raw})


@pytest.mark.parametrize(
    ("vr", "value"),
    [
        ("DS", b"2048"),
        ("LO", b"2048 "),
        ("UN", b"2048"),
        ("QQ", b"2048"),
        (None, b"2048"),
        ("FL", struct.pack("<f", 2048)),
        ("FL", b"2048"),
        ("FD", struct.pack("<d", 2048)),
        ("UN", struct.pack("<d", 2048)),
        ("US", struct.pack("<H", 2048)),
        ("SS", struct.pack("<h", 2048)),
        ("UL", struct.pack("<I", 2048)),
        ("SL", struct.pack("<i", 2048)),
        ("IS", b"2048\0"),
    ],
)
def test_decimal_text_in_any_vr(vr: str | None, value: bytes) -> None:
    assert elements.numbers(only("WindowCenter", vr, value), "WindowCenter") == (2048.0,)


@pytest.mark.parametrize(
    ("vr", "value"),
    [
        ("US", b"\x00\x02"),
        ("UN", b"\x00\x02"),
        (None, b"\x00\x02"),
        ("UL", b"\x00\x02\0\0"),
        ("IS", b"512 "),
        ("UN", b"512 "),
        ("DS", b"512"),
        ("FL", struct.pack("<f", 512)),
        ("LO", b"\x00\x02"),
    ],
)
def test_whole_numbers_in_any_vr(vr: str | None, value: bytes) -> None:
    assert elements.whole(only("Rows", vr, value), "Rows") == 512


@pytest.mark.parametrize("vr", ["US", "SS", "UN", "OW", None])
@pytest.mark.parametrize(("signed", "expected"), [(True, -2048.0), (False, 63488.0)])
def test_pixel_representation_decides_between_us_and_ss(vr: str | None, signed: bool, expected: float) -> None:
    dataset = only("PixelPaddingValue", vr, struct.pack("<h", -2048))
    assert elements.number(dataset, "PixelPaddingValue", signed) == expected


def test_byte_order_is_the_files() -> None:
    assert elements.whole(only("Rows", "US", b"\x02\x00", little_endian=False), "Rows") == 512


@pytest.mark.parametrize("value", [b"abc", b"", b"1_0", b"\xff\xfe\xfd"])
def test_what_is_no_number_is_none(value: bytes) -> None:
    assert elements.number(only("WindowCenter", "DS", value), "WindowCenter") is None


def test_a_sequence_of_another_vr_has_no_items() -> None:
    assert elements.items(only("VOILUTSequence", "OB", b"\0" * 8), "VOILUTSequence") == []
