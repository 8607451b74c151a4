"""The decoded cache: what the network's eye makes of every film at one size, as one memory-mapped array of bytes.

``films-<size>.npy`` is uint8 (films, size, size) in the order of the index, ``films-<size>.json`` names the eye's version, the
index it belongs to, and the films that could not be read. It is written once per size, in parallel, each worker straight to
its place in the file, so that memory stays flat at any size. A journal beside the unfinished file tells what is done: a
build that was killed goes on where it stopped.
"""

import hashlib
import io
import json
import os
import shutil
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from PIL import Image
from tqdm import tqdm

from chexview.atomic import write_atomically
from chexview.errors import DataError, FilmError
from chexview.films.archives import is_dicom, sequential, stream
from chexview.films.grey import grey
from chexview.films.pictures import read_picture
from chexview.model.eye import VERSION, eye
from chexview.parent_death import end_with_parent

CHUNK = 64
"""Films of one piece of work; what a kill can cost at most, for each worker (of a compressed tar: the whole archive)."""

SOFT = (256, 75, 176)
"""How the soft films came about: resized to this side, stored as JPEG of this quality, of which this side holds all there is."""


@dataclass(frozen=True, slots=True, eq=False)
class Cache:
    """``films`` is uint8 (N, size, size), memory-mapped; ``readable`` is bool (N,)."""

    films: npt.NDArray[np.uint8]
    readable: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Job:
    """One piece of work: members of a source, and the bytes of the file where each of their films goes."""

    number: int
    source: str
    members: list[str]
    rows: list[int]
    size: int
    softened: bool
    target: Path
    offset: int


def fingerprint(table: pd.DataFrame) -> str:
    """SHA-256 over the films of an index in order and where their pictures lie; a cache belongs to exactly one."""
    places = table["image"] + "\t" + table["source"] + "\t" + table["member"]
    return hashlib.sha256("\n".join(places).encode()).hexdigest()


