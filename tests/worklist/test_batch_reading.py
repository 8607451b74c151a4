"""Files come out in their order, batches are scored side by side, and few films are in hand at once."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from chexview.errors import DamagedError, FilmError
from chexview.films.radiograph import Radiograph
from chexview.model.predictor import BATCH
from chexview.worklist import batch_reading
from chexview.worklist.batch_reading import AHEAD, FilmFile, film_files, read_files
from chexview.worklist.reader import Outcome, PreparedFilm


@dataclass
class SlowReader:
    """A reader whose batches wait for each other, ``at_once`` of them, and which counts the films it was asked to prepare."""

    at_once: int
    prepared: int = 0
    most: int = 0
    scoring: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.predictor = SimpleNamespace(at_once=self.at_once)
        self.together = threading.Barrier(self.at_once)

    def prepare(self, film: Radiograph, *, insist: bool = False) -> PreparedFilm:
        with self.lock:
            self.prepared += 1
        return PreparedFilm(film)

    def score(self, prepared: Sequence[PreparedFilm], **_: Any) -> list[Outcome]:
        with self.lock:
            self.scoring += 1
            self.most = max(self.most, self.scoring)
        self.together.wait(30)
        with self.lock:
            self.scoring -= 1
        return [Outcome(item.film) for item in prepared]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[FilmFile]:
    """Six batches of small films, the last of each batch no film."""
    folder = tmp_path_factory.mktemp("films")
    ramp = np.arange(64 * 64, dtype=np.uint8).reshape(64, 64)
    for number in range(6 * BATCH):
        path = folder / f"{number:03d}.png"
        if number % BATCH == BATCH - 1:
            path.write_bytes(b"no film")
        else:
            Image.fromarray(ramp + np.uint8(number)).save(path)
    return list(film_files([folder]))


def read(files: list[FilmFile], reader: SlowReader) -> Iterator[Any]:
    return read_files(files, reader)  # type: ignore[arg-type]


@pytest.mark.parametrize("at_once", [1, 2, 3])
def test_batches_are_scored_side_by_side_and_come_out_in_order(files: list[FilmFile], at_once: int) -> None:
    reader = SlowReader(at_once)
    outcomes = list(read(files, reader))
    assert [outcome.file for outcome in outcomes] == files
    refused = [outcome.refused is not None for outcome in outcomes]
    assert refused == [number % BATCH == BATCH - 1 for number in range(len(files))]
    digests = [outcome.film.digest for outcome in outcomes if outcome.film is not None]
    assert len(set(digests)) == len(digests)
    assert reader.most == at_once


def test_few_films_are_in_hand_at_once(files: list[FilmFile]) -> None:
    many = [FilmFile(Path(file.path), str(number)) for number in range(20) for file in files[:7]]
    reader = SlowReader(2)
    outcomes = read(many, reader)
    for taken, _ in enumerate(islice(outcomes, 4 * BATCH), 1):
        assert reader.prepared <= taken + 3 * BATCH + AHEAD
    outcomes.close()  # type: ignore[attr-defined]
    assert reader.prepared < len(many) / 2


def test_only_what_is_no_property_of_the_file_is_a_transient_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that cannot be opened, and a film whose decoder was killed; not a damaged one."""

    def read_or_not(data: bytes) -> Radiograph:
        raise FilmError("Killed.", transient=True) if data == b"killed" else DamagedError("Cut short.")

    monkeypatch.setattr(batch_reading, "read", read_or_not)
    for name in ("killed", "damaged"):
        (tmp_path / name).write_bytes(name.encode())
    given = [FilmFile(tmp_path / name, name) for name in ("killed", "damaged", "gone")]
    outcomes = list(read_files(given, SlowReader(1)))  # type: ignore[arg-type]
    assert [(outcome.file.name, outcome.transient) for outcome in outcomes] == [
        ("killed", True),
        ("damaged", False),
        ("gone", True),
    ]
