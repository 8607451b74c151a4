"""``python -m chexview read``: its arguments, and the start of a decoder while PyTorch loads."""

import argparse
import threading
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from chexview import cluster_command
from chexview.errors import ChexviewError
from chexview.exports import registry
from chexview.films import formats
from chexview.films.read import pool


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command's own parser."""
    reading = commands.add_parser("read", help="one record a film: every probability, what is flagged, what was done")
    reading.add_argument("paths", nargs="+", metavar="PATH", help=f"films ({formats.listed()}) or folders of them")
    reading.add_argument(
        "--out",
        type=Path,
        help="folder for readings (csv or json), --dicom, --pdf and --maps; a run that was killed goes on there",
    )
    dicom = ",".join(form.name for form in registry.FILM_EXPORTS if form.is_dicom)
    reading.add_argument("--dicom", metavar="FORMS", help=f"write DICOM objects of each film into --out: {dicom}")
    reading.add_argument("--pdf", action="store_true", help="write a page of each film and a summary into --out")
    reading.add_argument(
        "--sharing", action="store_true", help="write copies without the patient's identity, films included, into --out"
    )
    forms = ["table", *(export.name for export in registry.READING_EXPORTS)]
    reading.add_argument("--format", choices=forms, help="default: table on a terminal, else JSON lines")
    reading.add_argument(
        "--maps", action="store_true", help="write picture and class maps of each film as .npz into --out"
    )
    reading.add_argument("--insist", action="store_true", help="score films whose score is withheld, too")
    reading.add_argument("--checkpoint", help="name of a checkpoint (default: the bundled one)")
    reading.add_argument("--policy", help="operating points to use (default: the checkpoint's own)")
    cluster_command.add_arguments(reading)
    reading.set_defaults(run=_read)


def _read(arguments: argparse.Namespace, out: TextIO) -> int:
    if arguments.engine == "process":
        threading.Thread(target=_start_decoder, name="chexview-warm-up", daemon=True).start()
    from chexview import reading_output  # brings what reads films, and then PyTorch

    return reading_output.read(arguments, out)


def _start_decoder() -> None:
    """Starts the first decoder; where it does not start, the first film says so."""
    with suppress(ChexviewError):
        pool().warm()
