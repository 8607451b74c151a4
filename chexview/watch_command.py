"""``chexview watch``: reads what arrives in a folder until it is stopped."""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TextIO

from chexview import settings
from chexview.errors import UsageError
from chexview.exports import records, registry
from chexview.model.checkpoint_choice import Demand, choose_checkpoint, choose_policy, load_predictor
from chexview.text.escape import for_terminal
from chexview.watch_folder import FolderWatch, WatchedResults, read_settled
from chexview.worklist.batch_reading import FileOutcome, FilmFile, read_files
from chexview.worklist.reader import reader_of


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command's own parser."""
    watch = commands.add_parser("watch", help="read films as they arrive in a folder")
    watch.add_argument("folder", type=Path, metavar="DIR", help="the folder in which films arrive")
    watch.add_argument("--out", type=Path, help="folder for the results (default: beside the films)")
    forms = [export.name for export in registry.READING_EXPORTS]
    watch.add_argument("--format", choices=forms, default="json", help="a result's form (default: json)")
    watch.add_argument("--every", type=float, default=2.0, metavar="SECONDS", help="time between looks (default: 2)")
    watch.add_argument("--once", action="store_true", help="stop when all that is there has been read")
    watch.add_argument("--insist", action="store_true", help="score films whose score is withheld, too")
    watch.add_argument("--checkpoint", help="name of a checkpoint (default: the bundled one)")
    watch.add_argument("--policy", help="operating points to use (default: the checkpoint's own)")
    watch.set_defaults(run=_watch)


def record_text(export: registry.ReadingExport, findings: Sequence[str], outcome: FileOutcome, digest: str) -> str:
    """A result: one film's record, which holds the file's digest also where it was refused for what the file is."""
    name = outcome.file.path.name
    film = outcome.shown
    if film is None:
        record = records.refusal(name, outcome.refused or "") | ({"digest": digest} if digest else {})
    else:
        record = export.record(name, film, outcome.reading)
    return export.head(findings) + export.line(record, findings)


def line(outcome: FileOutcome) -> str:
    """One line on what became of a file."""
    name = for_terminal(outcome.file.name)
    if outcome.film is None:
        return f"{name}: refused. {outcome.refused}"
    if outcome.reading is None:
        return f"{name}: score withheld. {outcome.withheld}"
    flagged = sum(score.flagged for score in outcome.reading.findings)
    return f"{name}: {flagged} of {len(outcome.reading.findings)} findings flagged"


def keep_watching(
    watch: FolderWatch,
    results: WatchedResults,
    read: Callable[[Sequence[FilmFile]], Iterator[FileOutcome]],
    out: TextIO,
    *,
    every: float,
    once: bool,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Looks, reads, writes and sleeps; how many files were read when, with ``once``, nothing is left.

    A result that cannot be written, by a full disk for instance, is said and tried again at the next look.
    """
    count = 0
    while True:
        try:
            for outcome in read_settled(watch, results, read):
                count += 1
                out.write(line(outcome) + "\n")
                out.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            sys.stderr.write(f"A result cannot be written ({error.strerror}); it is tried again.\n")
        if once and not watch.is_waiting:
            return count
        sleep(every)


def _watch(arguments: argparse.Namespace, out: TextIO) -> int:
    if not arguments.folder.is_dir():
        raise UsageError(f"There is no folder {arguments.folder}.")
    if not 0.1 <= arguments.every <= 3600:
        raise UsageError("--every takes 0.1 to 3600 seconds.")
    own = settings.load()
    predictor = load_predictor(choose_checkpoint(own, arguments.checkpoint), own, Demand.MANY_FILMS)
    read = partial(
        read_files,
        reader=reader_of(predictor),
        policy=choose_policy(predictor.card, arguments.policy),
        insist=arguments.insist,
        workers=own.decoders,
    )
    export = registry.export_named(arguments.format)
    write = partial(record_text, export, predictor.card.findings)
    results = WatchedResults(arguments.folder, arguments.out, arguments.format, write)
    sys.stderr.write(f"Watching {for_terminal(str(arguments.folder))}; stop with Ctrl-C.\n")
    count = keep_watching(FolderWatch(arguments.folder), results, read, out, every=arguments.every, once=arguments.once)
    out.write(f"{count} {'file' if count == 1 else 'files'} read.\n")
    return 0