def soften(film: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """A film (rows, columns, grey 0..1) as blurred as NIH's films are where only small copies of them are at hand."""
    side, quality, truth = SOFT
    small = Image.fromarray(np.round(film * 255).astype(np.uint8)).resize((side, side), Image.Resampling.BICUBIC)
    stored = io.BytesIO()
    small.save(stored, "JPEG", quality=quality)
    small = Image.open(stored).resize((truth, truth), Image.Resampling.LANCZOS)
    return np.asarray(small, np.float32) / np.float32(255)


def see(data: bytes, size: int, softened: bool = False) -> npt.NDArray[np.uint8]:
    """A film's bytes to network input (size, size), by the app's own reader and eye. Raises FilmError."""
    digest = hashlib.sha256(data).hexdigest()
    if is_dicom(data):
        from chexview.films.read import read  # needs pydicom, which pictures do not

        film = grey(read(data))
    else:
        film = grey(read_picture(data, digest, extra_formats=("WEBP",)))
    return eye(soften(film) if softened else film, size).picture


def _work(job: _Job) -> tuple[int, list[int]]:
    """Writes the films of a job to their places; gives its number and the rows that could not be read."""
    unreadable = []
    with job.target.open("r+b") as file:
        for row, data in zip(job.rows, stream(job.source, job.members), strict=True):
            try:
                picture = None if data is None else see(data, job.size, job.softened)
            except FilmError:
                picture = None
            if picture is None:
                unreadable.append(row)
            else:
                file.seek(job.offset + row * job.size * job.size)
                file.write(picture.tobytes())
    return job.number, unreadable


def _jobs(table: pd.DataFrame, size: int, softened: bool, target: Path, offset: int) -> list[_Job]:
    jobs: list[_Job] = []
    for source, part in table.reset_index(drop=True).sort_values("place", kind="stable").groupby("source", sort=False):
        chunk = len(part) if sequential(Path(str(source))) else CHUNK
        for start in range(0, len(part), chunk):
            piece = part.iloc[start : start + chunk]
            rows, members = piece.index.tolist(), piece["member"].tolist()
            jobs.append(_Job(len(jobs), str(source), members, rows, size, softened, target, offset))
    return jobs


def _opened(path: Path, note: Path, wanted: dict[str, Any], count: int) -> Cache | None:
    """The finished cache, or None if it is missing or belongs to another index."""
    if not (path.is_file() and note.is_file()):
        return None
    have: dict[str, Any] = json.loads(note.read_text(encoding="utf-8"))
    if {key: have.get(key) for key in wanted} != wanted:
        return None
    readable = np.ones(count, bool)
    readable[have["unreadable"]] = False
    return Cache(np.load(path, mmap_mode="r", allow_pickle=False), readable)


def _done(journal: Path, part: Path, head: str) -> dict[int, list[int]]:
    """Unreadable rows by finished job, from the journal of a build that was cut off; {} if there is none to go on with."""
    if not (journal.is_file() and part.is_file()):
        return {}
    lines = journal.read_text(encoding="utf-8").split("\n")[:-1]
    if not lines or lines[0] != head:
        return {}
    write_atomically(journal, "".join(f"{line}\n" for line in lines).encode())  # without a line cut in its middle
    return {int(number): rows for number, rows in map(json.loads, lines[1:])}


def _begin(part: Path, journal: Path, head: str, shape: tuple[int, int, int]) -> None:
    """An empty file of the cache's full size, and its journal. Raises DataError if the disk has no room for it."""
    needed, free = int(np.prod(shape)), shutil.disk_usage(part.parent).free
    if needed > free:
        raise DataError(
            f"The cache of {shape[0]} films at {shape[1]} pixels needs {needed / 1e9:.1f} GB, and the disk has "
            f"{free / 1e9:.1f} GB left; free some, or name another --out for the index."
        )
    np.lib.format.open_memmap(part, mode="w+", dtype=np.uint8, shape=shape)
    write_atomically(journal, f"{head}\n".encode())


def pool_of(workers: int | None) -> ProcessPoolExecutor:
    """Processes that end with this one; by default as many as there are cores."""
    many = min(61, workers or os.cpu_count() or 1)
    return ProcessPoolExecutor(many, mp_context=get_context("spawn"), initializer=end_with_parent)


def build(
    table: pd.DataFrame,
    folder: Path,
    size: int,
    workers: int | None = None,
    *,
    softened: bool = False,
    few: bool = True,
) -> Cache:
    """The cache of ``table`` at ``size`` in ``folder``, made where it is not there yet, with a progress bar.

    With ``softened``, the films as ``soften`` blurs them. Raises DataError if more than one film in a hundred cannot be
    read (unless ``few`` is False), or if the disk is full; what is done by then is kept and gone on with.
    """
    path = folder / f"{'softened' if softened else 'films'}-{size}.npy"
    note, part, journal = path.with_suffix(".json"), path.with_suffix(".part"), path.with_suffix(".journal")
    wanted = {"eye": VERSION, "index": fingerprint(table), "size": size}
    if (ready := _opened(path, note, wanted, len(table))) is not None:
        return ready
    head = json.dumps(wanted)
    done = _done(journal, part, head)
    if not done:
        _begin(part, journal, head, (len(table), size, size))
    offset = part.stat().st_size - len(table) * size * size
    jobs = [job for job in _jobs(table, size, softened, part, offset) if job.number not in done]
    lengths = {job.number: len(job.rows) for job in jobs}
    pool = pool_of(workers)
    try:
        with (
            tqdm(total=len(table), initial=len(table) - sum(lengths.values()), unit="film", desc=path.stem) as bar,
            journal.open("a", encoding="utf-8") as journal_file,
        ):
            for work in as_completed([pool.submit(_work, job) for job in jobs]):
                number, unreadable = work.result()
                done[number] = unreadable
                journal_file.write(json.dumps([number, unreadable]) + "\n")
                journal_file.flush()
                bar.update(lengths[number])
    except OSError as error:
        raise DataError(
            f"The cache at {size} pixels could not be written ({error.strerror}); what is done is kept: free some space and "
            "run the same command again."
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)
    lost = sorted(row for rows in done.values() for row in rows)
    if few and len(lost) > 0.01 * len(table):
        first = table["image"].iloc[lost[0]]
        part.unlink()
        journal.unlink()
        raise DataError(f"{len(lost)} films cannot be read, {first} among them; is the archive whole?")
    if part.is_file():  # else another machine on the same disk was the first to finish
        part.replace(path)
    write_atomically(note, json.dumps({**wanted, "unreadable": lost}).encode())
    journal.unlink(missing_ok=True)
    made = _opened(path, note, wanted, len(table))
    assert made is not None
    return made


def read_all(table: pd.DataFrame, size: int) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
    """The films of a table (image, source, member, place) at ``size``, in memory and for once: uint8 (N, size, size), and which
    could be read, bool (N,)."""
    with TemporaryDirectory() as folder:
        made = build(table, Path(folder), size, few=False)
        return np.array(made.films), made.readable.copy()
