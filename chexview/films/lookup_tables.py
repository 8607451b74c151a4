"""Look-up tables as DICOM stores them: a descriptor of three numbers, and data of one or two bytes an entry."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset

from chexview.films import elements


@dataclass(frozen=True, slots=True, eq=False)
class LookupTable:
    """``values[i]`` (uint16) is the output at input ``first + i``; ``bits`` is the depth of the output.

    ``declared`` is the depth that the descriptor gives: another one where it does not fit what the data hold.
    """

    first: int
    values: npt.NDArray[np.uint16]
    bits: int
    declared: int

    def at(self, inputs: npt.NDArray[np.int64]) -> npt.NDArray[np.uint16]:
        """The outputs, uint16, of inputs of any shape; below and above the table its ends (PS3.3 C.11.1.1)."""
        return self.values[np.clip(inputs - self.first, 0, len(self.values) - 1)]


def read(
    dataset: Dataset, descriptor: str, data: str, signed: bool, inputs: tuple[float, float] | None = None
) -> LookupTable | None:
    """The table under two keywords, or None if it is missing, malformed or shorter than it says (PS3.3 C.11.1.1).

    0 entries mean 65536. ``signed`` says how the first input is to be read, whether its VR is US or SS; ``inputs``, the
    lowest and highest that will be looked up, correct it where only the other reading reaches them. Entries of 8 bits
    are one byte each or two: the number of bytes tells. A depth that the data exceed, or leave half unused, is not
    believed: theirs is taken.
    """
    described = elements.numbers(dataset, descriptor, signed=False)
    stored = elements.raw(dataset, data)
    if stored is None or len(described) != 3 or any(value is None for value in described):
        return None
    entries, first, declared = (int(value or 0) for value in described)
    entries = entries % 65536 or 65536
    values = _values(stored, entries, declared)
    if values is None:
        return None
    return LookupTable(_first(first, entries, signed, inputs), values, _depth(values, declared), declared)


def is_empty(dataset: Dataset, descriptor: str, data: str) -> bool:
    """Whether an item holds no table at all."""
    return not elements.is_present(dataset, descriptor) and not elements.is_present(dataset, data)


def _values(stored: elements.Raw, entries: int, declared: int) -> npt.NDArray[np.uint16] | None:
    if len(stored.value) >= 2 * entries:
        return np.frombuffer(stored.value, "<u2" if stored.little_endian else ">u2", entries).astype(np.uint16)
    if declared <= 8 and len(stored.value) >= entries:
        bytes_ = np.frombuffer(stored.value, np.uint8)
        if not stored.little_endian and stored.vr != "OB":
            bytes_ = bytes_[: len(bytes_) // 2 * 2].reshape(-1, 2)[:, ::-1].reshape(-1)
        return bytes_[:entries].astype(np.uint16) if len(bytes_) >= entries else None
    return None


def _first(first: int, entries: int, signed: bool, inputs: tuple[float, float] | None) -> int:
    """The first input, which 16 bits can mean in two ways where it is beyond 32767 unsigned."""
    unsigned = first % 65536
    readings = [unsigned - 65536 if unsigned >= 32768 else unsigned, unsigned]
    chosen, other = readings if signed else readings[::-1]
    if inputs is None or _reaches(chosen, entries, inputs) or not _reaches(other, entries, inputs):
        return chosen
    return other


def _reaches(first: int, entries: int, inputs: tuple[float, float]) -> bool:
    return first <= inputs[1] and first + entries > inputs[0]


def _depth(values: npt.NDArray[np.uint16], declared: int) -> int:
    """The depth of the output: the declared one where the data fill it and do not exceed it, else what they need."""
    needed = max(int(values.max()).bit_length(), 1)
    return declared if needed == declared and 1 <= declared <= 16 else needed
