"""Stored values to modality units: a Modality LUT, or slope and intercept, never both (PS3.3 C.11.1)."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset

from chexview.errors import DamagedError
from chexview.films import elements, lookup_tables
from chexview.films.elements import label
from chexview.films.radiograph import Caution, CautionKind, Step
from chexview.films.stored_values import StoredValues


@dataclass(frozen=True, slots=True)
class Modality:
    """``pixels * scale + offset`` is the output of the modality transformation exactly; ``is_table``: a Modality LUT made it."""

    pixels: npt.NDArray[np.uint16]
    scale: float
    offset: float
    steps: tuple[Step, ...] = ()
    cautions: tuple[Caution, ...] = ()
    is_table: bool = False


def transform(dataset: Dataset, stored: StoredValues) -> Modality:
    """Applies the modality transformation of the header; a slope that is none (0, NaN, text) is ignored with a caution.

    Raises DamagedError if there is a Modality LUT that cannot be read: without it the film may be a negative.
    """
    items = [
        item
        for item in elements.items(dataset, "ModalityLUTSequence")
        if not lookup_tables.is_empty(item, "LUTDescriptor", "LUTData")
    ]
    if items:
        ends = stored.pixels.min() + float(stored.base), stored.pixels.max() + float(stored.base)
        table = lookup_tables.read(
            items[0], "LUTDescriptor", "LUTData", stored.signed, (float(ends[0]), float(ends[1]))
        )
        if table is None:
            raise DamagedError(
                f"The table in {label('ModalityLUTSequence')} is malformed, and without it the film may be shown as a "
                "negative; export it again."
            )
        step = Step(f"Modality LUT of {len(table.values)} entries applied", "PS3.3 C.11.1.1")
        inputs = np.arange(int(stored.pixels.max(initial=0)) + 1, dtype=np.int64) + stored.base
        return Modality(table.at(inputs)[stored.pixels], 1.0, 0.0, (step,), is_table=True)
    return _rescale(dataset, stored)


def _rescale(dataset: Dataset, stored: StoredValues) -> Modality:
    base = float(stored.base)
    if not (elements.is_present(dataset, "RescaleSlope") or elements.is_present(dataset, "RescaleIntercept")):
        return Modality(stored.pixels, 1.0, base)
    cautions = []
    slope, intercept = _number(dataset, "RescaleSlope", 1.0), _number(dataset, "RescaleIntercept", 0.0)
    for keyword in ("RescaleSlope", "RescaleIntercept"):
        if elements.has_decimal_comma(dataset, keyword):
            text = f"{label(keyword)} is written with a comma; it is read as a decimal point."
            cautions.append(Caution(CautionKind.RESCALE, text))
    if slope is None or intercept is None or slope == 0.0 or not 1e-9 < abs(slope) < 1e9 or abs(intercept) > 1e9:
        text = f"{label('RescaleSlope')} or {label('RescaleIntercept')} is no usable number; both are ignored."
        return Modality(stored.pixels, 1.0, base, cautions=(*cautions, Caution(CautionKind.RESCALE, text)))
    step = Step(f"times Rescale Slope {slope:g} plus Rescale Intercept {intercept:g}", "PS3.3 C.11.1.1.2")
    return Modality(stored.pixels, slope, base * slope + intercept, (step,), tuple(cautions))


def _number(dataset: Dataset, keyword: str, default: float) -> float | None:
    if not elements.is_present(dataset, keyword):
        return default
    value = elements.number(dataset, keyword)
    return value if value is not None and math.isfinite(value) else None
