"""Value representations that are none, put right before the data set is read: one of them must not sink a film.

A reader that meets two blanks for a VR takes the length that follows for another and reads on in the wrong place. Here
the elements are walked once, and where a VR is not one of the standard's the form of its header is found by where the
next element begins; the dictionary's VR is written in its place (PS3.5 7.1.2).
"""

import struct
from dataclasses import dataclass

from pydicom.datadict import dictionary_has_tag, dictionary_VR

_SHORT = frozenset(b"AE AS AT CS DA DS DT FL FD IS LO LT PN SH SL SS ST TM UI UL US".split())
_LONG = frozenset(b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())
_UNDEFINED = 0xFFFFFFFF
_DELIMITERS = 0xFFFE
_END_OF_SEQUENCE = 0xFFFEE0DD


@dataclass(frozen=True, slots=True)
class Repaired:
    """A data set in explicit VR and the tags whose VR was put right, in their order."""

    body: bytes
    tags: tuple[int, ...]


def repaired(body: bytes, little_endian: bool) -> Repaired:
    """The data set with a VR of the standard in every element up to the first that cannot be followed."""
    order = "<" if little_endian else ">"
    out: bytearray | None = None
    tags: list[int] = []
    position = 0
    while position + 8 <= len(body):
        group, element = struct.unpack_from(f"{order}HH", body, position)
        tag = group << 16 | element
        if group == _DELIMITERS:
            position += 8
            continue
        vr = body[position + 4 : position + 6]
        is_long = _is_long(body, position, tag, order)
        if is_long is None:
            break
        known = vr in _LONG if is_long else vr in _SHORT
        if not known:
            out = bytearray(body) if out is None else out
            vr = _by_dictionary(tag, is_long)
            out[position + 4 : position + 6] = vr
            tags.append(tag)
        if vr == b"SQ":
            position += 12
            continue
        following = _after(body, position, is_long, order)
        if following is None:
            break
        position = following
    return Repaired(body if out is None else bytes(out), tuple(tags))


def _is_long(body: bytes, position: int, tag: int, order: str) -> bool | None:
    """Whether an element's header takes 12 bytes rather than 8; None if neither leads to another element."""
    vr = body[position + 4 : position + 6]
    reserved = body[position + 6 : position + 8]
    if vr in _SHORT:
        return False
    if vr in _LONG and reserved == b"\0\0":
        return True
    short = position + 8 + struct.unpack_from(f"{order}H", body, position + 6)[0]
    if reserved != b"\0\0" and _begins_element(body, short, tag, order):
        return False
    if reserved == b"\0\0" and position + 12 <= len(body):
        length = struct.unpack_from(f"{order}I", body, position + 8)[0]
        if length == _UNDEFINED or _begins_element(body, position + 12 + length, tag, order):
            return True
    return False if _begins_element(body, short, tag, order) else None


def _begins_element(body: bytes, position: int, after: int, order: str) -> bool:
    """Whether an element with a higher tag, or the end of an item or of the file, lies at ``position``."""
    if position == len(body):
        return True
    if position + 8 > len(body):
        return False
    group, element = struct.unpack_from(f"{order}HH", body, position)
    if group == _DELIMITERS:
        return True
    vr = body[position + 4 : position + 6]
    return (group << 16 | element) > after and (vr in _SHORT or vr in _LONG or not vr.strip(b" \0?") or vr.isalpha())


def _after(body: bytes, position: int, is_long: bool, order: str) -> int | None:
    """Where the element behind that at ``position`` begins; None if its length leads nowhere."""
    if not is_long:
        return position + 8 + int(struct.unpack_from(f"{order}H", body, position + 6)[0])
    if position + 12 > len(body):
        return None
    length = int(struct.unpack_from(f"{order}I", body, position + 8)[0])
    if length != _UNDEFINED:
        return position + 12 + length
    if body[position + 4 : position + 6] == b"UN":
        return None
    position += 12
    while position + 8 <= len(body):
        group, element, length = struct.unpack_from(f"{order}HHI", body, position)
        position += 8
        if group << 16 | element == _END_OF_SEQUENCE:
            return position
        if group != _DELIMITERS:
            return None
        position += length
    return None


def _by_dictionary(tag: int, is_long: bool) -> bytes:
    vr = dictionary_VR(tag).split(" or ")[0].encode("ascii") if dictionary_has_tag(tag) else b""
    if is_long:
        return vr if vr in _LONG else b"UN"
    return vr if vr in _SHORT else b"LO"
