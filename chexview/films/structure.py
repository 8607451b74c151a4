"""From bytes to a data set: group 2 by hand, inflation under a cap, every length checked against what is there.

pydicom's element generator does the reading; its ``dcmread`` would inflate without bound, drop a data set that is cut
short without a word, and read on past what a length promised.
"""

import io
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from pydicom import uid
from pydicom.datadict import dictionary_description, dictionary_has_tag
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.filereader import data_element_generator
from pydicom.tag import BaseTag, Tag

from chexview.errors import DamagedError, FormatError, LimitError
from chexview.films.elements import clean, label
from chexview.films.limits import ELEMENTS, FILE_BYTES, ITEMS
from chexview.films.radiograph import Caution, CautionKind
from chexview.films.vr_repair import repaired

NATIVE = (
    uid.ImplicitVRLittleEndian,
    uid.ExplicitVRLittleEndian,
    uid.DeflatedExplicitVRLittleEndian,
    uid.ExplicitVRBigEndian,
)
COMPRESSED = (
    uid.RLELossless,
    uid.JPEGBaseline8Bit,
    uid.JPEGExtended12Bit,
    uid.JPEGLossless,
    uid.JPEGLosslessSV1,
    uid.JPEGLSLossless,
    uid.JPEGLSNearLossless,
    uid.JPEG2000Lossless,
    uid.JPEG2000,
    uid.HTJ2KLossless,
    uid.HTJ2KLosslessRPCL,
    uid.HTJ2K,
)

