"""TIFFs of every depth, sign and byte order, and strips that were zeroed, cut or left out.

What cannot be told: changed bytes of an uncompressed strip, and of one of LZW, PackBits or zstd that expands to as many bytes as
before, for none of them has a checksum; a hole that was filled is (:mod:`tests.films.test_holes`).
"""

import io
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from chexview.errors import DamagedError, FilmError, FormatError
from chexview.films.grey import grey
from chexview.films.tiff_picture import read_tiff
from tests.films.builders import picture, ramp
from tests.films.expectations import is_sentence

EIGHT = ramp(8, 64, 80).astype(np.uint8)
DEEP = ramp(16, 64, 80)


def written(values: np.ndarray, **options: object) -> bytes:
    """A TIFF by tifffile."""
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, values, **({"photometric": "minisblack"} | options))
    return buffer.getvalue()


@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize("bigtiff", [False, True])
@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.uint16, np.int16, np.uint32, np.int32, np.float32, np.float64])
def test_every_sample(dtype: type, bigtiff: bool, byteorder: str) -> None:
    share = np.linspace(0, 1, 64 * 80).reshape(64, 80)
    if np.dtype(dtype).kind == "f":
        values = share.astype(dtype)
    else:
        ends = np.iinfo(dtype)
        values = (
            np.rint(ends.min + share * (float(ends.max) - ends.min))
            .clip(ends.min, ends.max - 300 * (ends.bits == 32))
            .astype(dtype)
        )
    seen = grey(read_tiff(written(values, bigtiff=bigtiff, byteorder=byteorder), "d"))
    assert np.abs(seen - share).max() < 0.01


def test_signed_bytes_are_no_wrapped_bytes() -> None:
    values = (EIGHT.astype(int) - 128).astype(np.int8)
    assert np.allclose(grey(read_tiff(written(values), "d")), EIGHT / 255, atol=1e-6)


@pytest.mark.parametrize("compression", [None, "zlib", "lzw", "packbits", "jpeg"])
@pytest.mark.parametrize("tile", [None, (32, 32)])
def test_whole_strips_and_tiles_pass(compression: str | None, tile: tuple[int, int] | None) -> None:
    seen = grey(read_tiff(written(EIGHT, compression=compression, tile=tile, rowsperstrip=None if tile else 16), "d"))
    assert np.abs(seen - EIGHT / 255).max() < (0.06 if compression == "jpeg" else 1e-6)


@pytest.mark.parametrize("compression", ["zlib", "lzw", "packbits", "jpeg"])
@pytest.mark.parametrize("damage", ["zeroed", "half zeroed", "no count", "beyond"])
def test_a_strip_that_is_not_whole_is_refused(compression: str, damage: str) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (64, 80)).astype(np.uint8)
    data = bytearray(written(noise, compression=compression, rowsperstrip=16))
    with tifffile.TiffFile(io.BytesIO(bytes(data))) as file:
        page = file.pages.first
        offset, count = page.dataoffsets[1], page.databytecounts[1]
        counts = page.tags["StripByteCounts"]
    if damage == "zeroed":
        data[offset : offset + count] = bytes(count)
    elif damage == "half zeroed":
        data[offset + count // 2 : offset + count] = bytes(count - count // 2)
    elif damage == "no count":
        width = counts.valuebytecount // counts.count if hasattr(counts, "valuebytecount") else counts.dtype.value
        width = {3: 2, 4: 4}[int(counts.dtype)]
        data[counts.valueoffset + width : counts.valueoffset + 2 * width] = bytes(width)
    else:
        data = data[: offset + count // 2]
    with pytest.raises(FilmError) as found:
        read_tiff(bytes(data), "d")
    assert is_sentence(str(found.value))


def test_planes_alpha_and_palettes() -> None:
    rgb = np.stack([DEEP] * 3, -1)
    contiguous = grey(read_tiff(written(rgb, photometric="rgb"), "d"))
    planar = grey(read_tiff(written(np.moveaxis(rgb, -1, 0), photometric="rgb", planarconfig="separate"), "d"))
    assert np.allclose(contiguous, DEEP / 65535, atol=1e-6) and np.array_equal(contiguous, planar)
    clear = np.dstack([DEEP, np.where(np.arange(80) < 9, 0, 65535)[None].repeat(64, 0)]).astype(np.uint16)
    seen = grey(read_tiff(written(clear, extrasamples=["unassalpha"]), "d"))
    assert (seen[:, :9] == 0).all() and np.allclose(seen[:, 9:], DEEP[:, 9:] / 65535, atol=1e-6)
    image = Image.fromarray(255 - EIGHT).convert("P")
    image.putpalette(np.repeat(np.arange(255, -1, -1).astype(np.uint8), 3).tobytes())
    assert np.allclose(grey(read_tiff(picture(image, "TIFF"), "d")), EIGHT / 255, atol=1e-4)


def test_white_is_zero_and_orientation() -> None:
    seen = grey(read_tiff(written(DEEP, photometric="miniswhite"), "d"))
    assert np.allclose(seen, 1 - DEEP / 65535, atol=1e-6)
    turned = grey(read_tiff(written(DEEP, extratags=[(274, 3, 1, 6, True)]), "d"))
    assert np.allclose(turned, np.rot90(DEEP, -1) / 65535, atol=1e-6)


def test_what_is_not_read_is_named() -> None:
    with pytest.raises(FormatError, match="colour space"):
        read_tiff(written(np.stack([EIGHT] * 3, -1), photometric="cielab"), "d")


def test_twelve_packed_bits(tmp_path: Path) -> None:
    shipped = Path(__file__).resolve().parents[1] / "data" / "films" / "attack" / "files" / "17_wiz12.tif"
    data = shipped.read_bytes()
    assert read_tiff(data, "d").inverted
    with pytest.raises(DamagedError):
        read_tiff(data[: len(data) // 2], "d")
