"""The real server, for whoever drives it: tests and benchmarks."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[2]
PATIENCE = 180_000
"""Milliseconds to wait for what must come; a busy machine with two cores is slow to draw."""


def free_port() -> int:
    """A port of this machine that nobody uses now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def serving(
    log: Path,
    settings: Mapping[str, str],
    script: str = "app.py",
    *,
    command: Sequence[str] | None = None,
    folder: Path = ROOT,
) -> Iterator[str]:
    """The address of :func:`started`, with the same arguments."""
    with started(log, settings, script, command=command, folder=folder) as server:
        yield server.address


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs: its address, and how to end it as a power cut would."""

    address: str
    kill: Callable[[], None]


@contextmanager
def started(
    log: Path,
    settings: Mapping[str, str],
    script: str = "app.py",
    *,
    command: Sequence[str] | None = None,
    folder: Path = ROOT,
    port: int = 0,
) -> Iterator[Server]:
    """The address of ``streamlit run`` of a script, by default the application's, whose output goes to ``log``.

    ``command`` is another command that starts it, to which ``--port`` is added. The server has no CHEXVIEW_ variables but
    ``settings``. Raises RuntimeError where it does not start within five minutes.
    """
    port = port or free_port()
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
            for _ in range(600):
                try:
                    if httpx.get(f"{address}/_stcore/health").status_code == 200:
                        break
                except httpx.TransportError:
                    time.sleep(0.5)
            else:
                raise RuntimeError(f"the server did not start:\n{log.read_text()}")
            yield Server(address, process.kill)
        finally:
            process.terminate()
