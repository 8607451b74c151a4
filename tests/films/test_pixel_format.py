"""What a header must say before its pixels are touched."""

import numpy as np
import pytest

from chexview.errors import ContentError, DamagedError, FilmError, FormatError, LimitError
from chexview.films.dicom import read_dicom
from tests.films.builders import (
    SC,
    film,
    ramp,
)
from tests.films.expectations import is_sentence


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"Rows": 60000}, LimitError, "Rows (0028,0010) says 60000"),
        ({"Rows": 8192, "Columns": 8192}, LimitError, "million pixels"),
        ({"Rows": 16}, ContentError, "Rows (0028,0010) says 16"),
        ({"Rows": 400, "Columns": 64}, ContentError, "no shape of a chest radiograph"),
        ({"Rows": None}, DamagedError, "Rows (0028,0010) is missing"),
        ({"Columns": 0}, DamagedError, "Columns (0028,0011) is missing"),
        ({"Columns": 65}, DamagedError, "64 x 65 pixels need 8320"),
        ({"PixelData": None}, DamagedError, "Pixel Data (7FE0,0010) is missing"),
        ({"PixelData": None, "FloatPixelData": b"\0" * 16}, ContentError, "Float Pixel Data (7FE0,0008)"),
        ({"NumberOfFrames": "2"}, ContentError, "Number of Frames (0028,0008) says 2"),
        ({"NumberOfFrames": "-1"}, DamagedError, "Number of Frames (0028,0008)"),
        ({"SamplesPerPixel": 4}, FormatError, "Samples per Pixel (0028,0002) says 4"),
        ({"SamplesPerPixel": 3}, DamagedError, "Photometric Interpretation (0028,0004) says MONOCHROME2"),
        ({"PhotometricInterpretation": "RGB"}, DamagedError, "Photometric Interpretation (0028,0004) says RGB"),
        ({"PhotometricInterpretation": "HSV"}, FormatError, "Photometric Interpretation (0028,0004) says HSV"),
        ({"BitsAllocated": 1}, ContentError, "Bits Allocated (0028,0100) says 1"),
        ({"BitsAllocated": 32}, FormatError, "Bits Allocated (0028,0100) says 32"),
        ({"BitsStored": 17}, DamagedError, "Bits Stored (0028,0101) says 17"),
        ({"BitsStored": 0}, DamagedError, "Bits Stored (0028,0101) says 0"),
        ({"BitsStored": 1}, ContentError, "Bits Stored (0028,0101) says 1"),
        ({"HighBit": 10}, DamagedError, "High Bit (0028,0102) says 10"),
        ({"HighBit": 16}, DamagedError, "High Bit (0028,0102) says 16"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.2"}, ContentError, "CT Image Storage"),
        ({"SOPClassUID": "1.2.3.4.5"}, ContentError, "an unknown kind of object"),
        ({"SOPClassUID": SC, "Modality": "CT"}, ContentError, "Modality (0008,0060)"),
    ],
)
def test_refusals_name_the_element(changes: dict[str, object], error: type[FilmError], words: str) -> None:
    with pytest.raises(error) as found:
        read_dicom(film(**changes), "d")
    assert words in str(found.value)
    assert is_sentence(str(found.value))


def test_colour_without_planar_configuration_is_refused() -> None:
    rgb = np.repeat(ramp(8).astype(np.uint8)[..., None], 3, axis=2)
    with pytest.raises(DamagedError, match="Planar Configuration"):
        read_dicom(film(rgb, PlanarConfiguration=None), "d")


@pytest.mark.parametrize("spelt", ["MONOCHROME 1", "monochrome_1", "MONOCHROME1\\", "Monochrome-1"])
def test_the_number_behind_monochrome_counts(spelt: str) -> None:
    assert read_dicom(film(PhotometricInterpretation=spelt), "d").inverted
