"""Files to batches, batches to actors: Ray Data spreads them over machines and GPUs, and repeats what a lost worker had.

Each actor holds the network once, reads and decodes with its own decoding processes, scores as one machine does, and writes its
batch itself, so that nothing but counts comes back. The machines share the folders of films and results.
"""

import hashlib
import logging
import os
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from chexview import settings
from chexview.cluster import result_table
from chexview.errors import UsageError
from chexview.exports import records
from chexview.worklist.batch_reading import FilmFile, read_files
from chexview.worklist.reader import Reader, reader_of

BATCH = 32
"""Files of one batch, and so of one file of results."""
_CHUNK = 2**20


@dataclass(frozen=True, slots=True)
class ArchiveJob:
    """What is read with what: the checkpoint's folder, the policy, and the folder of results, which all machines see."""

    checkpoint: Path
    policy: str
    out: Path
    insist: bool = False
    batch: int = BATCH


@dataclass(frozen=True, slots=True)
class BatchCounts:
    """How many files of a batch were read, refused, and skipped because they have a row already.

    ``transient`` of the files have no row, for their refusals were transient: the next run reads them.
    """

    read: int = 0
    refused: int = 0
    skipped: int = 0
    transient: int = 0

    @property
    def files(self) -> int:
        """All files that were dealt with."""
        return self.read + self.skipped + self.transient

    def __add__(self, other: "BatchCounts") -> "BatchCounts":
        return BatchCounts(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))


class BatchReader:
    """Reads batches of files with one predictor; what has a row in the folder of results when it begins is not read again.

    It looks there by itself: an actor that takes a lost one's place knows the rows that are there by then, and nothing but the
    job is sent to it.
    """

    def __init__(self, job: ArchiveJob, reader: Reader | None = None) -> None:
        self.job, self.done = job, result_table.done(job.out)
        self.reader = reader or _loaded(job)

    def read(self, files: Iterable[str]) -> BatchCounts:
        """Reads those files that have no row yet, and writes their rows in one file; a transient refusal gets none."""
        named = list(files)
        digests = {name: _digest(Path(name)) for name in named}
        wanted = [name for name in named if result_table.key(name, digests[name]) not in self.done]
        assert self.reader.predictor is not None
        findings = self.reader.predictor.card.findings
        rows, refused, transient = [], 0, 0
        outcomes = read_files(
            [FilmFile(Path(name), name) for name in wanted],
            self.reader,
            policy=self.job.policy,
            insist=self.job.insist,
            workers=settings.load().decoders,
        )
        for outcome in outcomes:
            if outcome.transient:
                transient += 1
                continue
            digest = outcome.film.digest if outcome.film is not None else digests[outcome.file.name]
            rows.append(result_table.row(records.record_of(outcome), digest, findings))
            refused += outcome.film is None
        if rows:
            batch = [result_table.key(name, digests[name]) for name in wanted]
            result_table.write_batch(self.job.out, rows, findings, batch)
        return BatchCounts(len(rows), refused, len(named) - len(wanted), transient)

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """As Ray Data calls it: columns of a batch in, columns of counts out."""
        counts = self.read(str(name) for name in batch["file"])
        return {name: np.array([count]) for name, count in asdict(counts).items()}


def _loaded(job: ArchiveJob) -> Reader:
    import torch

    from chexview.model.checkpoint_choice import load_predictor

    predictor = load_predictor(job.checkpoint, settings.load())
    torch.set_num_threads(max(1, int(os.environ.get("OMP_NUM_THREADS") or 1)))  # Ray gives each actor its cores
    return reader_of(predictor)


def read_archive(
    files: list[FilmFile],
    job: ArchiveJob,
    *,
    address: str | None = None,
    gpus: bool = False,
    on_progress: Callable[[int], None] = lambda count: None,
) -> BatchCounts:
    """Reads files on the cluster at ``address``, or on this machine's cores where none is named; the counts of all batches.

    Raises UsageError where Ray is not installed or no cluster is there. Ray's usage reports are switched off, and it does not run
    the actors of a cluster that it starts here at niceness 15, its default: whatever else runs would starve them.
    """
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ.setdefault("RAY_worker_niceness", "0")
    try:
        import ray
        import ray.data
    except ImportError:
        raise UsageError("--engine ray needs Ray; install it with: pip install 'chexview[cluster]'") from None
    try:
        ray.init(
            address=address,
            include_dashboard=None if address else False,
            log_to_driver=False,
            logging_level=logging.ERROR,
        )
    except (ConnectionError, ValueError) as error:
        raise UsageError("There is no Ray cluster at that address; start one with: ray start --head") from error
    try:
        if not files:
            return BatchCounts()
        resources: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
        cores = max(1, int(resources.get("CPU", 1)))
        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = False
        batches = max(1, -(-len(files) // job.batch))
        data = ray.data.from_items([{"file": str(file.path)} for file in files], override_num_blocks=batches)
        count = int(resources.get("GPU", 0)) if gpus else cores
        counted = data.map_batches(
            BatchReader,
            fn_constructor_args=(job,),
            batch_size=job.batch,
            num_cpus=1,
            num_gpus=1 if gpus else 0,
            compute=ray.data.ActorPoolStrategy(size=max(1, min(count, batches))),
        )
        total = BatchCounts()
        for one in counted.iter_rows():
            total += BatchCounts(**{name: int(count) for name, count in one.items()})
            on_progress(total.files)
        return total
    finally:
        ray.shutdown()


def _digest(path: Path) -> str:
    """The SHA-256 of a file; of a name where there is no such file, which reading it says."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
    except OSError:
        digest.update(str(path).encode())
    return digest.hexdigest()
