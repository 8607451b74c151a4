"""Single DICOM elements, read from their raw bytes and never trusted.

pydicom converts an element when it is first looked at and raises, warns or passes text through where the value breaks
its VR. Here every number is parsed from the bytes, and what is no number is None.
"""

import re
import struct
from dataclasses import dataclass

from pydicom.datadict import dictionary_description, dictionary_VR, tag_for_keyword
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag, Tag

TEXT_LENGTH = 64
"""Characters of header text that are kept."""

_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?(nan|inf(inity)?)", re.ASCII | re.IGNORECASE)
_TEXT_VRS = ("AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "LT", "PN", "SH", "ST", "TM", "UC", "UI", "UR", "UT")


@dataclass(frozen=True, slots=True)
class Raw:
    """The bytes of one element as they stand in the file, their VR ("" for implicit VR) and byte order."""

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
    """The element's bytes, or None where the element is missing, empty, a sequence or of no VR that there is."""
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
    """The items of a sequence; none where it is missing, empty or no sequence."""
    tag = _tag(keyword)
    if tag not in dataset:
        return []
    try:
        return list(dataset[tag].value or [])
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


def code(dataset: Dataset, keyword: str) -> str:
    """A code string in upper case, blanks around it dropped (files write ``Monochrome1``)."""
    return text(dataset, keyword).upper()


def codes(dataset: Dataset, keyword: str) -> tuple[str, ...]:
    """The values of a code string with several."""
    return tuple(value.strip() for value in code(dataset, keyword).split("\\"))


def numbers(dataset: Dataset, keyword: str) -> tuple[float | None, ...]:
    """The element's numbers, whatever VR they came in; None in the place of what is no number, NaN and infinity kept.

    A decimal comma is read as a point: devices write it (PS3.5 6.2 forbids it).
    """
    found = raw(dataset, keyword)
    if found is None:
        return ()
    if found.vr in _TEXT_VRS or (not found.vr and _is_text(keyword)):
        return tuple(_number(part) for part in found.value[:4096].decode("ascii", "replace").split("\\"))
    return tuple(float(value) for value in _integers(found, signed=found.vr in ("SS", "SL")))


def number(dataset: Dataset, keyword: str) -> float | None:
    """The element's first number, or None."""
    values = numbers(dataset, keyword)
    return values[0] if values else None


def whole(dataset: Dataset, keyword: str) -> int | None:
    """The element's first number where it is whole, else None."""
    value = number(dataset, keyword)
    return int(value) if value is not None and abs(value) < 2**53 and value == int(value) else None


def has_decimal_comma(dataset: Dataset, keyword: str) -> bool:
    """Whether a decimal comma was read as a point."""
    return "," in text(dataset, keyword)


def signed_or_not(found: Raw, signed: bool) -> tuple[int, ...]:
    """16-bit whole numbers of an element whose VR is US or SS; ``signed`` decides where the VR does not say."""
    return _integers(found, signed=found.vr == "SS" or (found.vr != "US" and signed))


def _number(part: str) -> float | None:
    part = part.strip(" \0").replace(",", ".")
    return float(part) if _DECIMAL.fullmatch(part) else None


def is_binary(keyword: str) -> bool:
    """Whether the standard stores the element as a binary number."""
    return not _is_text(keyword)


def _is_text(keyword: str) -> bool:
    return dictionary_VR(_tag(keyword)) in _TEXT_VRS


def _integers(found: Raw, signed: bool) -> tuple[int, ...]:
    width = 4 if found.vr in ("UL", "SL") else 2
    form = {(2, False): "H", (2, True): "h", (4, False): "I", (4, True): "i"}[width, signed]
    count = min(len(found.value) // width, 16)
    return struct.unpack(f"{'<' if found.little_endian else '>'}{count}{form}", found.value[: count * width])
