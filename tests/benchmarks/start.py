"""``python -m tests.benchmarks.start``: a cold start, from ``streamlit run app.py`` to a page that takes a film, in Chromium.

Beside it stands the start of the least that Streamlit can do with an upload. Both are started in turns, with nothing loaded. The
processor's seconds are those of the server until then; PyTorch's import, without which there is no score, is among them.
"""

import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil
from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import ARGUMENTS
from tests.browser.serving import started

ROUNDS = 3
GOAL = 3.0
CHROMIUM = os.environ.get("CHEXVIEW_CHROMIUM", "/usr/bin/chromium")
SCRIPTS = {"CheXView": "app.py", "a bare Streamlit app": "tests/browser/bare_app.py"}


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds from the command to a page that takes a film, by the clock and of the server's processor time."""

    clock: float
    processor: float


def start(browser: Browser, script: str, folder: Path) -> Start:
    """Starts a server and opens its page."""
    before = time.perf_counter()
    known = {child.pid for child in psutil.Process().children()}
    with started(folder / "log", {"CHEXVIEW_HOME": str(folder)}, script) as server, browser.new_context() as context:
        page = context.new_page()
        page.goto(server.address)
        page.locator("input[type=file]").first.wait_for(state="attached", timeout=120_000)
        clock = time.perf_counter() - before
        spent = 0.0
        for child in psutil.Process().children():
            if child.pid not in known:
                times = child.cpu_times()
                spent += times.user + times.system
    return Start(clock, spent)


def main() -> None:
    """Prints both starts and their ratio."""
    starts: dict[str, list[Start]] = {name: [] for name in SCRIPTS}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for _ in range(ROUNDS):
            for name, script in SCRIPTS.items():
                with tempfile.TemporaryDirectory() as folder:
                    starts[name].append(start(browser, script, Path(folder)))
        browser.close()
    clocks = {name: median(one.clock for one in found) for name, found in starts.items()}
    for name, found in starts.items():
        spent = median(one.processor for one in found)
        print(f"  {name}: a page that takes a film after {clocks[name]:.1f} s, {spent:.1f} s of the processor")
    ours, bare = clocks.values()
    print(f"RATIO cold_start_vs_bare_streamlit {ours / bare:.2f} <= {GOAL}")


if __name__ == "__main__":
    main()
