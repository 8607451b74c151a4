"""The one way from films to readings: the input check, the rule for withholding, and the score.

The worklist, the command line, *Cases* and the Python API all read films here. Whatever fails becomes a sentence and costs
only its own film.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from chexview.errors import ChexviewError
from chexview.films.grey import grey
from chexview.films.radiograph import Radiograph
from chexview.model import input_check
from chexview.model.eye import Sight, eye
from chexview.model.input_check import InputCheck
from chexview.model.predictor import Predictor
from chexview.model.reading import Reading

_UNREADABLE = "The file cannot be read; export the film again."
_UNCHECKED = "The input check failed on this film; see for yourself that it is an upright frontal chest film."
_UNSCORED = "The film could not be scored; try again."
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PreparedFilm:
    """A film that was checked: ``film.withheld`` holds the reason, if there is one, and ``sight`` is its network input.

    ``sight`` is None if the network input was not made yet.
    """

    film: Radiograph
    sight: Sight | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Outcome:
    """What became of one film.

    ``film.withheld`` says why its score is given only to a user who insists, also where one did. ``reading`` is None where
    the score is withheld, where ``failure`` says why it could not be computed, and if there is no checkpoint.
    """

    film: Radiograph
    reading: Reading | None = None
    failure: str = ""

    @property
    def withheld(self) -> str | None:
        """Why there is no reading, one sentence; None if there is one, or if there is no checkpoint."""
        return (self.failure or self.film.withheld) if self.reading is None else None


class Reader:
    """Reads films with one checkpoint; safe for threads.

    Without ``predictor`` films are neither checked nor scored; without ``input_check`` only a film's own
    reason withholds its score.
    """

    def __init__(self, predictor: Predictor | None, input_check: InputCheck | None) -> None:
        self.predictor, self.input_check = predictor, input_check

    def read(self, films: Sequence[Radiograph], *, insist: bool = False, policy: str | None = None) -> list[Outcome]:
        """One outcome a film, in their order, at the operating points of ``policy`` (default: the card's own)."""
        return self.score([self.prepare(film, insist=insist) for film in films], insist=insist, policy=policy)

    def prepare(self, film: Radiograph, *, insist: bool = False) -> PreparedFilm:
        """The film with the reason to withhold its score, if there is one. A check that fails withholds.

        The reasons are, in this order: the film's own (its view, its body part, damage to its pixels), the input
        check's. Network input
        is made for films that will be scored: those without a reason and, with ``insist``, all.
        """
        if self.predictor is None:
            return PreparedFilm(film)
        if film.withheld is not None:
            return self._with_sight(film, insist)
        try:
            sight = self._sight(film)
            reason = self._checked(film, sight)
        except Exception as error:
            reason = sentence_of(error, _UNCHECKED, f"film {film.digest[:12]} was not checked")
            return self._with_sight(replace(film, withheld=reason), insist)
        return PreparedFilm(film if reason is None else replace(film, withheld=reason), sight)

    def score(
        self, prepared: Sequence[PreparedFilm], *, insist: bool = False, policy: str | None = None
    ) -> list[Outcome]:
        """One outcome a film, in their order; with ``insist`` films whose score is withheld are scored, too."""
        if self.predictor is None:
            return [Outcome(item.film) for item in prepared]
        wanted = [item for item in prepared if insist or item.film.withheld is None]
        scored = iter(self._scored(wanted, policy))
        return [next(scored) if insist or item.film.withheld is None else Outcome(item.film) for item in prepared]

    def _scored(self, prepared: Sequence[PreparedFilm], policy: str | None) -> list[Outcome]:
        """Films scored together; where they fail together, each is scored alone."""
        assert self.predictor is not None
        if not prepared:
            return []
        films = [item.film for item in prepared]
        try:
            sights = [item.sight or self._sight(item.film) for item in prepared]
            readings = self.predictor.read(films, policy, sights)
            return [Outcome(film, reading) for film, reading in zip(films, readings, strict=True)]
        except Exception as error:
            if len(films) == 1:
                event = f"film {films[0].digest[:12]} was not scored"
                return [Outcome(films[0], failure=sentence_of(error, _UNSCORED, event))]
        return [outcome for item in prepared for outcome in self._scored([item], policy)]

    def _with_sight(self, film: Radiograph, insist: bool) -> PreparedFilm:
        try:
            return PreparedFilm(film, self._sight(film) if insist else None)
        except Exception:
            return PreparedFilm(film)  # scoring it says so

    def _sight(self, film: Radiograph) -> Sight:
        assert self.predictor is not None
        return eye(grey(film), self.predictor.card.input_size)

    def _checked(self, film: Radiograph, sight: Sight) -> str | None:
        """What the input check says of the network input; of a small one it is asked about a picture of its own size."""
        if self.input_check is None:
            return None
        if len(sight.picture) < input_check.SIZE:
            sight = eye(grey(film), input_check.SIZE)
        return self.input_check.judge(sight.picture, sight.rectangle).sentence


def reader_of(predictor: Predictor | None) -> Reader:
    """The reader with the bundled input check. Raises CheckpointError if the check does not load exactly."""
    return Reader(predictor, input_check.bundled() if predictor is not None else None)


def unreadable(error: Exception) -> str:
    """The sentence on why a file gave no film."""
    return sentence_of(error, _UNREADABLE, "a film was not read")


def sentence_of(error: Exception, otherwise: str, event: str) -> str:
    """What the error says where it speaks to users; else ``otherwise``, and the log has the error's kind.

    The log never has the error's text, which may name somebody.
    """
    if isinstance(error, ChexviewError):
        return str(error)
    _log.warning("%s: %s", event, type(error).__name__)
    return otherwise
