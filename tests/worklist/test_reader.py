"""One way from films to readings: what fails costs only its own film, and the reasons to withhold come in one order."""

import logging
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from chexview.errors import CheckpointError
from chexview.films.radiograph import Radiograph
from chexview.model.eye import Sight
from chexview.model.input_check import SIZE
from chexview.model.reading import Reading
from chexview.worklist.reader import Reader
from tests.worklist.making import FakeCheck, FakePredictor, film, reader_of, score

FILMS = [film(text) for text in (b"a", b"b", b"c")]


def test_where_films_fail_together_each_is_scored_alone(caplog: pytest.LogCaptureFixture) -> None:
    def picky(films: list[Radiograph]) -> list[Reading]:
        if FILMS[1] in films:
            raise ZeroDivisionError("Sentinel^Quartz")
        return score(films)

    with caplog.at_level(logging.DEBUG):
        first, second, third = reader_of(picky).read(FILMS)
    assert first.reading is not None and first.reading.film_digest == FILMS[0].digest
    assert third.reading is not None and third.withheld is None
    assert second.withheld == second.failure == "The film could not be scored; try again."
    assert "ZeroDivisionError" in caplog.text
    assert "Sentinel" not in caplog.text


def test_a_sentence_for_users_is_handed_on() -> None:
    def never(films: list[Radiograph]) -> Sequence[Reading]:
        raise CheckpointError("The checkpoint is gone; put it back.")

    assert [item.failure for item in reader_of(never).read(FILMS)] == ["The checkpoint is gone; put it back."] * 3


def test_too_few_readings_are_no_readings() -> None:
    assert all(item.failure and item.reading is None for item in reader_of(lambda films: []).read(FILMS))
    assert all(item.reading for item in reader_of(lambda films: score(films[:1])).read(FILMS))


def test_the_reasons_to_withhold_come_in_one_order() -> None:
    def failing(picture: npt.NDArray[np.uint8]) -> str | None:
        raise ValueError("Sentinel^Quartz")

    lateral = film(b"a", withheld="This is a lateral film.")

    def reason(one: Radiograph, check: object) -> str | None:
        return reader_of(score, check).prepare(one).film.withheld  # type: ignore[arg-type]

    assert reason(lateral, failing) == "This is a lateral film."
    assert reason(FILMS[0], None) is None
    assert reason(FILMS[0], lambda picture: None) is None
    assert reason(FILMS[0], lambda picture: "It is no chest.") == "It is no chest."
    assert "input check failed" in (reason(FILMS[0], failing) or "")


def test_a_withheld_film_is_scored_only_for_who_insists() -> None:
    reads = reader_of(score, lambda picture: "It is no chest.")
    (outcome,) = reads.read(FILMS[:1])
    assert (outcome.reading, outcome.withheld) == (None, "It is no chest.")
    (outcome,) = reads.read(FILMS[:1], insist=True)
    assert outcome.reading is not None and outcome.withheld is None
    assert outcome.film.withheld == "It is no chest."


@pytest.mark.parametrize(("size", "made"), [(320, 1), (64, 2)])
def test_check_and_network_share_one_picture(monkeypatch: pytest.MonkeyPatch, size: int, made: int) -> None:
    """A network whose input is too small for the check is the exception."""
    from chexview.worklist import reader

    sights: list[Sight] = []
    judged: list[npt.NDArray[np.uint8]] = []
    real = reader.eye
    monkeypatch.setattr(reader, "eye", lambda grey, size: sights.append(real(grey, size)) or sights[-1])
    predictor = FakePredictor(score)
    predictor.card = predictor.card.__class__("c", "Fake", ("Mass", "Hernia"), size, "0")
    check = FakeCheck(lambda picture: judged.append(picture))  # type: ignore[func-returns-value]
    Reader(predictor, check).read(FILMS[:1])  # type: ignore[arg-type]
    assert len(sights) == made
    assert judged[0] is sights[-1].picture and len(judged[0]) == max(size, SIZE)


def test_without_a_predictor_films_come_back_as_they_are() -> None:
    (outcome,) = Reader(None, None).read(FILMS[:1], insist=True)
    assert outcome.film is FILMS[0] and outcome.reading is None and outcome.withheld is None
