"""The films of a session: what comes, what is refused, what is read once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from chexview.films.radiograph import Radiograph
from chexview.model import checkpoint
from chexview.model.predictor import Predictor
from chexview.model.reading import Reading
from chexview.pages import lightbox
from chexview.pages.lightbox import Lightbox, Waiting
from chexview.settings import BUNDLED

FILM = BUNDLED / "films" / "00021782_018.png"


@pytest.fixture(scope="module")
def predictor(home: Path) -> Predictor:
    return Predictor(checkpoint.load(home / "checkpoints" / "random"), torch.device("cpu"))


def waiting(name: str = "a.png") -> Waiting:
    return Waiting(name, FILM.read_bytes())


def test_refused_files_leave_the_others_unharmed(predictor: Predictor) -> None:
    box = Lightbox()
    box.bring([Waiting("notes.png", b"some text"), waiting(), Waiting("empty.dcm", b"")])
    while box.waiting:
        box.take_next(lambda film: predictor.read([film])[0])
    assert [entry.name for entry in box.entries.values()] == ["a.png"]
    assert [refused.name for refused in box.refused] == ["notes.png", "empty.dcm"]
    assert box.open is next(iter(box.entries.values()))
    assert box.open.reading is not None


def test_a_film_that_is_here_already_is_not_scored_again(predictor: Predictor) -> None:
    box, calls = Lightbox(), []

    def score(film: Radiograph) -> Reading:
        calls.append(film.digest)
        return predictor.read([film])[0]

    for name in ("a.png", "b.png"):
        box.bring([waiting(name)])
        box.take_next(score)
    assert len(box.entries) == len(calls) == 1


def test_there_is_a_bound_and_a_sentence_about_it() -> None:
    box = Lightbox(limit=1000)
    box.bring([waiting()])
    assert box.take_next(None) is None
    assert "remove some" in box.refused[0].sentence
    assert box.held == 0


def test_withheld_films_are_scored_only_when_insisted(predictor: Predictor, monkeypatch: pytest.MonkeyPatch) -> None:
    sound = lightbox.read(FILM.read_bytes())
    monkeypatch.setattr(lightbox, "read", lambda data, name: replace(sound, withheld="This is a lateral film."))
    box = Lightbox()
    box.bring([waiting()])
    entry = box.take_next(lambda film: predictor.read([film])[0])
    assert entry is not None
    assert entry.reading is None
    assert entry.held_back == "This is a lateral film."
    entry.insisted = True
    box.score(entry, lambda film: predictor.read([film])[0])
    assert entry.reading is not None
    assert entry.held_back is None


def test_cancelling_keeps_what_was_read() -> None:
    box = Lightbox()
    box.bring([waiting(), Waiting("b.png", b"x")])
    box.take_next(None)
    box.cancel()
    assert not box.waiting
    assert len(box.entries) == 1


def test_two_runs_at_once_lose_no_film_and_read_none_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit starts a new run while the old one is still between two of its calls."""
    calls: list[str] = []
    real = lightbox.read

    def counted(data: bytes, name: str) -> Radiograph:
        calls.append(name)
        return real(data, name)

    monkeypatch.setattr(lightbox, "read", counted)
    names = [path.name for path in sorted((BUNDLED / "films").glob("*.png"))]
    box = Lightbox()
    box.bring([Waiting(name, (BUNDLED / "films" / name).read_bytes()) for name in names])

    def work_off() -> None:
        while box.waiting:
            box.take_next(None)

    with ThreadPoolExecutor(3) as pool:
        for future in [pool.submit(work_off) for _ in range(3)]:
            future.result()
    assert [entry.name for entry in box.entries.values()] == calls == names
