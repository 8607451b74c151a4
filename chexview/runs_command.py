"""``python -m chexview runs``: the stored runs, and the import of anyone's predictions."""

import argparse
from pathlib import Path
from typing import TextIO

from chexview import settings
from chexview.evaluation.importing import ScoreKind, import_predictions
from chexview.evaluation.run import list_runs
from chexview.text.escape import for_terminal


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command's own parser."""
    runs = commands.add_parser("runs", help="list validation runs, or import predictions as one")
    what = runs.add_subparsers(required=True, metavar="list | import")
    what.add_parser("list", help="the runs there are").set_defaults(run=_list)
    importing = what.add_parser("import", help="a table of predictions becomes a run")
    importing.add_argument("file", type=Path, help="CSV, TSV, parquet, or one of them zipped")
    importing.add_argument("--labels", type=Path, help="NIH's Data_Entry table, or a zip that holds it, to join")
    importing.add_argument("--name", help="the run's name (default: the file's)")
    importing.add_argument("--title", default="", help="the run's title (default: its name)")
    importing.add_argument(
        "--scores", choices=[kind.value for kind in ScoreKind], default=ScoreKind.AUTO.value, help="what the scores are"
    )
    importing.add_argument("--out", type=Path, help="folder of runs (default: in CHEXVIEW_HOME)")
    importing.set_defaults(run=_import)


def _list(arguments: argparse.Namespace, out: TextIO) -> int:
    for listing in list_runs(settings.load().runs):
        if listing.meta is None:
            out.write(f"{for_terminal(listing.name)}  {for_terminal(listing.problem)}\n")
        else:
            films = sum(counts.films for counts in listing.meta.counts.values())
            lists, when = len(listing.meta.lists), listing.meta.made.when[:10]
            named = for_terminal(f"{listing.name}  {listing.meta.title}")
            out.write(f"{named}, {lists} lists of {films:,} films, {when}\n")
    return 0


def _import(arguments: argparse.Namespace, out: TextIO) -> int:
    name = settings.name_to_store(arguments.name, arguments.file, "a run")
    labels = arguments.labels.read_bytes() if arguments.labels else None
    run, report = import_predictions(
        arguments.file.read_bytes(),
        arguments.file.name,
        (arguments.out or settings.load().home / "runs") / name,
        labels,
        arguments.labels.name if arguments.labels else "",
        ScoreKind(arguments.scores),
        arguments.title,
    )
    out.write("\n".join(report.lines(run)) + f"\nThe run {run.name} is listed on the pages Runs and Evaluate.\n")
    return 0
