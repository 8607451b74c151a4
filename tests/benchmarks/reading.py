"""``python -m tests.benchmarks.reading``: `chexview read` on many films, beside the bare forwards of the same network.

PNG films of 1024 x 1024 pixels, each different, read by the command line; beside it the same number of bare forwards in batches,
in one process with as many threads. Both sides take turns. Memory is that of the reading process without its decoders; it should
not grow from the first quarter of the films to the last. ``CHEXVIEW_BENCHMARK_FILMS`` sets the number (2,000).
"""

import io
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil
from PIL import Image

from chexview import settings
from chexview.model.checkpoint_choice import choose_checkpoint, load_predictor
from chexview.model.predictor import BATCH
from chexview.settings import BUNDLED

FILMS = int(os.environ.get("CHEXVIEW_BENCHMARK_FILMS", "2000"))
SIDE = 1024
PARTS = 4
FIRST = 2 * BATCH
"""Films before the clock starts: batches are scored two at a time where there are two cores, and so come out in pairs."""
GOAL = 0.7
START_GOAL = 1.5


def write_films(folder: Path, count: int) -> None:
    """Writes films that differ by a little noise."""
    with Image.open(BUNDLED / "films" / "00021782_018.png") as real:
        film = np.asarray(real.convert("L").resize((SIDE, SIDE), Image.Resampling.BICUBIC)).astype(np.int16)
    for number in range(count):
        noisy = film + np.random.default_rng(number).integers(-2, 3, (SIDE, SIDE)).astype(np.int16)
        out = io.BytesIO()
        Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(out, "PNG", compress_level=1)
        (folder / f"{number:05d}.png").write_bytes(out.getvalue())


def read_seconds(paths: list[Path]) -> tuple[float, list[float]]:
    """Seconds of the command line from record ``FIRST`` to its last, and its memory in MB at each quarter of the records."""
    command = [sys.executable, "-m", "chexview", "read", "--format", "json", *map(str, paths)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        watched = psutil.Process(process.pid)
        memory, first, last = [], 0.0, 0.0
        for done, line in enumerate(process.stdout, 1):
            assert '"findings"' in line
            last = time.perf_counter()
            if done == FIRST:
                first = last
            if done % max(1, len(paths) // 4) == 0:
                memory.append(watched.memory_info().rss / 2**20)
    assert process.returncode == 0
    return last - first, memory


def forward_seconds(count: int) -> float:
    """Seconds of bare forwards of as many films."""
    own = settings.load()
    predictor = load_predictor(choose_checkpoint(own), own)
    size = predictor.card.input_size
    batch = np.random.default_rng(0).integers(0, 256, (BATCH, size, size)).astype(np.uint8)
    predictor.forward(batch)
    start = time.perf_counter()
    for _ in range(count // BATCH):
        predictor.forward(batch)
    return time.perf_counter() - start


def process_seconds(*arguments: str) -> float:
    """Seconds of one Python process."""
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    """Prints the ratios."""
    with tempfile.TemporaryDirectory() as folder:
        write_films(Path(folder), FILMS)
        paths = sorted(Path(folder).iterdir())
        each = FILMS // PARTS // BATCH * BATCH
        reading = forwards = 0.0
        growth = []
        for part in range(PARTS):
            taken, memory = read_seconds(paths[part * each : (part + 1) * each])
            reading += taken
            growth.append(memory[-1] / memory[0])
            forwards += forward_seconds(each - FIRST)
        one = [str(paths[0])]
        starts = [
            (process_seconds("-m", "chexview", "read", *one), process_seconds("-c", "import torch")) for _ in range(3)
        ]
    films = PARTS * (each - FIRST)
    print(f"{films} films of {SIDE} x {SIDE}: read in {reading:.1f} s, bare forwards {forwards:.1f} s")
    print(f"RATIO batch_reading_speed {forwards / reading:.2f} >= {GOAL}")
    print(f"RATIO batch_reading_memory {max(growth):.2f} <= 1.1")
    print(f"RATIO one_film_start {min(a for a, _ in starts) / min(b for _, b in starts):.2f} <= {START_GOAL}")


if __name__ == "__main__":
    main()
