"""What was worked out of a film of the worklist: once, and dropped with the film."""

from collections.abc import Callable
from typing import TypeVar

from chexview.pages.state.session import session

MOST = 60
"""Results that a session keeps."""

T = TypeVar("T")


def kept(row: str, what: str, make: Callable[[], T]) -> T:
    """A result for a film of the worklist, made once and dropped with the film."""
    results: dict[tuple[str, str], T] = session().films.results
    key = (row, what)
    if key not in results:
        results[key] = make()
        while len(results) > MOST:
            del results[next(iter(results))]
    return results[key]
