"""Films, files, readings and gates for worklists, all made in memory."""

import hashlib
import io
import threading
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from chexview.errors import DamagedError
from chexview.films.grey import span
from chexview.films.radiograph import Radiograph
from chexview.geometry import Rectangle
from chexview.model.card import Card
from chexview.model.eye import Sight
from chexview.model.input_check import InputKind, InputVerdict
from chexview.model.reading import FindingScore, Reading
from chexview.worklist.entries import Status, WorklistEntry
from chexview.worklist.input_files import InputFile
from chexview.worklist.queue import Worklist
from chexview.worklist.reader import Reader

SECONDS = 60.0
"""The longest a test waits for another thread."""


def film(data: bytes, pixels: npt.NDArray[np.uint16] | None = None, **more: object) -> Radiograph:
    """The film of the file ``data``: 64 x 48 pixels that depend on it, or those given."""
    digest = hashlib.sha256(data).hexdigest()
    if pixels is None:
        rng = np.random.default_rng(list(bytes.fromhex(digest)[:8]))
        pixels = rng.integers(0, 4096, (64, 48), dtype=np.uint16)
    known = {"pixels": pixels, "scale": 1.0, "offset": 0.0, "views": (span("all", 0, 4095),), "digest": digest}
    return Radiograph(**(known | more))  # type: ignore[arg-type]


def decode(data: bytes, name: str) -> Radiograph:
    """A film of any bytes but ``broken``, which are refused, and ``worse``, which end in an error nobody expects."""
    if data.startswith(b"broken"):
        raise DamagedError("The file is cut short; export the film again.")
    if data.startswith(b"worse"):
        raise OSError(5, "Sentinel^Quartz", "/home/sentinel/film.dcm")
    withheld = "This is a lateral film." if data.startswith(b"lateral") else None
    return film(data, withheld=withheld)


def reading(digest: str = "", **margins: float | None) -> Reading:
    """A reading whose findings lie so far over their thresholds; None: there is no threshold."""
    scores = tuple(
        FindingScore(name, margin or 0.0, margin or 0.0, 0.5, True, None, False, 0.0).at(
            None if margin is None else 0.0
        )
        for name, margin in margins.items()
    )
    maps = np.zeros((len(scores), 2, 2), np.float32)
    whole = Rectangle(0, 0, 1, 1)
    return Reading("c", "0", digest, "p", scores, maps, maps, np.zeros((64, 64), np.uint8), whole, (), 0.0, "cpu")


def score(films: Sequence[Radiograph]) -> list[Reading]:
    """A reading a film, all alike."""
    return [reading(film.digest, Mass=1.0, Hernia=-1.0) for film in films]


@dataclass
class FakePredictor:
    """Gives the readings of ``score``."""

    score: Callable[[list[Radiograph]], Sequence[Reading]]
    card: Card = field(default_factory=lambda: Card("c", "Fake", ("Mass", "Hernia"), 64, "0"))

    def read(
        self, films: Sequence[Radiograph], policy: str | None = None, sights: Sequence[Sight] | None = None
    ) -> Sequence[Reading]:
        """As a predictor; every film brings its network input."""
        assert sights is not None and len(sights) == len(films)
        return self.score(list(films))


@dataclass
class FakeCheck:
    """Says ``check`` of the picture, whose first level tells films apart."""

    check: Callable[[npt.NDArray[np.uint8]], str | None]

    def judge(self, picture: npt.NDArray[np.uint8], rectangle: Rectangle) -> InputVerdict:
        """As an input check."""
        return InputVerdict(InputKind.ORDINARY, self.check(picture), np.ones(1, np.float32))


def reader_of(
    score: Callable[[list[Radiograph]], Sequence[Reading]],
    check: Callable[[npt.NDArray[np.uint8]], str | None] | None = None,
) -> Reader:
    """A reader of these."""
    return Reader(FakePredictor(score), FakeCheck(check) if check else None)  # type: ignore[arg-type]


def row(id: str, status: Status = Status.READ, **more: object) -> WorklistEntry:
    """A row named as its id."""
    return WorklistEntry(**({"id": id, "name": id, "status": status} | more))  # type: ignore[arg-type]


def files(*texts: str) -> list[InputFile]:
    """A file of each text, named by it."""
    return [InputFile(f"{text}.png", text.encode()) for text in texts]


def archive(members: dict[str, bytes], packed: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of the members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packed) as made:
        for name, data in members.items():
            made.writestr(name, data)
    return out.getvalue()


@dataclass
class Gate:
    """A decoder that stops at files whose bytes begin with ``at`` until it is let go, and knows what it has read."""

    at: bytes = b"gate"
    reached: threading.Event = field(default_factory=threading.Event)
    open: threading.Event = field(default_factory=threading.Event)
    calls: list[str] = field(default_factory=list)

    def __call__(self, data: bytes, name: str) -> Radiograph:
        """The film, when the gate is open."""
        self.calls.append(name)
        if data.startswith(self.at):
            self.reached.set()
            assert self.open.wait(SECONDS)
        return decode(data, name)


def done(box: Worklist) -> tuple[WorklistEntry, ...]:
    """All films, when nothing is left to read."""
    assert box.wait(SECONDS)
    return box.snapshot()


def names(rows: tuple[WorklistEntry, ...], status: Status = Status.READ) -> list[str]:
    return [row.name.removesuffix(".png") for row in rows if row.status is status]
