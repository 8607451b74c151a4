"""What training pays for its data: the real loader against batches that lie ready in memory, and the cache's memory.

Films are made up. With the real loader a step takes its films from the memory-mapped cache (on CUDA: from the GPU), augments
them and learns; the other side learns from one batch that is there already. On CUDA, also films a second at 224 and 512
pixels, and the share of the time for which the GPU waits.
"""

import os
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import torch
from PIL import Image
from torch import Tensor, nn

from chexview.findings import NAMES
from chexview.model.network import CheXNet
from chexview.model.predictor import use_all_cores
from train import cache
from train.augment import augment
from train.dataset import Films
from train.recipe import Recipe, load
from train.training import Training

FILMS, ROUNDS = 256, 6
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")


def _index(folder: Path, count: int, side: int) -> pd.DataFrame:
    """An index of ``count`` made-up films of ``side`` x ``side`` pixels, eight pictures under many names."""
    rng = np.random.default_rng(0)
    for i in range(8):
        Image.fromarray(rng.integers(0, 256, (side, side), dtype=np.uint8)).save(folder / f"{i}.png")
    names = [f"{i:08d}_000.png" for i in range(count)]
    table = pd.DataFrame({"image": names, "patient": names, "sex": "M", "view": "PA", "age": 50, "split": "train"})
    table["source"], table["member"] = str(folder), [f"{i % 8}.png" for i in range(count)]
    table["place"] = range(count)
    table.loc[count - 32 :, "split"] = "validation"
    for name in NAMES:
        table[f"label__{name}"] = rng.integers(0, 2, count).astype(np.int8)
    return table


def _wait() -> float:
    if DEVICE.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter()


def _throughput(recipe: Recipe, folder: Path, table: pd.DataFrame) -> None:
    """Prints the ratio at the recipe's size: medians of single steps, turn by turn."""
    size, batch = recipe.input_size, recipe.stages[0].batch_size
    films = Films(table, folder, recipe)
    films.prepare_data()
    films.setup()
    if DEVICE.type == "cuda":
        films.caches[size] = replace(films.caches[size], films=torch.from_numpy(films.caches[size].films[:]).to(DEVICE))
    model = Training(CheXNet(len(NAMES)), recipe, [0.5] * len(NAMES), folder / "unused").to(DEVICE)
    model = model.to(memory_format=torch.channels_last).train()  # type: ignore[call-overload]
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=True)

    def learn(pictures: Tensor, wanted: Tensor) -> None:
        with torch.autocast(DEVICE.type, dtype=torch.bfloat16):
            loss = model.losses(pictures.to(memory_format=torch.channels_last), wanted)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()

    def batches() -> Iterator[tuple[Tensor, Tensor]]:
        while True:
            for pictures, wanted, _ in films.train_dataloader():
                yield pictures.to(DEVICE), wanted.to(DEVICE)

    real, generator = batches(), torch.Generator().manual_seed(0)
    ready = (torch.rand(batch, 1, size, size, device=DEVICE) * 255, next(real)[1])
    waits, steps, plain = [], [], []
    for turn in range(ROUNDS + 2):
        start = _wait()
        pictures, wanted = next(real)
        pictures, _ = augment(pictures, recipe.augmentation, generator)
        loaded = _wait()
        learn(pictures, wanted)
        done = _wait()
        learn(*ready)
        end = _wait()
        if turn >= 2:
            waits.append(loaded - start)
            steps.append(done - start)
            plain.append(end - done)
    step, alone = statistics.median(steps), statistics.median(plain)
    where = torch.cuda.get_device_name() if DEVICE.type == "cuda" else f"{torch.get_num_threads()} CPU threads"
    print(
        f"{size} px, batches of {batch}, bfloat16, {where}: {batch / step:.0f} films a second, "
        f"{100 * statistics.median(waits) / step:.1f} % of it spent on loading and augmenting"
    )
    print(f"RATIO training_real_vs_ready_{size} {alone / step:.3f} >= 0.9")


@contextmanager
def _peak() -> Iterator[list[float]]:
    """The largest memory, in MB, of this process and its children that no file backs, sampled 50 times a second."""
    highest, over = [0.0], threading.Event()

    def watch() -> None:
        me = psutil.Process()
        while not over.wait(0.02):
            total = 0
            for process in (me, *me.children(recursive=True)):
                try:
                    status = Path(f"/proc/{process.pid}/status").read_text()
                except OSError:
                    continue
                total += sum(int(line.split()[1]) for line in status.splitlines() if line.startswith("RssAnon"))
            highest[0] = max(highest[0], total / 1024)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield highest
    finally:
        over.set()
        watcher.join()


def _memory() -> None:
    """Prints how fast 1024 x 1024 PNGs become a cache of that size, and that four times the films need no more memory."""
    if not Path("/proc/self/status").exists():
        print("The cache's memory is measured on Linux only.")
        return
    peaks = {}
    for count in (192, 768):
        with tempfile.TemporaryDirectory() as folder:
            table = _index(Path(folder), count, 1024)
            start = time.perf_counter()
            with _peak() as highest:
                films = cache.build(table, Path(folder), 1024).films
                building = time.perf_counter() - start
                for at in range(0, count, 16):
                    np.ascontiguousarray(films[at : at + 16]).sum()
            peaks[count] = highest[0]
        print(f"cache of {count} films at 1024 px: {count / building:.0f} films a second, at most {highest[0]:.0f} MB")
    print(f"RATIO cache_memory_of_four_times_the_films {peaks[768] / peaks[192]:.2f} <= 1.1")


def main() -> None:
    """Prints the ratios and what they are made of."""
    use_all_cores()
    torch.manual_seed(0)
    plan = load("chexview")
    for size in (224, 512) if DEVICE.type == "cuda" else (128,):
        stage = replace(plan.stages[0], size=size, batch_size=128 if DEVICE.type == "cuda" else 32)
        with tempfile.TemporaryDirectory() as folder:
            table = _index(Path(folder), FILMS, 640)
            data = replace(plan.data, soften=0.0)
            _throughput(replace(plan, stages=(stage,), data=data), Path(folder), table)
    _memory()


if __name__ == "__main__":
    os.environ.setdefault("TQDM_DISABLE", "1")
    main()
