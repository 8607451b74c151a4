"""Films to readings by callables that may fail, each film at its own risk. Whatever fails becomes a sentence."""

import logging
from collections.abc import Callable, Sequence
from typing import TypeAlias

from chexview.errors import ChexviewError
from chexview.films.radiograph import Radiograph
from chexview.model.reading import Reading

Score: TypeAlias = Callable[[list[Radiograph]], Sequence[Reading]]
"""Films to readings, in their order, as ``Predictor.read``."""
Check: TypeAlias = Callable[[Radiograph], str | None]
"""One sentence on why a film's score is to be withheld, or None."""

_UNREADABLE = "The file cannot be read; export the film again."
_UNCHECKED = "The input check failed on this film; look at it before you ask for its score."
_UNSCORED = "The film could not be scored; ask for its score to try again."
_log = logging.getLogger(__name__)


def readings(films: list[Radiograph], score: Score) -> list[Reading | str]:
    """A reading a film, in their order, or the sentence on why it has none; where films fail together, each is alone."""
    try:
        found = list(score(films))
        if len(found) != len(films):
            raise ValueError(f"{len(found)} readings of {len(films)} films")
        return [*found]
    except Exception as error:
        if len(films) == 1:
            return [unscored(films[0].digest, error)]
    return [outcome for film in films for outcome in readings([film], score)]


def objection(film: Radiograph, check: Check | None) -> str | None:
    """The film's own sentence on why its score is withheld, else the check's; a check that fails withholds."""
    if film.withheld is not None or check is None:
        return film.withheld
    try:
        return check(film)
    except Exception as error:
        return _said(error, _UNCHECKED, f"film {film.digest[:12]} was not checked")


def unscored(digest: str, error: Exception) -> str:
    """The sentence on why a film has no score."""
    return _said(error, _UNSCORED, f"film {digest[:12]} was not scored")


def unread(error: Exception) -> str:
    """The sentence on why a file gave no film."""
    return _said(error, _UNREADABLE, "a film was not read")


def _said(error: Exception, otherwise: str, event: str) -> str:
    """What the error says where it speaks to users; else the log has its kind, but not its text, which may name somebody."""
    if isinstance(error, ChexviewError):
        return str(error)
    _log.warning("%s: %s", event, type(error).__name__)
    return otherwise
