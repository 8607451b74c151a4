"""The real server, for whoever drives it: tests and benchmarks."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[2]
PATIENCE = 90_000
"""Milliseconds to wait for what must come; a busy machine with two cores is slow to draw."""


@contextmanager
def serving(
    log: Path,
    settings: Mapping[str, str],
    script: str = "app.py",
    *,
    command: Sequence[str] | None = None,
    folder: Path = ROOT,
) -> Iterator[str]:
    """The address of ``streamlit run`` of a script, by default the application's, whose output goes to ``log``.

    ``command`` is another command that starts it, to which ``--port`` is added. The server has no CHEXVIEW_ variables but
    ``settings``. Raises RuntimeError where it does not start within two minutes.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CHEXVIEW_")}
    if command is None:
        command = [sys.executable, "-m", "streamlit", "run", script, "--server.headless", "true", "--server.port"]
    else:
        command = [*command, "--port"]
    with (
        log.open("wb") as out,
        subprocess.Popen(
            [*command, str(port)], cwd=folder, env={**environment, **settings}, stdout=out, stderr=out
        ) as process,
    ):
        address = f"http://127.0.0.1:{port}"
        try:
            for _ in range(240):
                try:
                    if httpx.get(f"{address}/_stcore/health").status_code == 200:
                        break
                except httpx.TransportError:
                    time.sleep(0.5)
            else:
                raise RuntimeError(f"the server did not start:\n{log.read_text()}")
            yield address
        finally:
            process.terminate()
