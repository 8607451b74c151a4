"""Look-up tables: the first input by Pixel Representation, the depth by what the data hold."""

import numpy as np
import pytest
from pydicom.dataset import Dataset

from chexview.films import elements, lookup_tables, structure
from tests.films.builders import film, item, table


def stored(made: Dataset) -> Dataset:
    """An item as it is read from a file."""
    return elements.items(structure.parse(film(VOILUTSequence=[made])).dataset, "VOILUTSequence")[0]


@pytest.mark.parametrize(
    ("highest", "declared", "bits"),
    [
        (4095, 16, 12),
        (4095, 12, 12),
        (255, 12, 8),
        (4095, 8, 12),
        (65535, 16, 16),
        (3000, 12, 12),
        (4095, 0, 12),
        (4095, 99, 12),
    ],
)
def test_the_depth_is_what_the_data_need(highest: int, declared: int, bits: int) -> None:
    made = table(0, np.linspace(0, highest, 4096).astype(np.uint16), declared)
    found = lookup_tables.read(stored(made), "LUTDescriptor", "LUTData", False)
    assert found is not None and (found.bits, found.declared) == (bits, declared)


@pytest.mark.parametrize("vr", ["US", "SS"])
@pytest.mark.parametrize(("signed", "first"), [(True, -2048), (False, 63488)])
def test_the_first_input_follows_the_pixels_sign(vr: str, signed: bool, first: int) -> None:
    made = table(-2048 if vr == "SS" else 63488, np.arange(4096), 12, first_vr=vr)
    found = lookup_tables.read(stored(made), "LUTDescriptor", "LUTData", signed)
    assert found is not None and found.first == first


def test_the_reading_that_reaches_the_pixels_is_taken() -> None:
    made = table(63488, np.arange(4096), 12)
    found = lookup_tables.read(stored(made), "LUTDescriptor", "LUTData", False, (-1000.0, 900.0))
    assert found is not None and found.first == -2048
    assert found.at(np.array([-2048, -5000, 3000])).tolist() == [0, 0, 4095]


def test_an_item_without_a_table_is_empty() -> None:
    assert lookup_tables.is_empty(item(), "LUTDescriptor", "LUTData")
    assert not lookup_tables.is_empty(stored(table(0, np.arange(64), 6)), "LUTDescriptor", "LUTData")
