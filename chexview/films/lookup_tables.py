"""Look-up tables as DICOM stores them: a descriptor of three numbers, and data of one or two bytes an entry."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset

from chexview.films import elements


@dataclass(frozen=True, slots=True, eq=False)
class LookupTable:
    """``values[i]`` (uint16) is the output at input ``first + i``; ``bits`` is the depth of the output."""

    first: int
    values: npt.NDArray[np.uint16]
    bits: int

    def at(self, inputs: npt.NDArray[np.int64]) -> npt.NDArray[np.uint16]:
        """The outputs, uint16, of inputs of any shape; below and above the table its ends (PS3.3 C.11.1.1)."""
        return self.values[np.clip(inputs - self.first, 0, len(self.values) - 1)]


def read(dataset: Dataset, descriptor: str, data: str, signed: bool) -> LookupTable | None:
    """The table under two keywords, or None where it is missing, malformed or shorter than it says (PS3.3 C.11.1.1).

    0 entries mean 65536. ``signed`` says how the first input is to be read where its VR does not say. Entries of 8 bits
    are one byte each or two: the number of bytes tells.
    """
    described, stored = elements.raw(dataset, descriptor), elements.raw(dataset, data)
    if described is None or stored is None or len(described.value) < 6:
        return None
    unsigned = elements.signed_or_not(elements.Raw(described.value, "US", described.little_endian), signed=False)
    first = elements.signed_or_not(described, signed)[1]
    entries, bits = unsigned[0] or 65536, unsigned[2]
    if not 1 <= bits <= 16:
        return None
    if len(stored.value) >= 2 * entries:
        values = np.frombuffer(stored.value, "<u2" if stored.little_endian else ">u2", entries).astype(np.uint16)
    elif bits <= 8 and len(stored.value) >= entries:
        bytes_ = np.frombuffer(stored.value, np.uint8)
        if not stored.little_endian and stored.vr != "OB":
            bytes_ = bytes_[: len(bytes_) // 2 * 2].reshape(-1, 2)[:, ::-1].reshape(-1)
        values = bytes_[:entries].astype(np.uint16)
    else:
        return None
    return LookupTable(first, values, bits) if len(values) == entries else None
