"""An import that runs beside the page, so that it can be cancelled while its table is read. No Streamlit."""

import threading
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ImportAnswer:
    """What came of an import or a deletion, and the run that it made."""

    sentence: str = ""
    good: bool = True
    run: str = ""


class ImportJob:
    """Work in a thread of its own; the work gets an event that is set where nobody wants its result any more."""

    def __init__(self, name: str, work: Callable[[threading.Event], ImportAnswer]) -> None:
        """Starts at once; ``name`` is what is imported."""
        self.name = name
        self.answer = ImportAnswer(f"The import of {name} failed; the log says why.", good=False)
        self._cancelled = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(work,), name="import", daemon=True)
        self._thread.start()

    def _run(self, work: Callable[[threading.Event], ImportAnswer]) -> None:
        self.answer = work(self._cancelled)

    def cancel(self) -> None:
        """Ends the reading of the table; a run that is being written already is finished."""
        self._cancelled.set()

    def wait(self, seconds: float) -> bool:
        """Waits so long at most; whether it is done."""
        self._thread.join(seconds)
        return not self._thread.is_alive()
