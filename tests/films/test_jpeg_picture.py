"""Bare JPEGs: what is read, what is refused by its own reason, and damage that an end marker hides."""

import imagecodecs
import numpy as np
import pytest

from chexview.errors import DamagedError, FormatError, LimitError
from chexview.films.grey import grey
from chexview.films.jpeg_picture import read_jpeg
from tests.films.builders import picture, ramp

FILM = (
    (np.random.default_rng(5).normal(0, 9, (96, 80)) + np.linspace(20, 230, 96)[:, None]).clip(0, 255).astype(np.uint8)
)


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_blocks": 5}])
def test_whole_ones_are_read_with_or_without_padding(options: dict[str, object]) -> None:
    data = picture(FILM, "JPEG", quality=95, **options)
    for padded in (data, data + bytes(200), data[:-2]):
        assert np.abs(grey(read_jpeg(padded, "d")) - FILM / 255).mean() < 0.02
    for damaged in (data[: len(data) * 6 // 10] + b"\xff\xd9", data[: len(data) * 6 // 10]):
        with pytest.raises(DamagedError):
            read_jpeg(damaged, "d")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (imagecodecs.jpeg8_encode(ramp(), 90, bitspersample=12), "12 bits a sample"),
        (imagecodecs.ljpeg_encode(ramp(), bitspersample=12), "lossless"),
        (imagecodecs.jpegls_encode(ramp()), "JPEG-LS"),
    ],
)
def test_other_jpegs_are_refused_by_their_own_reason(data: bytes, words: str) -> None:
    with pytest.raises(FormatError, match=words):
        read_jpeg(data, "d")


def test_size_is_checked_before_the_coded_data() -> None:
    data = bytearray(picture(FILM, "JPEG"))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = b"\x40\x00\x40\x00"
    with pytest.raises(LimitError, match="16384"):
        read_jpeg(bytes(data), "d")
