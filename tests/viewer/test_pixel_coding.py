"""Pixels come back from their bytes exactly, and they are few."""

import zlib

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis.extra.numpy import array_shapes, arrays
from starlette.applications import Starlette
from starlette.routing import Route

from chexview.viewer.pixel_coding import ENCODING, encode, encode_mask
from chexview.web.media_route import media_route
from chexview.web.media_store import PATH, STORE, MediaItem
from chexview.web.security_headers import COOKIE
from tests.web.client import Client


def decode(data: bytes, rows: int, columns: int) -> npt.NDArray[np.uint16]:
    """The pixels again, as the browser makes them."""
    low, high = np.frombuffer(zlib.decompress(data), np.uint8).reshape(2, rows, columns).astype(np.uint16)
    folded = low | (high << 8)
    steps = (folded >> 1) ^ (np.uint16(0) - (folded & 1))
    return np.cumsum(steps, axis=1, dtype=np.uint16)


@given(arrays(np.uint16, array_shapes(min_dims=2, max_dims=2, max_side=20)))
def test_any_film_comes_back(pixels: npt.NDArray[np.uint16]) -> None:
    np.testing.assert_array_equal(decode(encode(pixels), *pixels.shape), pixels)


def test_the_extremes_come_back() -> None:
    pixels = np.tile(np.array([0, 65535, 0, 32768, 32767, 65535, 1], np.uint16), (3, 1))
    np.testing.assert_array_equal(decode(encode(pixels), 3, 7), pixels)


def test_a_film_with_noise_takes_less_than_plain_deflate() -> None:
    y, x = np.mgrid[0:600, 0:500]
    noise = np.random.default_rng(0).normal(0, 12, (600, 500))
    pixels = (2000 + 1500 * np.sin(x / 90) * np.cos(y / 120) + noise).astype(np.uint16)
    assert len(encode(pixels)) < 0.75 * len(zlib.compress(pixels.tobytes(), 1))


def test_a_film_that_is_turned_is_no_other_film() -> None:
    pixels = np.arange(12, dtype=np.uint16).reshape(3, 4)
    np.testing.assert_array_equal(decode(encode(pixels.T), 4, 3), pixels.T)


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (16, 16)])
def test_a_mask_comes_back(shape: tuple[int, int]) -> None:
    mask = np.random.default_rng(1).random(shape) < 0.5
    bits = np.frombuffer(zlib.decompress(encode_mask(mask)), np.uint8)
    np.testing.assert_array_equal(np.unpackbits(bits, count=mask.size).reshape(shape).astype(bool), mask)


def test_the_route_says_how_it_is_encoded() -> None:
    pixels = np.arange(600, dtype=np.uint16).reshape(20, 30)
    token = STORE.put(MediaItem(encode(pixels), "application/octet-stream", encoding=ENCODING), "anna")
    client = Client(Starlette(routes=[Route(f"{PATH}/{{token}}", media_route)]))
    answer = client.get(f"{PATH}/{token}", headers={"cookie": f"{COOKIE}=anna"})
    STORE.drop(token)
    assert answer.headers["content-encoding"] == "deflate"
    np.testing.assert_array_equal(decode(zlib.compress(answer.content), 20, 30), pixels)
