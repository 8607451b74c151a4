"""Films packed and decoded within bounds, and the same film whenever it is opened."""

import weakref
import zlib
from dataclasses import fields

import numpy as np
import pytest

from chexview.errors import LimitError
from chexview.films.read import read
from chexview.settings import BUNDLED
from chexview.worklist.film_cache import Deflated, FilmCache, Memory, deflated, inflated, size
from tests.worklist.making import decode, film

SMALL = 64 * 48 * 2
"""Bytes of one made film's pixels."""


def test_packing_and_unpacking_changes_nothing() -> None:
    rng = np.random.default_rng(1)
    pixels = rng.integers(0, 65536, (97, 33), dtype=np.uint16)
    padding = rng.random((97, 33)) < 0.3
    for whole in (film(b"a", pixels, padding=padding), film(b"a", pixels.T), film(b"a", pixels[::2, ::-1])):
        packed = deflated(whole, below=10**6)
        assert packed is not None
        again = inflated(packed)
        assert again.pixels.dtype == np.uint16
        np.testing.assert_array_equal(again.pixels, whole.pixels)
        assert (again.padding is None) == (whole.padding is None)
        if whole.padding is not None and again.padding is not None:
            np.testing.assert_array_equal(again.padding, whole.padding)
        for field in fields(whole):
            if field.name not in ("pixels", "padding"):
                assert getattr(again, field.name) == getattr(whole, field.name)


def test_a_large_film_of_many_chunks_is_one_zlib_stream() -> None:
    pixels = (np.arange(1500 * 1000) % 4096).astype(np.uint16).reshape(1500, 1000)
    packed = deflated(film(b"a", pixels), below=10**8)
    assert packed is not None
    assert zlib.decompress(packed.data) == pixels.tobytes()
    assert deflated(film(b"a", pixels), below=len(packed.data)) is None
    assert deflated(film(b"a", pixels), below=len(packed.data) + 1) is not None


def test_while_there_is_room_films_are_kept_as_they_came() -> None:
    cache = FilmCache(decode, packed_limit=2500)
    flat = film(b"x" * 500, np.zeros((64, 48), np.uint16))
    cache.add("1", flat, b"x" * 500)
    cache.shrink("1", flat)
    assert cache.memory().packed == 500


def test_the_smaller_of_file_and_pixels_is_kept() -> None:
    cache = FilmCache(decode, packed_limit=1000)
    flat = film(b"x" * 500, np.zeros((64, 48), np.uint16))
    cache.add("1", flat, b"x" * 500)
    assert cache.memory().packed == 500
    cache.shrink("1", flat)
    assert cache.memory().packed == len(zlib.compress(flat.pixels.tobytes(), 1)) < 500
    noisy = film(b"noisy")
    cache.add("2", noisy, b"noisy")
    before = cache.memory().packed
    cache.shrink("2", noisy)
    cache.shrink("3", noisy)
    assert cache.memory().packed == before


def test_never_opened_films_go_first_then_the_longest_unopened() -> None:
    calls: list[bytes] = []

    def counted(data: bytes, name: str) -> object:
        calls.append(data)
        return decode(data, name)

    cache = FilmCache(counted, pixels_limit=3 * SMALL)  # type: ignore[arg-type]
    for id in ("a", "b", "c"):
        cache.add(id, film(id.encode()), id.encode())
    for id in ("b", "a"):
        assert cache.open(id) is not None
    assert calls == []
    cache.add("d", film(b"d"), b"d")
    cache.add("e", film(b"e"), b"e")
    assert cache.memory().pixels == 3 * SMALL
    cache.open("a"), cache.open("b"), cache.open("e")
    assert calls == []
    cache.open("c")
    assert calls == [b"c"]
    cache.open("a")
    assert calls == [b"c", b"a"]
    assert cache.memory().pixels == 3 * SMALL


def test_pixels_let_go_are_free_and_come_back_the_same() -> None:
    path = BUNDLED / "films" / "00013911_000.dcm"
    data = path.read_bytes()
    whole = read(data)
    expected = whole.pixels.copy()
    gone = weakref.ref(whole.pixels)
    cache = FilmCache(read, pixels_limit=size(whole) - 1)
    cache.add("1", whole, data)
    del whole
    assert cache.memory().pixels == 0
    assert gone() is None
    again = cache.open("1")
    assert again is not None
    np.testing.assert_array_equal(again.pixels, expected)


def test_over_the_second_bound_a_film_is_deflated_or_refused() -> None:
    cache = FilmCache(decode, packed_limit=1000)
    cache.add("1", film(b"noise"), b"n" * 600)
    cache.add("2", film(b"flat", np.zeros((64, 48), np.uint16)), b"f" * 600)
    assert 600 < cache.memory().packed < 1000
    with pytest.raises(LimitError, match="remove some"):
        cache.add("3", film(b"more"), b"m" * 600)
    assert cache.open("3") is None
    cache.remove("1")
    cache.add("3", film(b"more"), b"m" * 600)
    assert cache.open("1") is None
    cache.clear()
    assert cache.memory() == Memory(0, cache.memory().pixels_limit, 0, 1000)


def test_a_film_that_cannot_be_packed_for_want_of_memory_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def none_left(*given: object, **more: object) -> Deflated | None:
        raise MemoryError

    cache = FilmCache(decode)
    cache.add("1", film(b"a"), b"a" * 9000)
    monkeypatch.setattr("chexview.worklist.film_cache.deflated", none_left)
    cache.shrink("1", film(b"a"))
    assert cache.memory().packed == 9000
