"""Windows and VOI LUTs of a header, and what is wrong with them."""

import numpy as np
import pytest

from chexview.films.dicom import read_dicom
from chexview.films.grey import grey
from chexview.films.radiograph import CautionKind, Window
from tests.films.builders import (
    dataset,
    element,
    encode,
    film,
    item,
    kinds,
    ramp,
    table,
)


@pytest.mark.parametrize("width", ["0", "-500", "0.5", "nan", ""])
def test_an_unusable_window_gives_the_whole_range(width: str) -> None:
    described = dataset(ramp(), WindowCenter="2048")
    described.add(element("WindowWidth", width, "LO"))
    radiograph = read_dicom(encode(described), "d")
    assert len(radiograph.views) == 1
    assert np.allclose(grey(radiograph), ramp() / 4095)
    assert CautionKind.WINDOW in kinds(radiograph)


def test_windows_are_pairs_with_names() -> None:
    radiograph = read_dicom(
        film(
            WindowCenter=["2048", "1000", "3000"],
            WindowWidth=["3300", "500"],
            WindowCenterWidthExplanation=["STANDARD", "LUNG"],
        ),
        "d",
    )
    assert radiograph.views[:2] == (Window("STANDARD", 2048, 3300), Window("LUNG", 1000, 500))
    assert len(radiograph.views) == 3
    assert CautionKind.WINDOW in kinds(radiograph)


@pytest.mark.parametrize(("bits", "wide"), [(12, True), (8, True), (8, False), (16, True)])
def test_voi_tables_come_before_windows(bits: int, wide: bool) -> None:
    values = np.linspace(0, 2**bits - 1, 3001).astype(np.uint16)
    described = dataset(
        ramp(), VOILUTSequence=[table(500, values, bits, wide=wide)], WindowCenter="1", WindowWidth="10"
    )
    seen = grey(read_dicom(encode(described), "d"))
    index = np.clip(ramp().astype(int) - 500, 0, 3000)
    assert np.allclose(seen, values[index] / (2**bits - 1), atol=1e-7)


def test_voi_table_with_a_signed_first_value_and_65536_entries() -> None:
    stored = ramp().astype(np.int16) - 2048
    values = np.arange(65536).astype(np.uint16)
    described = dataset(
        stored.view(np.uint16), PixelRepresentation=1, VOILUTSequence=[table(-32768, values, 16, first_vr="SS")]
    )
    assert np.allclose(grey(read_dicom(encode(described), "d")), (stored.astype(int) + 32768) / 65535)


def test_a_malformed_voi_table_is_left_out() -> None:
    broken = item(
        LUTDescriptor=element("LUTDescriptor", [4096, 0, 12], "US"), LUTData=element("LUTData", b"\0\0", "OW")
    )
    radiograph = read_dicom(film(VOILUTSequence=[broken]), "d")
    assert isinstance(radiograph.views[0], Window)
    assert CautionKind.WINDOW in kinds(radiograph)


def test_a_window_beside_the_film_is_cautioned() -> None:
    radiograph = read_dicom(film(WindowCenter="20000", WindowWidth="100"), "d")
    assert CautionKind.WINDOW in kinds(radiograph)
    assert grey(radiograph, radiograph.views[-1]).max() == 1.0