_UNDEFINED = 0xFFFFFFFF
_NAMED = 3
"""At most so many odd elements are named."""
_PIXEL_DATA = Tag(0x7FE0, 0x0010)
_GROUPS = 0x0100
"""The first group of a data set is 8, or another small number."""
_LONG_VRS = (b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV")
_IS_UID = re.compile(r"[0-9.]{1,64}")
_SEQUENCE_OF_ITEMS = {"<": b"\xfe\xff\x00\xe0", ">": b"\xff\xfe\xe0\x00"}


@dataclass(frozen=True, slots=True)
class Structure:
    """A data set whose elements are whole; ``syntax`` is its transfer syntax UID, ``sop_class`` what group 2 says."""

    dataset: Dataset
    syntax: uid.UID
    sop_class: str
    little_endian: bool
    cautions: tuple[Caution, ...] = ()


@dataclass(slots=True)
class _Meta:
    """What group 2 says, and where the data set begins."""

    end: int
    syntax: str = ""
    sop_class: str = ""
    seen: list[int] = field(default_factory=list)


def parse(data: bytes) -> Structure:
    """Reads the structure of a DICOM file, with or without preamble and group 2 (PS3.10 section 7, PS3.5 section 7).

    Raises FormatError (a transfer syntax that is not read), DamagedError (cut short, no elements), LimitError
    (inflates, nests or counts beyond limits).
    """
    meta = _meta(data, 132 if data[128:132] == b"DICM" else 4 if data[:4] == b"DICM" else 0)
    body, cautions = data[meta.end :], list[Caution]()
    syntax = uid.UID(meta.syntax)
    if not meta.syntax:
        if not _is_vr(body[4:6]):
            syntax = uid.ImplicitVRLittleEndian
        else:
            syntax = uid.ExplicitVRBigEndian if _is_big_endian(body) else uid.ExplicitVRLittleEndian
        text = f"{label('TransferSyntaxUID')} is missing; the data set's first bytes say {syntax.name}."
        cautions.append(Caution(CautionKind.HEADER, text))
    elif syntax not in NATIVE and syntax not in COMPRESSED:
        raise _unread(syntax)
    is_deflated = not _begins_data_set(body) and (syntax == uid.DeflatedExplicitVRLittleEndian or _looks_deflated(body))
    if is_deflated:
        body = _inflate(body)
    implicit, little_endian = not _is_vr(body[4:6]), not _is_big_endian(body)
    written = (is_deflated, implicit, little_endian)
    if written != (
        syntax == uid.DeflatedExplicitVRLittleEndian,
        syntax == uid.ImplicitVRLittleEndian,
        syntax != uid.ExplicitVRBigEndian,
    ):
        text = (
            f"{label('TransferSyntaxUID')} says {syntax.name}, which the data set is not; it is read as it is written."
        )
        cautions.append(Caution(CautionKind.HEADER, text))
    if body.count(_SEQUENCE_OF_ITEMS["<" if little_endian else ">"]) > ITEMS:
        raise LimitError(
            f"The file holds more than {ITEMS} sequence items, which no film needs; bring the film as the device wrote "
            "it."
        )
    if not implicit:
        mended = repaired(body, little_endian)
        body = mended.body
        cautions += [_odd_vr(tag) for tag in mended.tags[:_NAMED]]
    dataset = _dataset(body, implicit, little_endian, cautions)
    return Structure(dataset, syntax, meta.sop_class, little_endian, tuple(cautions))


def _odd_vr(tag: int) -> Caution:
    text = f"{_name(Tag(tag))} has no value representation that DICOM knows; it is read by the dictionary's."
    return Caution(CautionKind.HEADER, text)


def _unread(syntax: uid.UID) -> FormatError:
    name = str(syntax) if _IS_UID.fullmatch(str(syntax)) else "no UID"
    known = f" ({clean(syntax.name)})" if syntax.is_transfer_syntax else ""
    return FormatError(
        f"{label('TransferSyntaxUID')} says {name}{known}, an encoding that is not read here; export the film "
        "uncompressed, or as JPEG or JPEG 2000."
    )


def _is_vr(characters: bytes) -> bool:
    return len(characters) == 2 and characters.isalpha() and characters.isupper()


def _is_big_endian(body: bytes) -> bool:
    """Whether the first element, whose group is a small number, has its highest byte first (PS3.5 A.3: explicit then)."""
    return _is_vr(body[4:6]) and int.from_bytes(body[:2], "big") < int.from_bytes(body[:2], "little")


def _begins_data_set(body: bytes) -> bool:
    """Whether bytes begin with an element in explicit VR, as a deflated data set does not."""
    return body[:2] in (b"\x08\x00", b"\x00\x08") and _is_vr(body[4:6])


def _looks_deflated(body: bytes) -> bool:
    """Whether bytes begin with no element in any encoding, and inflate to one."""
    if min(int.from_bytes(body[:2], "big"), int.from_bytes(body[:2], "little")) < _GROUPS:
        return False
    try:
        return _begins_data_set(zlib.decompressobj(-zlib.MAX_WBITS).decompress(body, 16))
    except zlib.error:
        return False


def _meta(data: bytes, start: int) -> _Meta:
    """Group 2 (PS3.10 7.1), always explicit little endian; implicit VR is tolerated."""
    meta = _Meta(end=start)
    while data[meta.end : meta.end + 2] == b"\x02\x00":
        head = data[meta.end : meta.end + 12]
        element, vr = int.from_bytes(head[2:4], "little"), head[4:6]
        if vr in _LONG_VRS:
            length, size = int.from_bytes(head[8:12], "little"), 12
        elif _is_vr(vr):
            length, size = int.from_bytes(head[6:8], "little"), 8
        else:
            length, size = int.from_bytes(head[4:8], "little"), 8
        value = data[meta.end + size : meta.end + size + length]
        if len(head) < size or len(value) < length:
            raise DamagedError("The DICOM file is cut short inside its first group (0002); copy or export it again.")
        if element == 0x0002:
            meta.sop_class = value.decode("ascii", "replace").strip(" \0")
        elif element == 0x0010:
            meta.syntax = value.decode("ascii", "replace").strip(" \0")
        meta.end += size + length
    return meta


def _inflate(body: bytes) -> bytes:
    """The data set of a deflated file (PS3.5 A.5), of at most FILE_BYTES; zlib's header, which some writers keep, is taken."""
    has_header = body[:1] == b"\x78" and int.from_bytes(body[:2], "big") % 31 == 0
    stream = zlib.decompressobj(zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS)
    try:
        inflated = stream.decompress(body, FILE_BYTES)
    except zlib.error as error:
        raise DamagedError("The deflated data set cannot be inflated; copy or export the film again.") from error
    if stream.unconsumed_tail:
        raise LimitError(
            f"The deflated data set inflates to more than {FILE_BYTES // 2**20} MB, which no film needs; export it "
            "again, not deflated."
        )
    if not stream.eof:
        raise DamagedError("The deflated data set is cut short; copy or export the film again.")
    return inflated


def _dataset(body: bytes, implicit: bool, little_endian: bool, cautions: list[Caution]) -> Dataset:
    """The elements, each of them whole. What follows the pixels and is no whole element is left out, with a caution."""
    elements: dict[BaseTag, RawDataElement | DataElement] = {}
    last = "its beginning"
    try:
        for element in _generate(body, implicit, little_endian):
            if len(elements) >= ELEMENTS:
                raise LimitError(
                    f"The file holds more than {ELEMENTS} elements, which no film needs; bring the film as the device "
                    "wrote it."
                )
            if element.tag in elements:
                continue
            _check_whole(element)
            elements[element.tag] = element
            last = _name(element.tag)
    except RecursionError as error:
        raise LimitError(
            "The file nests sequences deeper than any film does; bring the film as the device wrote it."
        ) from error
    except (EOFError, struct.error, OSError, ValueError, NotImplementedError, DamagedError) as error:
        if _PIXEL_DATA not in elements:
            raise _broken(error, last) from error
        text = f"What follows {last} is no element of DICOM; it is not read."
        cautions.append(Caution(CautionKind.HEADER, text))
    if not elements:
        raise DamagedError("The file is marked as DICOM but holds no data set; copy or export the film again.")
    return Dataset(elements)


def _broken(error: Exception, last: str) -> DamagedError:
    if isinstance(error, DamagedError):
        return error
    how = "malformed" if isinstance(error, ValueError | NotImplementedError) else "cut short"
    return DamagedError(f"The DICOM file is {how} after {last}; copy or export it again.")


def _generate(body: bytes, implicit: bool, little_endian: bool) -> Iterator[RawDataElement | DataElement]:
    yield from data_element_generator(io.BytesIO(body), implicit, little_endian)


def _name(tag: BaseTag) -> str:
    number = f"({tag.group:04X},{tag.element:04X})"
    return f"{dictionary_description(tag)} {number}" if dictionary_has_tag(tag) else number


def _check_whole(element: RawDataElement | DataElement) -> None:
    """Raises DamagedError if an element's declared length is not there."""
    if not isinstance(element, RawDataElement) or element.length == _UNDEFINED:
        return
    there = len(element.value or b"")
    if there < element.length:
        raise DamagedError(
            f"The DICOM file is cut short: {_name(element.tag)} declares {element.length} bytes and {there} are there; "
            "copy or export it again."
        )
