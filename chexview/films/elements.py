"""Single DICOM elements, read from their raw bytes and never trusted.

pydicom converts an element when it is first looked at and raises, warns or passes text through where the value breaks
its VR. Here every number is parsed from the bytes, and what is no number is None.
"""

import re
import struct
from dataclasses import dataclass

from pydicom.datadict import dictionary_description, dictionary_VM, dictionary_VR, tag_for_keyword
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag, Tag

TEXT_LENGTH = 64
"""Characters of header text that are kept."""

_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?(nan|inf(inity)?)", re.ASCII | re.IGNORECASE)
_FORMS = {"FL": "f", "FD": "d", "OF": "f", "OD": "d", "US": "H", "SS": "h", "UL": "I", "SL": "i", "UV": "Q", "SV": "q"}
_TINY = 1e-3
"""Numbers that text gives when its bytes are taken for a float; no device writes them."""
_TEXT_VRS = ("AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "LT", "PN", "SH", "ST", "TM", "UC", "UI", "UR", "UT")


@dataclass(frozen=True, slots=True)
class Raw:
    """The bytes of one element as they stand in the file, their VR ("" in implicit VR) and byte order."""

    value: bytes
    vr: str
    little_endian: bool


def label(keyword: str) -> str:
    """``Rows (0028,0010)``: how a sentence names an element."""
    tag = _tag(keyword)
    return f"{dictionary_description(tag)} ({tag.group:04X},{tag.element:04X})"


def _tag(keyword: str) -> BaseTag:
    tag = tag_for_keyword(keyword)
    assert tag is not None
    return Tag(tag)


def raw(dataset: Dataset, keyword: str) -> Raw | None:
    """The element's bytes, or None if the element is missing, empty, a sequence or of no VR that there is."""
    tag = _tag(keyword)
    if tag not in dataset:
        return None
    try:
        element: object = dataset.get_item(tag)
    except Exception:
        return None
    if not isinstance(element, RawDataElement) or not element.value:
        return None
    return Raw(element.value, element.VR or "", element.is_little_endian)


def is_present(dataset: Dataset, keyword: str) -> bool:
    """Whether the element is there and not empty."""
    return raw(dataset, keyword) is not None


def items(dataset: Dataset, keyword: str) -> list[Dataset]:
    """The items of a sequence; none if it is missing, empty or no sequence."""
    tag = _tag(keyword)
    if tag not in dataset:
        return []
    try:
        return [item for item in dataset[tag].value or [] if isinstance(item, Dataset)]
    except RecursionError:
        raise
    except Exception:
        return []


def clean(text: str, length: int = TEXT_LENGTH) -> str:
    """Text without control and formatting characters, of at most ``length`` characters."""
    kept = "".join(character if character.isprintable() else " " for character in text[: 16 * length])
    kept = " ".join(kept.split())
    return kept if len(kept) <= length else kept[: length - 1] + "…"


def text(dataset: Dataset, keyword: str) -> str:
    """The element's text as ASCII (as code strings and UIDs are, PS3.5 6.2), cleaned and cut; "" if there is none."""
    found = raw(dataset, keyword)
    return "" if found is None else clean(found.value[: 16 * TEXT_LENGTH].decode("ascii", "replace"))


def words(dataset: Dataset, keyword: str) -> str:
    """The element's text in the file's own character set, cleaned and cut; "" if there is none."""
    if (found := raw(dataset, keyword)) is None:
        return ""
    try:
        written = str(dataset[_tag(keyword)].value) if not found.value[:1024].isascii() else ""
    except Exception:
        written = ""
    return clean(written) if written else text(dataset, keyword)


def code(dataset: Dataset, keyword: str) -> str:
    """A code string in upper case, blanks around it dropped (files write ``Monochrome1``)."""
    return text(dataset, keyword).upper()


def codes(dataset: Dataset, keyword: str) -> tuple[str, ...]:
    """The values of a code string with several."""
    return tuple(value.strip() for value in code(dataset, keyword).split("\\"))


def numbers(dataset: Dataset, keyword: str, signed: bool = False) -> tuple[float | None, ...]:
    """The element's numbers, whatever VR they came in; None in the place of what is no number, NaN and infinity kept.

    The file's VR says how they are written where it can, the dictionary's where the file's is UN, blank, unknown or
    does not fit the bytes. ``signed`` is for elements that the dictionary gives as US or SS: Pixel Representation
    decides there (PS3.5 A.1, note), not the VR. A decimal comma is read as a point: devices write it (PS3.5 6.2
    forbids it).
    """
    found = raw(dataset, keyword)
    if found is None:
        return ()
    tag = _tag(keyword)
    return _numbers(found, dictionary_VR(tag), dictionary_VM(tag) == "1", signed)


def _numbers(found: Raw, dictionary_vr: str, is_single: bool, signed: bool) -> tuple[float | None, ...]:
    choices = dictionary_vr.split(" or ")
    text = _decimals(found.value)
    is_number = text is not None and any(value is not None for value in text)
    form = _FORMS.get(found.vr)
    if form and len(found.value) % struct.calcsize(form) == 0:
        if "SS" in choices and form in "Hh":
            form = "h" if signed else "H"
        values = _unpacked(found, form)
        tiny = form in "fd" and choices[0] in _TEXT_VRS and all(value == 0.0 or abs(value) < _TINY for value in values)
        if not (tiny and is_number):
            return values
    if text is not None and (is_number or found.vr in _TEXT_VRS or choices[0] in _TEXT_VRS):
        size = struct.calcsize(_FORMS.get(choices[0], ""))
        fits = size and (len(found.value) == size if is_single else len(found.value) % size == 0)
        if found.vr in _TEXT_VRS or choices[0] in _TEXT_VRS or not fits:
            return text
    form = _FORMS.get(choices[0], "d" if len(found.value) % 8 == 0 else "")
    if form == "H" and "SS" in choices and signed:
        form = "h"
    if not form:
        return (None,)
    return _unpacked(found, form)


def _decimals(value: bytes) -> tuple[float | None, ...] | None:
    """The numbers of a text, None in the place of what is none; None if the bytes are no text."""
    start = value[:4096].rstrip(b"\0 ")
    if any(not 32 <= byte < 127 for byte in start):
        return None
    return tuple(_number(part) for part in start.decode("ascii").split("\\"))


def _unpacked(found: Raw, form: str) -> tuple[float, ...]:
    width = struct.calcsize(form)
    count = min(len(found.value) // width, 16)
    order = "<" if found.little_endian else ">"
    return tuple(float(value) for value in struct.unpack(f"{order}{count}{form}", found.value[: count * width]))


def number(dataset: Dataset, keyword: str, signed: bool = False) -> float | None:
    """The element's first number, or None."""
    values = numbers(dataset, keyword, signed)
    return values[0] if values else None


def whole(dataset: Dataset, keyword: str, signed: bool = False) -> int | None:
    """The element's first number where it is whole, else None."""
    value = number(dataset, keyword, signed)
    return int(value) if value is not None and abs(value) < 2**53 and value == int(value) else None


def has_decimal_comma(dataset: Dataset, keyword: str) -> bool:
    """Whether a decimal comma was read as a point."""
    return "," in text(dataset, keyword)


def _number(part: str) -> float | None:
    part = part.strip(" \0").replace(",", ".")
    return float(part) if _DECIMAL.fullmatch(part) else None


def is_number(keyword: str) -> bool:
    """Whether the dictionary has the element as a number, binary or decimal text."""
    return dictionary_VR(_tag(keyword)).split(" or ")[0] in (*_FORMS, "DS", "IS")
