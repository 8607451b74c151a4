"""An archive read in batches: rows as one process gives them, none lost or doubled; on two nodes with a worker killed."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pydicom
import pytest
import torch

from chexview import cli
from chexview.cluster import archive_reading
from chexview.cluster.archive_reading import ArchiveJob, BatchCounts, BatchReader
from chexview.errors import FilmError
from chexview.films.radiograph import Radiograph
from chexview.films.read import read
from chexview.findings import NAMES
from chexview.model import checkpoint
from chexview.model.predictor import Predictor
from chexview.worklist import batch_reading
from chexview.worklist.batch_reading import FilmFile, film_files, read_files
from chexview.worklist.reader import Reader
from tests.browser.serving import ROOT

FILM = ROOT / "tests" / "data" / "films" / "files" / "v00_small.dcm"
COUNT = 9
PATIENCE = 600
"""Seconds for Ray to start, read and stop; alone on two cores it takes less than half a minute."""


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight films that differ in one comment, and a file that is none."""
    folder = tmp_path_factory.mktemp("films")
    dataset = pydicom.dcmread(FILM)
    for place in range(COUNT - 1):
        dataset.ImageComments = f"film {place}"
        dataset.save_as(folder / f"film{place}.dcm")
    (folder / "other.png").write_bytes(b"no film")
    return folder


@pytest.fixture(scope="module")
def reader(home: Path) -> Reader:
    return Reader(Predictor(checkpoint.load(home / "checkpoints" / "random"), torch.device("cpu")), None)


@pytest.fixture
def environment(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"HOME": str(home), "CHECKPOINT": "random", "DEVICE": "cpu", "DECODERS": "1"}.items():
        monkeypatch.setenv(f"CHEXVIEW_{name}", value)


def table(out: Path) -> pd.DataFrame:
    """All rows, in order of file."""
    return pd.read_parquet(out).sort_values("file", ignore_index=True)


def expected(films: Path, reader: Reader) -> dict[str, list[float] | None]:
    """Each file's logits as one process reads it."""
    return {
        outcome.file.name: [score.logit for score in outcome.reading.findings] if outcome.reading else None
        for outcome in read_files(film_files([films]), reader, insist=True)
    }


def check(out: Path, films: Path, reader: Reader) -> None:
    """Every file has one row, and every row the logits of one process to 1e-5."""
    rows, wanted = table(out), expected(films, reader)
    assert list(rows["file"]) == sorted(wanted) and len(wanted) == COUNT
    assert rows["digest"].is_unique and not rows["digest"].isna().any()
    logits = rows[[f"logit__{name}" for name in NAMES]].to_numpy(float)
    for row, name in zip(logits, rows["file"], strict=True):
        if wanted[name] is None:
            assert np.isnan(row).all()
        else:
            np.testing.assert_allclose(row, np.array(wanted[name]), rtol=0, atol=1e-5)


def batches(films: Path, size: int) -> Iterator[list[str]]:
    names = [file.name for file in film_files([films])]
    yield from (names[start : start + size] for start in range(0, len(names), size))


@pytest.mark.usefixtures("environment")
def test_batches_give_the_rows_of_one_process(films: Path, reader: Reader, home: Path, tmp_path: Path) -> None:
    job = ArchiveJob(home / "checkpoints" / "random", "specificity_90", tmp_path, insist=True)
    for names in batches(films, 4):
        BatchReader(job, reader).read(names)
    check(tmp_path, films, reader)
    rows = table(tmp_path)
    assert rows["refused"].notna().sum() == 1
    flagged = rows.loc[rows["refused"].isna(), "flagged__Effusion"]
    assert set(flagged) <= {True, False} and len(flagged) == COUNT - 1


@pytest.mark.usefixtures("environment")
def test_a_batch_that_is_read_twice_has_its_rows_once(films: Path, reader: Reader, home: Path, tmp_path: Path) -> None:
    job = ArchiveJob(home / "checkpoints" / "random", "specificity_90", tmp_path, insist=True)
    actor = BatchReader(job, reader)  # knows no row yet
    for _ in range(2):
        for names in batches(films, 4):
            assert actor.read(names).skipped == 0
    check(tmp_path, films, reader)


