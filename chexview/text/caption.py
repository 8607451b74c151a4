"""The caption over a saved figure: what it shows, of which run, finding and list, and on how many films."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FigureCaption:
    """``title`` says what is shown; each of ``lines`` says of what: run, list, counts."""

    title: str
    lines: tuple[str, ...] = ()
