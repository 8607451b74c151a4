"""The structure of a JPEG, as its segments have it."""

import io

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from chexview.films import jpeg
from tests.films.builders import picture, ramp

EIGHT = ramp(8, 40, 64).astype(np.uint8)


def test_a_frame_is_what_pillow_wrote() -> None:
    data = picture(np.stack([EIGHT] * 3, -1), "JPEG", subsampling=2)
    found = jpeg.parse(data)
    assert found is not None and found.end == len(data)
    frame = found.frame
    assert (frame.marker, frame.precision, frame.rows, frame.columns) == (0xC0, 8, 40, 64)
    assert [(part.horizontal, part.vertical) for part in frame.components] == [(2, 2), (1, 1), (1, 1)]
    assert found.transformed is True and len(found.scans) == 1


@pytest.mark.parametrize("padding", [b"\0" * 200, b"\xff" * 3, b"some text", b"\xff\xd9"])
def test_the_end_is_the_first_end_marker(padding: bytes) -> None:
    data = picture(EIGHT, "JPEG")
    found = jpeg.parse(data + padding)
    assert found is not None and found.end == len(data)


def test_fill_bytes_and_garbage_between_segments_are_passed() -> None:
    data = picture(EIGHT, "JPEG")
    at = data.index(b"\xff\xc0")
    found = jpeg.parse(data[:at] + b"\xff\xff\xff" + data[at:])
    assert found is not None and found.frame.rows == 40 and found.scans[0].components[0].dc is not None


def test_a_thumbnail_in_a_segment_is_no_frame() -> None:
    small = picture(np.zeros((16, 16), np.uint8), "JPEG")
    data = picture(EIGHT, "JPEG")
    segment = b"\xff\xe2" + (len(small) + 2).to_bytes(2, "big") + small
    found = jpeg.parse(data[:2] + segment + data[2:])
    assert found is not None and (found.frame.rows, found.frame.columns) == (40, 64)


def test_near_lossless_and_point_transforms_are_told() -> None:
    found = jpeg.parse(imagecodecs.jpegls_encode(EIGHT, level=2))
    assert found is not None and found.frame.marker == jpeg.JPEG_LS and found.scans[0].predictor == 2
    found = jpeg.parse(imagecodecs.jpeg8_encode(EIGHT, lossless=True, predictor=4))
    assert found is not None and found.frame.marker == jpeg.LOSSLESS and found.scans[0].predictor == 4


def test_what_is_cut_or_none_has_no_end_or_no_structure() -> None:
    data = picture(EIGHT, "JPEG")
    found = jpeg.parse(data[:-2])
    assert found is not None and found.end is None
    assert jpeg.parse(data[:30]) is None and jpeg.parse(b"") is None and jpeg.parse(picture(EIGHT)) is None


def test_tables_may_stand_apart() -> None:
    buffer = io.BytesIO()
    Image.fromarray(EIGHT).save(buffer, "TIFF", compression="jpeg")
    import tifffile

    with tifffile.TiffFile(io.BytesIO(buffer.getvalue())) as file:
        page = file.pages.first
        segment = buffer.getvalue()[page.dataoffsets[0] : page.dataoffsets[0] + page.databytecounts[0]]
        found = jpeg.parse(segment, page.jpegtables)
    assert found is not None and found.scans[0].components[0].dc is not None
