"""The decoded cache: what the network's eye makes of every film at one size, as one memory-mapped array of bytes.

``films-<size>.npy`` is uint8 (films, size, size) in the order of the index, ``films-<size>.json`` names the eye's version, the
index it belongs to, and the films that could not be read. Written once per size, in parallel, under a temporary name.
"""

import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from tqdm import tqdm

from chexview.atomic import write_atomically
from chexview.errors import DataError, FilmError
from chexview.films.grey import grey
from chexview.films.pictures import read_picture
from chexview.model.eye import VERSION, eye

CHUNK = 64


@dataclass(frozen=True, slots=True, eq=False)
class Cache:
    """``films`` is uint8 (N, size, size), memory-mapped; ``readable`` is bool (N,)."""

    films: npt.NDArray[np.uint8]
    readable: npt.NDArray[np.bool_]


def fingerprint(table: pd.DataFrame) -> str:
    """SHA-256 over the films of an index in order and where their pictures lie; a cache belongs to exactly one."""
    places = table["image"] + "\t" + table["source"] + "\t" + table["member"]
    return hashlib.sha256("\n".join(places).encode()).hexdigest()


def _bytes(source: str, members: list[str]) -> Iterator[bytes | None]:
    """The raw bytes of ``members`` of a folder or zip; None where a member cannot be read."""
    if Path(source).is_dir():
        for member in members:
            try:
                yield (Path(source) / member).read_bytes()
            except OSError:
                yield None
        return
    with zipfile.ZipFile(source) as archive:
        for member in members:
            try:
                yield archive.read(member)
            except (KeyError, OSError, RuntimeError, zipfile.BadZipFile, zlib.error):
                yield None


def see(data: bytes, size: int) -> npt.NDArray[np.uint8]:
    """A picture's bytes to network input (size, size), by the app's own reader and eye. Raises FilmError."""
    digest = hashlib.sha256(data).hexdigest()
    return eye(grey(read_picture(data, digest, extra_formats=("WEBP",))), size).picture


def _chunk(job: tuple[str, list[str], int]) -> list[npt.NDArray[np.uint8] | None]:
    source, members, size = job
    seen: list[npt.NDArray[np.uint8] | None] = []
    for data in _bytes(source, members):
        try:
            seen.append(None if data is None else see(data, size))
        except FilmError:
            seen.append(None)
    return seen


def _jobs(table: pd.DataFrame, size: int) -> tuple[list[npt.NDArray[np.intp]], list[tuple[str, list[str], int]]]:
    rows, jobs = [], []
    for source, part in table.reset_index(drop=True).groupby("source", sort=False):
        for start in range(0, len(part), CHUNK):
            piece = part.iloc[start : start + CHUNK]
            rows.append(piece.index.to_numpy())
            jobs.append((str(source), piece["member"].tolist(), size))
    return rows, jobs


def build(table: pd.DataFrame, folder: Path, size: int, workers: int | None = None) -> Cache:
    """The cache of ``table`` at ``size`` in ``folder``, made where it is not there yet, with a progress bar.

    Raises DataError where more than one film in a hundred cannot be read.
    """
    path, note = folder / f"films-{size}.npy", folder / f"films-{size}.json"
    wanted = {"eye": VERSION, "index": fingerprint(table), "size": size}
    if path.is_file() and note.is_file():
        have: dict[str, Any] = json.loads(note.read_text(encoding="utf-8"))
        if {key: have.get(key) for key in wanted} == wanted:
            readable = np.ones(len(table), bool)
            readable[have["unreadable"]] = False
            return Cache(np.load(path, mmap_mode="r", allow_pickle=False), readable)
    temporary = path.with_suffix(f".{os.getpid()}.part")
    films = np.lib.format.open_memmap(temporary, mode="w+", dtype=np.uint8, shape=(len(table), size, size))
    readable = np.ones(len(table), bool)
    rows, jobs = _jobs(table, size)
    with (
        ProcessPoolExecutor(min(61, workers or os.cpu_count() or 1), mp_context=get_context("spawn")) as pool,
        tqdm(total=len(table), unit="film", desc=f"films at {size}") as bar,
    ):
        for places, seen in zip(rows, pool.map(_chunk, jobs), strict=True):
            for place, picture in zip(places, seen, strict=True):
                if picture is None:
                    readable[place] = False
                else:
                    films[place] = picture
            bar.update(len(places))
    if (~readable).sum() > 0.01 * len(table):
        first = table["image"].iloc[int(np.flatnonzero(~readable)[0])]
        raise DataError(f"{int((~readable).sum())} films cannot be read, {first} among them; is the archive whole?")
    films.flush()
    del films
    temporary.replace(path)
    write_atomically(note, json.dumps({**wanted, "unreadable": np.flatnonzero(~readable).tolist()}).encode())
    return Cache(np.load(path, mmap_mode="r", allow_pickle=False), readable)
