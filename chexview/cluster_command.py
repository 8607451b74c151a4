"""``chexview read --engine ray``: the command's arguments to a job for a cluster, its counts to a line."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from chexview.errors import UsageError
from chexview.settings import Settings
from chexview.text.numbers import counted

if TYPE_CHECKING:
    from chexview.worklist.batch_reading import FilmFile


def add_arguments(reading: argparse.ArgumentParser) -> None:
    """What ``read`` takes beside its own arguments."""
    reading.add_argument(
        "--engine", choices=["process", "ray"], default="process", help="ray: on a cluster, to Parquet in --out"
    )
    reading.add_argument("--address", help="a Ray cluster's address (default: this machine's cores)")


def read_on_cluster(arguments: argparse.Namespace, own: Settings, files: "list[FilmFile]", out: TextIO) -> int:
    """Reads the files; 1 where one was refused. Raises UsageError for a wrong call."""
    from chexview.cluster.archive_reading import ArchiveJob, read_archive  # these bring PyTorch and Parquet
    from chexview.model import card as cards
    from chexview.model.checkpoint_choice import choose_checkpoint, choose_policy
    from chexview.worklist.batch_reading import FilmFile

    if arguments.out is None:
        raise UsageError("--engine ray needs --out, a folder that all machines of the cluster see.")
    folder = choose_checkpoint(own, arguments.checkpoint)
    card = cards.read(folder)
    policy = choose_policy(card, arguments.policy)
    job = ArchiveJob(folder.resolve(), policy, Path(arguments.out).resolve(), arguments.insist)
    absolute = [FilmFile(file.path.resolve(), file.name) for file in files]

    def on_progress(count: int) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{count} of {len(files)} films" + ("\n" if count == len(files) else ""))

    counts = read_archive(absolute, job, address=arguments.address, gpus=own.device == "cuda", on_progress=on_progress)
    out.write(f"{counts.read} films read, {counts.refused} of them refused; {counts.skipped} had a row already.\n")
    if counts.transient:
        out.write(f"{counted(counts.transient, 'file')} could not be read this time; give the same command again.\n")
    return 1 if counts.refused or counts.transient else 0
