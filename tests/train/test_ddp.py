"""Two processes, started by torchrun with gloo on the CPU, train as one."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score

from chexview.findings import NAMES
from chexview.model.network import CheXNet
from train import index

SCRIPT = """
import json, sys
from pathlib import Path
import torch
from train import __main__, dataset, training

whole = training.Training.training_step
def told(self, batch, index):
    with open(f"{sys.argv[1]}-{self.global_rank}.jsonl", "a") as file:
        file.write(json.dumps([self.current_epoch, index, batch[2].tolist()]) + "\\n")
    return whole(self, batch, index)
training.Training.training_step = told

ended = training.Training.on_train_end
def weights(self):
    torch.save(self.network.classifier.weight.detach().clone(), f"{sys.argv[1]}-{self.global_rank}.pt")
training.Training.on_train_end = weights
raise SystemExit(__main__.main(sys.argv[2:]))
"""


@pytest.fixture(scope="module")
def trained(indexed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("ddp")
    (root / "script.py").write_text(SCRIPT)
    (root / "two.toml").write_text(
        'name = "two"\nstages = [{ size = 32, epochs = 2, batch_size = 16, accumulate = 2 }]\n'
    )
    call = [
        "--threads",
        "1",
        "fit",
        "--recipe",
        str(root / "two.toml"),
        "--index",
        str(indexed),
        "--out",
        str(root / "fit"),
    ]
    runner = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "CUDA_VISIBLE_DEVICES": "",
    }
    done = subprocess.run(
        [*runner, str(root / "script.py"), str(root / "seen"), *call],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return root


def seen(root: Path, rank: int) -> list[tuple[int, int, list[int]]]:
    lines = (root / f"seen-{rank}.jsonl").read_text().splitlines()
    return [tuple(json.loads(line)) for line in lines]


def test_every_film_is_seen_once_an_epoch_in_the_same_global_batches(trained: Path, indexed: Path) -> None:
    training = np.flatnonzero((index.load(indexed)["split"] == "train").to_numpy())
    first, second = seen(trained, 0), seen(trained, 1)
    assert [step[:2] for step in first] == [step[:2] for step in second]
    for epoch in (0, 1):
        order = np.random.default_rng([2017, epoch]).permutation(training)
        films = [[*mine[2], *theirs[2]] for mine, theirs in zip(first, second, strict=True) if mine[0] == epoch]
        assert len(films) == len(training) // 16 * 2
        for step in range(len(training) // 16):
            both = films[2 * step] + films[2 * step + 1]
            assert sorted(both) == sorted(order[16 * step : 16 * step + 16].tolist())


def test_both_processes_end_with_the_same_weights(trained: Path) -> None:
    one, other = (torch.load(trained / f"seen-{rank}.pt", weights_only=True) for rank in (0, 1))
    assert torch.equal(one, other)


def test_validation_counts_every_film_once(trained: Path, indexed: Path) -> None:
    """The AUROCs and losses in the curves are those of one process over all validation films."""
    table = index.load(indexed)
    saved = torch.load(trained / "fit" / "last.ckpt", weights_only=False, map_location="cpu")["state_dict"]
    network = CheXNet(14)
    network.load_state_dict({k.removeprefix("network."): v for k, v in saved.items() if k.startswith("network.")})
    wanted = (table["split"] == "validation").to_numpy()
    films = torch.from_numpy(np.load(indexed / "films-32.npy")[wanted])[:, None]
    with torch.inference_mode():
        logits = network.eval()(films)[0].numpy()
    with (trained / "fit" / "curves.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["part"] == "validation" and row["epoch"] == "1"]
    assert [row["finding"] for row in rows] == list(NAMES)
    for k, row in enumerate(rows):
        y = table.loc[wanted, f"label__{row['finding']}"].to_numpy()
        area = roc_auc_score(y, logits[:, k]) if y.any() else np.nan
        assert float(row["auroc"]) == pytest.approx(area, abs=1e-6, nan_ok=True)
        z = logits[:, k].astype(np.float64)
        assert float(row["loss"]) == pytest.approx(np.mean(np.logaddexp(0, z) - y * z), abs=1e-5)
