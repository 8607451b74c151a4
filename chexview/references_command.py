"""``python -m chexview references``: the reference standards there are, and the import of one's own readers' answers."""

import argparse
from pathlib import Path
from typing import TextIO

from chexview import settings
from chexview.errors import ReferenceStandardError, UsageError
from chexview.evaluation.reference_importing import import_reference
from chexview.evaluation.references import list_references, load_reference
from chexview.text.escape import for_terminal


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command's own parser."""
    references = commands.add_parser("references", help="list reference standards, or import readers' answers as one")
    what = references.add_subparsers(required=True, metavar="list | import")
    what.add_parser("list", help="the reference standards there are").set_defaults(run=_list)
    importing = what.add_parser("import", help="a table of image, reader, finding, answer becomes a reference standard")
    importing.add_argument("file", type=Path, help="CSV, TSV, Excel sheet or parquet, or one of them zipped")
    importing.add_argument("--name", help="its name (default: the file's)")
    importing.add_argument("--title", default="", help="its title (default: its name)")
    importing.add_argument("--out", type=Path, help="folder of reference standards (default: in CHEXVIEW_HOME)")
    importing.set_defaults(run=_import)


def _list(arguments: argparse.Namespace, out: TextIO) -> int:
    for listing in list_references(settings.load().references):
        if listing.meta is None:
            out.write(f"{for_terminal(listing.name)}  {for_terminal(listing.problem)}\n")
            continue
        try:
            films = len(load_reference(listing.folder).table)
        except ReferenceStandardError as error:
            out.write(f"{for_terminal(listing.name)}  {for_terminal(str(error))}\n")
            continue
        findings = ", ".join(listing.meta.judges)
        out.write(for_terminal(f"{listing.name}  {listing.meta.title}, {films:,} films: {findings}") + "\n")
    return 0


def _import(arguments: argparse.Namespace, out: TextIO) -> int:
    name = settings.name_to_store(arguments.name, arguments.file, "a reference standard")
    try:
        data = arguments.file.read_bytes()
    except OSError as error:
        raise UsageError(f"{arguments.file.name} cannot be read ({error.strerror}).") from error
    folder = (arguments.out or settings.load().home / "references") / name
    reference = import_reference(data, arguments.file.name, folder, arguments.title)
    films, answers = len(reference.table), len(reference.answers)
    out.write(
        for_terminal(f"{films:,} films, {answers:,} answers; it judges {', '.join(reference.meta.judges)}.") + "\n"
    )
    return 0
