"""Stored values to modality units."""

import numpy as np
import pytest

from chexview.errors import DamagedError
from chexview.films.dicom import read_dicom
from chexview.films.radiograph import CautionKind
from tests.films.builders import (
    dataset,
    element,
    encode,
    film,
    item,
    kinds,
    modality,
    ramp,
    table,
)


@pytest.mark.parametrize(("slope", "intercept"), [("2", "-1000"), ("-1", "4095"), ("0.5", "0.25"), ("1e-1", "3")])
def test_rescale(slope: str, intercept: str) -> None:
    radiograph = read_dicom(film(RescaleSlope=slope, RescaleIntercept=intercept), "d")
    expected = ramp().astype(np.float64) * float(slope) + float(intercept)
    assert np.array_equal(modality(radiograph), expected)


@pytest.mark.parametrize("slope", ["0", "NaN", "1e400", "abc", "inf", "1_0", "\u0661"])
def test_a_slope_that_is_none_is_ignored_with_a_caution(slope: str) -> None:
    made = dataset(ramp(), RescaleIntercept="7")
    made.add(element("RescaleSlope", slope.encode("utf-8").decode("latin-1"), "LO"))
    radiograph = read_dicom(encode(made), "d")
    assert np.array_equal(modality(radiograph), ramp())
    assert CautionKind.RESCALE in kinds(radiograph)


def test_a_decimal_comma_is_a_point() -> None:
    made = dataset(ramp(), RescaleIntercept="0")
    made.add(element("RescaleSlope", "0,50", "LO"))
    radiograph = read_dicom(encode(made), "d")
    assert np.array_equal(modality(radiograph), ramp() * 0.5)
    assert CautionKind.RESCALE in kinds(radiograph)


def test_modality_lut_instead_of_rescale() -> None:
    values = np.arange(4095, -1, -1, dtype=np.uint16)
    made = dataset(ramp(), RescaleSlope="3", RescaleIntercept="1", ModalityLUTSequence=[table(0, values, 12)])
    radiograph = read_dicom(encode(made), "d")
    assert np.array_equal(modality(radiograph), 4095 - ramp().astype(int))


def test_modality_lut_of_signed_inputs_holds_its_ends() -> None:
    lut = table(-100, np.arange(201, dtype=np.uint16), 16, first_vr="SS")
    stored = ramp().astype(np.int16) - 2048
    made = dataset(stored.view(np.uint16), PixelRepresentation=1, ModalityLUTSequence=[lut])
    assert np.array_equal(modality(read_dicom(encode(made), "d")), np.clip(stored + 100, 0, 200))


def test_a_broken_modality_lut_is_refused() -> None:
    broken = item(
        LUTDescriptor=element("LUTDescriptor", [4096, 0, 12], "US"), LUTData=element("LUTData", b"\0\0", "OW")
    )
    with pytest.raises(DamagedError, match=r"Modality LUT Sequence \(0028,3000\)"):
        read_dicom(film(ModalityLUTSequence=[broken]), "d")
