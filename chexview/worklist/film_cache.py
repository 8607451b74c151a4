"""The films of a worklist in memory: all of them packed, as many as there is room for decoded.

A film is packed as the file it came in, or as its deflated pixels where those are smaller.
"""

import threading
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from chexview.errors import LimitError
from chexview.films.radiograph import Radiograph
from chexview.worklist.entries import facts

PIXELS_BYTES = 512 * 2**20
"""Decoded pixels held; about 14 films of 43 x 43 cm at 0.1 mm, or 250 of NIH's."""
PACKED_BYTES = 2**30
"""Packed films held; about 60 films of 43 x 43 cm at 0.1 mm, or 2,500 of NIH's."""

Decode: TypeAlias = Callable[[bytes, str], Radiograph]
"""Bytes and a name to a film, as :func:`chexview.films.read.read`."""

_CHUNK = 2**20


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes held now and at most: of decoded pixels, of packed films, and of files that wait."""

    pixels: int
    pixels_limit: int
    packed: int
    packed_limit: int
    waiting: int = 0
    waiting_limit: int = 0

    @property
    def held(self) -> int:
        """Bytes held now, of every kind."""
        return self.pixels + self.packed + self.waiting


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Original:
    """A film as the file it came in."""

    data: bytes


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Deflated:
    """A film as its facts and its deflated pixels, padding after them, eight to a byte."""

    data: bytes
    about: Radiograph
    rows: int
    columns: int
    padded: bool


Packed: TypeAlias = Original | Deflated


ROOMY = 0.25
"""Below this share of the bound films are kept as they came: packing takes longer than reading."""


class FilmCache:
    """Films by id, within two bounds. Safe for threads; what takes time is done outside the lock."""

    def __init__(self, decode: Decode, pixels_limit: int = PIXELS_BYTES, packed_limit: int = PACKED_BYTES) -> None:
        self._decode = decode
        self._pixels_limit, self._packed_limit = pixels_limit, packed_limit
        self._lock = threading.Lock()
        self._packed: dict[str, Packed] = {}
        self._decoded: dict[str, Radiograph] = {}
        self._opened: dict[str, int] = {}
        self._clock = 0

    def add(self, id: str, film: Radiograph, data: bytes) -> None:
        """Keeps the film that ``data`` gave. Raises LimitError, and keeps nothing, if there is no room."""
        packed: Packed = Original(data)
        with self._lock:
            fits = self._packed_bytes() + len(data) <= self._packed_limit
        if not fits:
            packed = deflated(film, below=len(data)) or packed
        with self._lock:
            if self._packed_bytes() + len(packed.data) > self._packed_limit:
                raise LimitError(
                    f"There is room for {self._packed_limit // 2**20} MB of compressed films at once; remove some, "
                    "then open it again."
                )
            self._packed[id] = packed
            self._keep(id, film)

    def shrink(self, id: str, film: Radiograph) -> None:
        """Packs the film anew where its pixels deflate to less than its file and there is memory to do so."""
        with self._lock:
            packed = self._packed.get(id)
            roomy = self._packed_bytes() < ROOMY * self._packed_limit
        if roomy or not isinstance(packed, Original):
            return
        try:
            smaller = deflated(film, below=len(packed.data))
        except MemoryError:
            return
        with self._lock:
            if smaller is not None and self._packed.get(id) is packed:
                self._packed[id] = smaller

    def open(self, id: str) -> Radiograph | None:
        """The film, decoded again where it was let go; None if it is not here. Counts as opening it.

        Raises a FilmError where decoding it again fails.
        """
        with self._lock:
            film, packed = self._decoded.get(id), self._packed.get(id)
            if film is not None:
                self._touch(id)
                return film
        if packed is None:
            return None
        film = self._restored(packed)
        with self._lock:
            if id in self._packed:
                self._touch(id)
                self._keep(id, film)
        return film

    def remove(self, id: str) -> None:
        """Lets go of a film."""
        with self._lock:
            for kept in (self._packed, self._decoded, self._opened):
                kept.pop(id, None)

    def clear(self) -> None:
        """Lets go of all films."""
        with self._lock:
            for kept in (self._packed, self._decoded, self._opened):
                kept.clear()

    def drop_pixels(self) -> None:
        """Lets go of all decoded pixels; the packed films stay."""
        with self._lock:
            self._decoded.clear()

    def memory(self) -> Memory:
        """Bytes held now, and the bounds."""
        with self._lock:
            return Memory(self._pixels_bytes(), self._pixels_limit, self._packed_bytes(), self._packed_limit)

    def _restored(self, packed: Packed) -> Radiograph:
        return self._decode(packed.data, "") if isinstance(packed, Original) else inflated(packed)

    def _touch(self, id: str) -> None:
        self._clock += 1
        self._opened[id] = self._clock

    def _keep(self, id: str, film: Radiograph) -> None:
        """Keeps the film decoded; beyond the bound those go first that were never opened, then the longest unopened.

        By hand, as a plain LRU cache would let films that are read in the background push out the one that is looked at.
        """
        self._decoded.pop(id, None)
        self._decoded[id] = film
        held = self._pixels_bytes()
        while held > self._pixels_limit:
            longest = min(self._decoded, key=lambda other: self._opened.get(other, 0))
            held -= size(self._decoded.pop(longest))

    def _pixels_bytes(self) -> int:
        return sum(size(film) for film in self._decoded.values())

    def _packed_bytes(self) -> int:
        return sum(len(packed.data) for packed in self._packed.values())


def size(film: Radiograph) -> int:
    """Bytes of a film's pixels and padding."""
    return film.pixels.nbytes + (film.padding.nbytes if film.padding is not None else 0)


def deflated(film: Radiograph, below: int) -> Deflated | None:
    """The film packed by zlib at level 1; None as soon as that takes ``below`` bytes or more."""
    parts = [np.ascontiguousarray(film.pixels).view(np.uint8).reshape(-1)]
    if film.padding is not None:
        parts.append(np.packbits(film.padding))
    packer, packed, length = zlib.compressobj(1), [], 0
    for part in parts:
        for start in range(0, part.size, _CHUNK):
            packed.append(packer.compress(part[start : start + _CHUNK].data))
            length += len(packed[-1])
            if length >= below:
                return None
    packed.append(packer.flush())
    if length + len(packed[-1]) >= below:
        return None
    rows, columns = film.pixels.shape
    return Deflated(b"".join(packed), facts(film), rows, columns, film.padding is not None)


def inflated(packed: Deflated) -> Radiograph:
    """The film that was packed, bit for bit."""
    count = packed.rows * packed.columns
    data = zlib.decompress(packed.data, bufsize=2 * count)
    pixels = np.frombuffer(data, np.uint16, count).reshape(packed.rows, packed.columns)
    if not packed.padded:
        return replace(packed.about, pixels=pixels)
    padding = np.unpackbits(np.frombuffer(data, np.uint8, offset=2 * count), count=count).astype(np.bool_)
    return replace(packed.about, pixels=pixels, padding=padding.reshape(packed.rows, packed.columns))
