"""The stages of a film end in what one sees, and cite what asked for them."""

import numpy as np

from chexview.films.dicom import read_dicom
from chexview.films.display_stages import StageKind, small, stages, stored_line
from chexview.films.grey import grey
from tests.films.builders import film, modality, ramp


def test_stages_end_in_what_one_sees() -> None:
    radiograph = read_dicom(film(RescaleSlope="2", RescaleIntercept="-7", PhotometricInterpretation="MONOCHROME1"), "d")
    found = stages(radiograph)
    assert [stage.kind for stage in found] == [kind for kind in StageKind if kind is not StageKind.EYE]
    assert np.array_equal(found[-1].picture, small(grey(radiograph)))
    assert {stage.kind for stage in found if stage.changed} >= {StageKind.MODALITY, StageKind.INVERSION}


def test_the_way_back_to_stored_values() -> None:
    radiograph = read_dicom(film(RescaleSlope="2", RescaleIntercept="-7"), "d")
    line = stored_line(radiograph)
    assert line.exact and np.array_equal(radiograph.pixels * line.scale + line.offset, ramp())
    assert np.array_equal(modality(radiograph), ramp() * 2.0 - 7)
