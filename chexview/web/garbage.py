"""When Python looks for garbage in cycles: by the clock, and never among what the server keeps for good.

Streamlit looks through every object of the process after each run of a page, fragments that ask for news included. PyTorch,
pandas and Plotly alone bring half a million of them: half a second in which no session runs. ``runner.postScriptGC`` in
``.streamlit/config.toml`` turns that off; this takes its place.
"""

import gc
import threading

SECONDS = 15.0
"""Between two collections; cycles that hold films, as a traceback's frames do, live so long at most."""


def keep_for_good() -> None:
    """Exempts everything that is in memory now from later collections; called once, when the server has its imports."""
    gc.collect()
    gc.freeze()


def collect_by_the_clock(seconds: float = SECONDS) -> "GarbageClock":
    """Collects in a thread of its own, which never keeps the process alive."""
    clock = GarbageClock(seconds)
    clock.start()
    return clock


class GarbageClock(threading.Thread):
    """Collects every ``seconds`` until it is stopped."""

    def __init__(self, seconds: float) -> None:
        super().__init__(name="chexview-garbage", daemon=True)
        self._seconds = seconds
        self._stopped = threading.Event()

    def run(self) -> None:
        """Waits and collects in turn."""
        while not self._stopped.wait(self._seconds):
            gc.collect()

    def stop(self) -> None:
        """Ends the thread."""
        self._stopped.set()
        self.join()
