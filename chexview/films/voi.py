"""The ways of looking at a film that its header gives, and its whole range (PS3.3 C.11.2)."""

import math

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset

from chexview.films import elements, lookup_tables
from chexview.films.elements import label
from chexview.films.grey import OWN_RANGE, apply, span
from chexview.films.modality import Modality
from chexview.films.radiograph import Caution, CautionKind, VoiFunction, VoiTable, VoiView, Window
from chexview.films.value_range import range_cautions, value_range

VIEWS = 32
"""At most so many views are kept."""
_LOST = 0.99


def views(
    dataset: Dataset, modality: Modality, padding: npt.NDArray[np.bool_] | None
) -> tuple[tuple[VoiView, ...], tuple[Caution, ...]]:
    """The views of a film, the first view first: LUT items, then windows, then the unpadded range from end to end.

    LUTs and windows are alternatives, never stacked (PS3.3 C.11.2.1). What cannot be used is left out with a caution.
    """
    cautions: list[Caution] = []
    inside = modality.pixels if padding is None else modality.pixels[~padding]
    own = value_range(inside)
    ends = [int(end) * modality.scale + modality.offset for end in (inside.min(), inside.max())]
    shown = [end * modality.scale + modality.offset for end in (own.low, own.high)]
    whole = span(OWN_RANGE, min(shown), max(shown))
    found: list[VoiView] = [*_tables(dataset, (min(ends), max(ends)), cautions), *_windows(dataset, cautions)]
    found = [*found[: VIEWS - 1], whole]
    if found[0] is whole:
        cautions += range_cautions(own)
    else:
        cautions += _lost(found[0], modality, inside)
    return tuple(found), tuple(cautions)


def _tables(dataset: Dataset, ends: tuple[float, float], cautions: list[Caution]) -> list[VoiTable]:
    """VOI LUT items (PS3.3 C.11.2.1.1); their first input is signed where the modality values, from end to end, are."""
    found = []
    for number, item in enumerate(elements.items(dataset, "VOILUTSequence")[:VIEWS], 1):
        if lookup_tables.is_empty(item, "LUTDescriptor", "LUTData"):
            continue
        table = lookup_tables.read(item, "LUTDescriptor", "LUTData", ends[0] < 0.0, ends)
        if table is None:
            text = f"Item {number} of {label('VOILUTSequence')} is malformed and is left out."
            cautions.append(Caution(CautionKind.WINDOW, text))
            continue
        if table.bits != table.declared:
            text = (
                f"{label('LUTDescriptor')} says {table.declared} bits but the table's values need {table.bits}; it is "
                "scaled by what it holds."
            )
            cautions.append(Caution(CautionKind.WINDOW, text))
        name = elements.text(item, "LUTExplanation") or f"VOI LUT {number}"
        found.append(VoiTable(name, float(table.first), table.values, table.bits))
    return found


def _windows(dataset: Dataset, cautions: list[Caution]) -> list[Window]:
    """Pairs of Window Center and Window Width (PS3.3 C.11.2.1.2)."""
    centres, widths = elements.numbers(dataset, "WindowCenter"), elements.numbers(dataset, "WindowWidth")
    function = _function(dataset, cautions)
    names = [elements.clean(name) for name in _explanations(dataset)]
    if len(centres) != len(widths):
        text = (
            f"{label('WindowCenter')} has {len(centres)} values and {label('WindowWidth')} has {len(widths)}; only "
            "whole pairs are used."
        )
        cautions.append(Caution(CautionKind.WINDOW, text))
    found = []
    for number, (centre, width) in enumerate(zip(centres, widths, strict=False)):
        narrowest = 1.0 if function is VoiFunction.LINEAR else 1e-9
        usable = centre is not None and width is not None and math.isfinite(centre) and math.isfinite(width)
        if centre is None or width is None or not usable or width < narrowest:
            text = (
                f"Pair {number + 1} of {label('WindowCenter')} and {label('WindowWidth')} is no window; it is left out."
            )
            cautions.append(Caution(CautionKind.WINDOW, text))
            continue
        name = names[number] if number < len(names) and names[number] else f"Window {number + 1}"
        found.append(Window(name, centre, width, function))
    return found[:VIEWS]


def _explanations(dataset: Dataset) -> list[str]:
    found = elements.raw(dataset, "WindowCenterWidthExplanation")
    return [] if found is None else found.value[:4096].decode("ascii", "replace").split("\\")


def _function(dataset: Dataset, cautions: list[Caution]) -> VoiFunction:
    name = elements.code(dataset, "VOILUTFunction")
    try:
        return VoiFunction(name or "LINEAR")
    except ValueError:
        cautions.append(Caution(CautionKind.WINDOW, f"{label('VOILUTFunction')} is unknown; LINEAR is used."))
        return VoiFunction.LINEAR


def _lost(view: VoiView, modality: Modality, inside: npt.NDArray[np.uint16]) -> list[Caution]:
    """A caution where the first view shows next to nothing of the film."""
    counts = np.bincount(inside.ravel())
    greys = apply(view, np.arange(len(counts), dtype=np.float64) * modality.scale + modality.offset)
    shown = int(counts[(greys > 0.0) & (greys < 1.0)].sum())
    if shown > (1.0 - _LOST) * inside.size:
        return []
    text = f"The first view, {view.name}, shows nearly all of the film black or white; choose another."
    return [Caution(CautionKind.WINDOW, text)]
