"""Callables that fail cost only the film they fail on, and nobody's name reaches the log."""

import logging
from collections.abc import Sequence

import pytest

from chexview.errors import CheckpointError
from chexview.films.radiograph import Radiograph
from chexview.model.reading import Reading
from chexview.worklist import scoring
from tests.worklist.making import film, score

FILMS = [film(text) for text in (b"a", b"b", b"c")]


def test_where_films_fail_together_each_is_scored_alone(caplog: pytest.LogCaptureFixture) -> None:
    def picky(films: list[Radiograph]) -> list[Reading]:
        if FILMS[1] in films:
            raise ZeroDivisionError("Sentinel^Quartz")
        return score(films)

    with caplog.at_level(logging.DEBUG):
        first, second, third = scoring.readings(FILMS, picky)
    assert isinstance(first, Reading)
    assert first.film_digest == FILMS[0].digest
    assert isinstance(third, Reading)
    assert second == "The film could not be scored; ask for its score to try again."
    assert "ZeroDivisionError" in caplog.text
    assert "Sentinel" not in caplog.text


def test_a_sentence_for_users_is_handed_on() -> None:
    def never(films: list[Radiograph]) -> Sequence[Reading]:
        raise CheckpointError("The checkpoint is gone; put it back.")

    assert scoring.readings(FILMS, never) == ["The checkpoint is gone; put it back."] * 3


def test_too_few_readings_are_no_readings() -> None:
    assert all(isinstance(found, str) for found in scoring.readings(FILMS, lambda films: []))
    assert not any(isinstance(found, str) for found in scoring.readings(FILMS, lambda films: score(films[:1])))


def test_objections() -> None:
    def failing(film: Radiograph) -> str | None:
        raise ValueError("Sentinel^Quartz")

    lateral = film(b"a", withheld="This is a lateral film.")
    assert scoring.objection(lateral, failing) == "This is a lateral film."
    assert scoring.objection(FILMS[0], None) is None
    assert scoring.objection(FILMS[0], lambda film: None) is None
    assert scoring.objection(FILMS[0], lambda film: "It is no chest.") == "It is no chest."
    assert "input check failed" in (scoring.objection(FILMS[0], failing) or "")
