"""How far the reading of films that came together is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """Files done of those that came together, and the seconds the rest will take, None if that is not known yet."""

    done: int
    total: int
    seconds_left: float | None

    @property
    def share(self) -> float:
        """The part that is done, 0 to 1."""
        return self.done / self.total if self.total else 1.0


def progress(done: int, total: int, seconds: float) -> Progress:
    """How far it is after ``seconds``; what is left takes as long a file as what was done."""
    return Progress(done, total, seconds / done * (total - done) if done else None)
