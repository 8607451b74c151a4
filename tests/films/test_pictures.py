"""PNG, JPEG and TIFF through Pillow alone, in process as the trainer reads them."""

import io
import struct
import subprocess
import sys
import textwrap
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from chexview.errors import ContentError, DamagedError, FilmError, FormatError, LimitError
from chexview.films.grey import grey
from chexview.films.pictures import read_picture
from chexview.films.radiograph import CautionKind
from tests.films.builders import (
    kinds,
    picture,
    ramp,
)
from tests.films.expectations import is_sentence

EIGHT = ramp(8).astype(np.uint8)


SIXTEEN = ramp(16)


def as_rgb() -> Image.Image:
    return Image.fromarray(EIGHT).convert("RGB")


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_eight_bits_exactly(form: str) -> None:
    assert np.array_equal(grey(read_picture(picture(EIGHT, form), "d")), (EIGHT / 255).astype(np.float32))


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_sixteen_bits_exactly(form: str) -> None:
    radiograph = read_picture(picture(SIXTEEN, form), "d")
    assert np.array_equal(radiograph.pixels, SIXTEEN)
    assert np.array_equal(grey(radiograph), (SIXTEEN / 65535).astype(np.float32))


def test_a_jpeg_is_cautioned_for_its_loss() -> None:
    radiograph = read_picture(picture(EIGHT, "JPEG", quality=95), "d")
    assert np.abs(grey(radiograph) - EIGHT / 255).max() < 0.03
    assert kinds(radiograph) == {CautionKind.LOSSY}


def test_cmyk() -> None:
    data = picture(as_rgb().convert("CMYK"), "TIFF")
    assert np.abs(grey(read_picture(data, "d")) - EIGHT / 255).max() < 0.01


@pytest.mark.parametrize(("dtype", "bits"), [(np.uint8, 8), (np.uint16, 16)])
def test_white_is_zero_is_inverted_once(dtype: type, bits: int) -> None:
    data = picture(ramp(bits).astype(dtype), "TIFF", tiffinfo={262: 0})
    seen = grey(read_picture(data, "d"))
    stored = np.asarray(Image.open(io.BytesIO(data))).astype(float)
    expected = stored / 255 if bits == 8 else 1 - stored / 65535
    assert np.allclose(seen, expected, atol=1e-6)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_turns_the_film(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = Image.fromarray(ramp(8, 40, 64).astype(np.uint8))
    seen = grey(read_picture(picture(image, exif=exif), "d"))
    assert seen.shape == ((64, 40) if orientation >= 5 else (40, 64))
    corner = {1: (0, 0), 2: (0, -1), 3: (-1, -1), 4: (-1, 0), 5: (0, 0), 6: (0, -1), 7: (-1, -1), 8: (-1, 0)}
    assert seen[corner[orientation]] == 0.0


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (Image.fromarray(EIGHT).convert("1"), "one bit"),
        (np.full((64, 64), 90, np.uint8), "one grey level"),
        ((EIGHT // 86 * 86).astype(np.uint8), "grey levels"),
        (ramp(8, 16, 64).astype(np.uint8), "height says 16"),
        (ramp(8, 40, 400).astype(np.uint8), "no shape of a chest radiograph"),
    ],
)
def test_what_is_no_film_is_refused(array: np.ndarray | Image.Image, words: str) -> None:
    with pytest.raises(ContentError, match=words) as found:
        read_picture(picture(array), "d")
    assert is_sentence(str(found.value))


def test_size_is_checked_before_loading() -> None:
    data = bytearray(picture(EIGHT))
    data[16:24] = struct.pack(">II", 9000, 9000)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    with pytest.raises(LimitError, match="says 9000"):
        read_picture(bytes(data), "d")


@pytest.mark.parametrize("form", ["PNG", "JPEG", "TIFF"])
def test_cut_pictures_are_damaged(form: str) -> None:
    noise = np.random.default_rng(4).integers(0, 255, (200, 200)).astype(np.uint8)
    whole = picture(noise, form)
    with pytest.raises(DamagedError):
        read_picture(whole[: len(whole) // 2], "d")


def test_pages_and_animations() -> None:
    image = Image.fromarray(EIGHT)
    pages = read_picture(picture(image, "TIFF", save_all=True, append_images=[image.rotate(90)]), "d")
    assert kinds(pages) == {CautionKind.GEOMETRY}
    assert np.array_equal(pages.pixels, EIGHT)
    with pytest.raises(ContentError, match="animation of 2 frames"):
        read_picture(picture(image, "PNG", save_all=True, append_images=[image.rotate(90)]), "d")


def test_further_formats_are_read_only_when_named() -> None:
    data = picture(EIGHT, "WEBP", lossless=True)
    with pytest.raises(FormatError):
        read_picture(data, "d")
    assert np.abs(grey(read_picture(data, "d", ("WEBP",))) - EIGHT / 255).max() < 0.01


def test_threads_do_not_disturb_each_other() -> None:
    bomb = bytearray(picture(EIGHT))
    bomb[16:24] = struct.pack(">II", 12000, 12000)
    bomb[29:33] = struct.pack(">I", zlib.crc32(bomb[12:29]))

    def one(number: int) -> bool:
        if number % 2:
            return bool(np.array_equal(read_picture(picture(EIGHT), "d").pixels, EIGHT))
        try:
            read_picture(bytes(bomb), "d")
        except LimitError:
            return True
        return False

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(one, range(200)))


def test_the_trainer_needs_numpy_and_pillow_alone() -> None:
    program = """
        import sys
        for name in ("pydicom", "imagecodecs", "torch", "psutil", "streamlit", "pandas", "scipy"):
            sys.modules[name] = None
        import io
        import numpy as np
        from PIL import Image
        from chexview.films import radiograph
        from chexview.films.grey import grey
        from chexview.films.pictures import read_picture
        buffer = io.BytesIO()
        Image.fromarray(np.arange(4096, dtype=np.uint16).reshape(64, 64)).save(buffer, "PNG")
        assert grey(read_picture(buffer.getvalue(), "d")).max() == 1.0
    """
    root = Path(__file__).resolve().parents[2]
    subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=True, cwd=root)


def test_errors_are_film_errors() -> None:
    with pytest.raises(FilmError):
        read_picture(b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "d")
