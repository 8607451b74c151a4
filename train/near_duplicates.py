"""Pictures that show the same film: a perceptual hash finds who may be alike, a correlation of small copies confirms it.

The hash is that of the discrete cosine transform (Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions",
2010): the signs of the 64 lowest frequencies of a 32 x 32 copy. Chest films are alike to begin with, so that alone it would accuse
films of different patients; pairs count only where small copies correlate as well.
"""

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.fft import dctn

DISTANCE = 4
"""Bits of 64 that may differ."""

CORRELATION = 0.995
"""Of 64 x 64 copies, above which two pictures are the same film; 0.98 is reached by different films of one patient."""

_SIDE, _LOW, _BANDS = 32, 8, 5


@dataclass(frozen=True, slots=True)
class Pair:
    """Rows of two pictures that show the same film, with the bits that differ and the correlation."""

    first: int
    second: int
    bits: int
    correlation: float


def _shrunk(film: npt.NDArray[np.uint8], side: int) -> npt.NDArray[np.float32]:
    """Means of equal blocks: (side, side) from a square film whose side is a multiple."""
    block = film.shape[0] // side
    means: npt.NDArray[np.float32] = film.reshape(side, block, side, block).mean(axis=(1, 3), dtype=np.float32)
    return means


def perceptual_hash(film: npt.NDArray[np.uint8]) -> int:
    """64 bits of a square film (S, S), S a multiple of 32. By hand in four lines over scipy's transform: imagehash takes pictures
    one by one through Pillow and brings PyWavelets."""
    low = dctn(_shrunk(film, _SIDE), norm="ortho")[:_LOW, :_LOW].ravel()
    bits = low > np.median(low[1:])
    return int(np.packbits(bits).view(">u8")[0])


def doubles(films: npt.NDArray[np.uint8]) -> list[Pair]:
    """The pairs among films (N, S, S), S a multiple of 64, that show the same film, in order of their rows.

    Hashes that differ in at most ``DISTANCE`` bits agree in one of five bands of bits (Manku, Jain and Das Sarma, WWW 2007), so
    that only films sharing a band are compared.
    """
    hashes = [perceptual_hash(film) for film in films]
    buckets: dict[tuple[int, int], list[int]] = defaultdict(list)
    for row, value in enumerate(hashes):
        for band, part in enumerate(_bands(value)):
            buckets[band, part].append(row)
    near = {
        (first, second)
        for rows in buckets.values()
        for k, first in enumerate(rows)
        for second in rows[k + 1 :]
        if (hashes[first] ^ hashes[second]).bit_count() <= DISTANCE
    }
    found = []
    for first, second in sorted(near):
        correlation = _correlation(films[first], films[second])
        if correlation >= CORRELATION:
            found.append(Pair(first, second, (hashes[first] ^ hashes[second]).bit_count(), correlation))
    return found


def _bands(value: int) -> list[int]:
    """The 64 bits in five bands of 13, 13, 13, 13 and 12."""
    edges = np.linspace(0, 64, _BANDS + 1).round().astype(int).tolist()
    return [(value >> low) & ((1 << (high - low)) - 1) for low, high in pairwise(edges)]


def _correlation(one: npt.NDArray[np.uint8], other: npt.NDArray[np.uint8]) -> float:
    a, b = (_shrunk(film, 64).ravel() for film in (one, other))
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / size if size else 1.0