@pytest.mark.usefixtures("environment")
def test_what_has_a_row_is_not_read_again(films: Path, reader: Reader, home: Path, tmp_path: Path) -> None:
    job = ArchiveJob(home / "checkpoints" / "random", "specificity_90", tmp_path, insist=True)
    first, *_ = batches(films, 4)
    assert BatchReader(job, reader).read(first) == BatchCounts(4, 0, 0)
    (torn := tmp_path / "shard=00").mkdir(exist_ok=True)
    (torn / "torn.parquet").write_bytes(b"PAR1 and no more")
    begun_anew = BatchReader(job, reader)
    (torn / "torn.parquet").unlink()
    total = BatchCounts()
    for names in batches(films, 5):
        total += begun_anew.read(names)
    assert total == BatchCounts(5, 1, 4)
    check(tmp_path, films, reader)


@pytest.mark.usefixtures("environment")
def test_a_transient_refusal_gets_no_row_until_the_file_is_read(
    films: Path, reader: Reader, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does a batch that was read whole lose a row to one that was read with less luck."""
    job = ArchiveJob(home / "checkpoints" / "random", "specificity_90", tmp_path, insist=True)
    (names,) = batches(films, COUNT)
    unlucky = (films / "film3.dcm").read_bytes()

    def busy(data: bytes) -> Radiograph:
        if data == unlucky:
            raise FilmError("Killed.", transient=True)
        return read(data)

    stale = BatchReader(job, reader)
    with monkeypatch.context() as context:
        context.setattr(batch_reading, "read", busy)
        assert BatchReader(job, reader).read(names) == BatchCounts(COUNT - 1, 1, 0, 1)
        assert len(table(tmp_path)) == COUNT - 1
    assert BatchReader(job, reader).read(names) == BatchCounts(1, 0, COUNT - 1)
    check(tmp_path, films, reader)
    with monkeypatch.context() as context:
        context.setattr(batch_reading, "read", busy)
        assert stale.read(names).transient == 1
    check(tmp_path, films, reader)


@pytest.mark.usefixtures("environment")
def test_a_checkpoint_without_operating_points_reads_with_no_threshold(
    films: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As ``read`` without ``--engine ray`` does: adopted checkpoints have probabilities at most, and flag nothing."""
    weights = checkpoint.load(home / "checkpoints" / "random")
    folder = tmp_path / "checkpoints" / "adopted"
    checkpoint.save(weights.network, replace(weights.card, operating_points={}, default_policy=""), folder)
    monkeypatch.setenv("CHEXVIEW_HOME", str(tmp_path))
    monkeypatch.setenv("CHEXVIEW_CHECKPOINT", "adopted")
    out, jobs = tmp_path / "out", []

    def in_this_process(given: list[FilmFile], job: ArchiveJob, **_: object) -> BatchCounts:
        jobs.append(job)
        return BatchReader(job).read(str(file.path) for file in given)

    monkeypatch.setattr(archive_reading, "read_archive", in_this_process)
    film = str(films / "film0.dcm")
    assert cli.main(["read", film, "--engine", "ray", "--out", str(out), "--insist"]) == 0
    (row,) = table(out).to_dict("records")
    assert [job.policy for job in jobs] == [""] and row["policy"] in ("", None)
    assert all(np.isnan(row[f"threshold__{name}"]) and row[f"flagged__{name}"] is not True for name in NAMES)
    assert not any(np.isnan(row[f"logit__{name}"]) for name in NAMES)


@pytest.mark.parametrize("extra", [[], ["--out", "x", "--policy", "none"]])
@pytest.mark.usefixtures("environment")
def test_a_wrong_call_is_one_sentence(films: Path, extra: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["read", str(films), "--engine", "ray", *extra]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed: pip install 'chexview[cluster]'")
@pytest.mark.usefixtures("environment")
def test_two_nodes_read_an_archive_though_a_worker_is_killed(films: Path, reader: Reader, tmp_path: Path) -> None:
    """Killed in the middle, then started anew after results were lost."""

    def run(*extra: str) -> dict[str, float]:
        command = [sys.executable, "-m", "tests.cluster.two_nodes", str(films), str(tmp_path), *extra]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE)
        assert done.returncode == 0, done.stderr[-3000:]
        found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
        return found

    first = run("--kill")
    assert first["killed"] and first["read"] + first["skipped"] == COUNT
    check(tmp_path, films, reader)
    lost = sorted(tmp_path.glob("shard=*/*.parquet"))[0]
    gone = len(pd.read_parquet(lost))
    lost.unlink()
    again = run()
    assert (again["read"], again["skipped"]) == (gone, COUNT - gone)
    check(tmp_path, films, reader)
