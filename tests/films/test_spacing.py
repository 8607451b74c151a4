"""Millimetres and what they measure."""

import pytest

from chexview.films.dicom import read_dicom
from chexview.films.radiograph import CautionKind, Plane
from tests.films.builders import film, kinds


@pytest.mark.parametrize(
    ("changes", "row_mm", "plane"),
    [
        ({"PixelSpacing": ["0.2", "0.2"], "PixelSpacingCalibrationType": "FIDUCIAL"}, 0.2, Plane.PATIENT),
        ({"PixelSpacing": ["0.2", "0.2"], "ImagerPixelSpacing": ["0.2", "0.2"]}, 0.2, Plane.DETECTOR),
        ({"PixelSpacing": ["0.18", "0.18"], "ImagerPixelSpacing": ["0.2", "0.2"]}, 0.18, Plane.PATIENT),
        ({"ImagerPixelSpacing": ["0.2", "0.2"]}, 0.2, Plane.DETECTOR),
        (
            {"ImagerPixelSpacing": ["0.7", "0.7"], "EstimatedRadiographicMagnificationFactor": "1.1"},
            0.7 / 1.1,
            Plane.PATIENT,
        ),
        (
            {
                "ImagerPixelSpacing": ["0.2", "0.2"],
                "DistanceSourceToDetector": "1800",
                "DistanceSourceToPatient": "1500",
            },
            0.2 / 1.2,
            Plane.PATIENT,
        ),
        ({"NominalScannedPixelSpacing": ["0.1", "0.1"]}, 0.1, Plane.DETECTOR),
        ({"PixelSpacing": ["0.000", "0.000"]}, None, None),
        ({"PixelSpacing": ["0.2"]}, None, None),
        ({"PixelSpacing": ["-0.2", "-0.2"]}, None, None),
        ({}, None, None),
    ],
)
def test_spacing(changes: dict[str, object], row_mm: float | None, plane: Plane | None) -> None:
    radiograph = read_dicom(film(**changes), "d")
    if row_mm is None:
        assert radiograph.spacing is None
        assert (CautionKind.SPACING in kinds(radiograph)) == bool(changes)
        return
    assert radiograph.spacing is not None
    assert radiograph.spacing.row_mm == pytest.approx(row_mm)
    assert radiograph.spacing.plane is plane
