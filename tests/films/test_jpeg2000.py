"""JPEG 2000: the codestream out of its boxes, values unchanged by the flag that is set, damage that is noticed.

What cannot be told: a bit of a value changed in HTJ2K, whose cleanup passes carry neither a checksum nor a terminating pattern
beyond their lengths (T.814, 7.1); a coder that is not the one that wrote them cannot say that other bytes were due.
"""

import contextlib

import imagecodecs
import numpy as np
import pytest

from chexview.films import jpeg2000

FILM = np.clip(
    np.random.default_rng(3).normal(0, 25, (200, 180)) + np.linspace(300, 3800, 200)[:, None], 0, 4095
).astype(np.uint16)
OPTIONS: dict[str, dict[str, object]] = {
    "lossless": {"reversible": True, "level": 0},
    "lossy": {"reversible": False, "level": 45},
}


def encoded(name: str, codecformat: str = "j2k") -> bytes:
    """A codestream, or a file in boxes."""
    return bytes(imagecodecs.jpeg2k_encode(FILM, codecformat=codecformat, bitspersample=12, **OPTIONS[name]))


@pytest.mark.parametrize("name", OPTIONS)
def test_a_whole_codestream_is_decoded_as_ever(name: str) -> None:
    stream = encoded(name)
    found = jpeg2000.decode(stream)
    assert found.broken == 0
    assert np.array_equal(found.samples, imagecodecs.jpeg2k_decode(stream))


@pytest.mark.parametrize("name", OPTIONS)
@pytest.mark.parametrize("kind", ["zeros", "noise", "moved"])
def test_overwritten_bytes_are_noticed(name: str, kind: str) -> None:
    stream = encoded(name)
    at = len(stream) // 2
    noise = np.random.default_rng(4).integers(0, 255, 300, dtype=np.uint8).tobytes()
    part = {"zeros": bytes(300), "noise": noise, "moved": stream[at + 300 : at + 600]}[kind]
    with contextlib.suppress(imagecodecs.Jpeg2kError):
        assert jpeg2000.decode(stream[:at] + part + stream[at + 300 :]).broken > 0


def test_boxes_are_opened() -> None:
    boxed = encoded("lossless", "jp2")
    assert jpeg2000.is_jpeg_2000(boxed) and not jpeg2000.is_jpeg_2000(b"\xff\xd8\xff\xe0")
    stream = jpeg2000.codestream(boxed)
    assert stream is not None and stream.startswith(jpeg2000.CODESTREAM)
    assert np.array_equal(jpeg2000.decode(stream).samples, FILM)
    assert jpeg2000.codestream(boxed[:40]) is None
    assert jpeg2000.codestream(stream) == stream


@pytest.mark.parametrize("name", OPTIONS)
def test_a_changed_step_of_a_sub_band_is_noticed(name: str) -> None:
    stream = encoded(name)
    first = stream.index(b"\xff\x5c") + 5
    for sub_band in (0, 1, 2, 4, 7):
        changed = bytearray(stream)
        changed[first + sub_band * (1 if name == "lossless" else 2)] ^= 0x20
        assert jpeg2000.decode(bytes(changed)).broken > 0


@pytest.mark.parametrize("resolutions", [1, 2, 6])
@pytest.mark.parametrize("name", OPTIONS)
def test_steps_as_encoders_write_them_are_none(name: str, resolutions: int) -> None:
    for stream in (
        imagecodecs.jpeg2k_encode(FILM, codecformat="j2k", bitspersample=12, resolutions=resolutions, **OPTIONS[name]),
        imagecodecs.htj2k_encode(FILM, reversible=name == "lossless"),
    ):
        assert jpeg2000.decode(bytes(stream)).broken == 0
