"""DCMTK, where it is installed, sees the same pictures: of what ships, and of lossless JPEG in all its forms."""

from collections.abc import Iterator
from pathlib import Path

import imagecodecs
import pytest
from pydicom import uid

from chexview.films.decoder_pool import DecoderPool
from tests.films import compare
from tests.films.builders import encapsulated, ramp

FILMS = Path(__file__).resolve().parents[1] / "data" / "films"

pytestmark = pytest.mark.skipif(not compare.is_installed(), reason="DCMTK is not installed")


@pytest.fixture(scope="module")
def pool() -> Iterator[DecoderPool]:
    made = DecoderPool(1)
    yield made
    made.close()


@pytest.mark.parametrize(
    "name",
    [
        "files/v00_small.dcm",
        "files/v06_jpeg_baseline8.dcm",
        "files/v07_jpeg_extended12.dcm",
        "files/v11_jpegls_near4.dcm",
        "attack/files/33_jpegll_pt1.dcm",
        "attack/files/34_jpegll_dri.dcm",
        "attack/files/35_jpegll_two_tables.dcm",
        "attack/files/03_lut_first_us_signed.dcm",
        "attack/files/13_rle_extra.dcm",
    ],
)
def test_dcmtk_sees_the_same(name: str, pool: DecoderPool) -> None:
    found = compare.compare(FILMS / name, pool)
    assert found.outcome == "same", found


@pytest.mark.parametrize("predictor", range(1, 8))
def test_dcmtk_decodes_every_predictor_alike(predictor: int, pool: DecoderPool, tmp_path: Path) -> None:
    stream = imagecodecs.jpeg8_encode(ramp(), lossless=True, predictor=predictor, bitspersample=12)
    path = tmp_path / "film.dcm"
    path.write_bytes(encapsulated(stream, ramp(), uid.JPEGLossless))
    assert compare.compare(path, pool).outcome == "same"


def test_a_difference_is_told(pool: DecoderPool) -> None:
    """DCMTK takes the depth that a table declares, which this one lies about."""
    found = compare.compare(FILMS / "attack" / "files" / "02_lut16_values12.dcm", pool)
    assert found.outcome == "differs" and "of 255" in found.detail
