"""``python -m tests.benchmarks.archive``: `chexview read --engine ray` beside one process, on the same films and the same machine.

Both begin with nothing loaded, so that with few films the start weighs. One process uses all cores already: on one machine the
cluster costs its overhead, and what it brings comes with the second machine. ``CHEXVIEW_BENCHMARK_FILMS`` sets the number (2,000).
"""

import os
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

from tests.benchmarks.reading import FILMS, write_films

GOAL = 0.5


def seconds(films: Path, *arguments: str) -> float:
    """Seconds of the command line from its start to its end."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "chexview", "read", str(films), *arguments]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ})
    return time.perf_counter() - start


def main() -> None:
    """Reads the same films in both ways, one after the other."""
    if find_spec("ray") is None:
        print("archive: Ray is not installed: pip install 'chexview[cluster]'")
        return
    with tempfile.TemporaryDirectory() as folder:
        films, out = Path(folder) / "films", Path(folder) / "out"
        films.mkdir()
        write_films(films, FILMS)
        alone = FILMS / seconds(films, "--format", "json")
        spread = FILMS / seconds(films, "--engine", "ray", "--out", str(out))
    print(
        f"archive: {FILMS} films, {alone:.2f} films/s in one process, {spread:.2f} films/s on a cluster of this machine"
    )
    print(f"RATIO archive_cluster_over_process {spread / alone:.2f} >= {GOAL}")


if __name__ == "__main__":
    main()
