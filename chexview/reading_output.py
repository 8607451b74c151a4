"""What ``python -m chexview read`` does with its films: records to standard output, or files in a folder."""

import argparse
import io
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from chexview import cluster_command, settings
from chexview.atomic import write_atomically
from chexview.errors import UsageError
from chexview.exports import records, registry
from chexview.exports.bundle import Purpose
from chexview.films.grey import grey
from chexview.findings import title
from chexview.model.checkpoint_choice import Demand, choose_checkpoint, choose_policy, load_predictor
from chexview.model.predictor import Predictor
from chexview.text import numbers
from chexview.text.escape import for_terminal
from chexview.text.reading import chance, none_flagged
from chexview.worklist.batch_reading import FileOutcome, FilmFile, film_files, read_files
from chexview.worklist.reader import reader_of
from chexview.worklist.verdicts import VerdictFile

PROGRESS = 100
"""Films between two lines of progress where standard error is no terminal."""


def write_maps(outcome: FileOutcome, folder: Path, predictor: Predictor) -> None:
    """Writes ``<file name>.npz`` below ``folder``: picture, and where there is a reading maps, bias, logits, slope, intercept."""
    if outcome.film is None:
        return
    picture = np.floor(grey(outcome.film) * 255 + 0.5).astype(np.uint8)
    arrays: dict[str, Any] = {"picture": picture}
    if outcome.reading is not None:
        calibration = [predictor.card.calibration.get(score.name) for score in outcome.reading.findings]
        slope = np.array([c.slope if c else 1.0 for c in calibration], np.float32)
        arrays |= {
            "maps": outcome.reading.maps,
            "contributions": outcome.reading.cell_contributions / slope[:, None, None],
            "bias": predictor.bias,
            "logits": np.array([score.logit for score in outcome.reading.findings], np.float32),
            "slope": slope,
            "intercept": np.array([c.intercept if c else 0.0 for c in calibration]),
        }
    target = folder / outcome.file.below.parent / f"{outcome.file.below.name}.npz"
    target.parent.mkdir(parents=True, exist_ok=True)
    whole = io.BytesIO()
    np.savez_compressed(whole, **arrays)
    write_atomically(target, whole.getvalue())


class _Printer:
    """Prints records as they come, in one format."""

    def __init__(self, form: str, out: TextIO, findings: tuple[str, ...]) -> None:
        self.out, self.findings = out, findings
        self.export = None if form == "table" else registry.export_named(form)
        if self.export is not None:
            self.out.write(self.export.head(findings))

    def row(self, outcome: FileOutcome) -> None:
        if self.export is not None:
            self.out.write(self.export.line(records.record_of(outcome), self.findings))
        else:
            self.out.write(self._lines(outcome) + "\n")
        self.out.flush()

    @staticmethod
    def _lines(outcome: FileOutcome) -> str:
        name = for_terminal(outcome.file.name)
        if outcome.film is None:
            return f"{name}\n    refused: {outcome.refused}"
        if outcome.reading is None:
            return f"{name}\n    score withheld: {outcome.withheld} Use --insist to see it."
        lines = [name, *(f"    caution: {text}" for text in records.record_of(outcome)["cautions"])]
        for score in sorted(outcome.reading.findings, key=lambda score: -score.margin):
            mark = "flagged" if score.flagged else "" if score.calibrated else numbers.SCORE
            lines.append(f"    {title(score.name):<20} {chance(score):>11}  {mark}".rstrip())
        if not any(score.flagged for score in outcome.reading.findings):
            lines.append(f"    {none_flagged(outcome.reading)}")
        return "\n".join(lines)


def read(arguments: argparse.Namespace, out: TextIO) -> int:
    """Reads what the arguments name and prints or writes it; 1 where a file was refused. Raises UsageError for a wrong call."""
    if arguments.maps and arguments.out is None:
        raise UsageError("--maps needs --out, the folder to write to.")
    own = settings.load()
    files = list(film_files(arguments.paths))
    if arguments.engine == "ray":
        return cluster_command.read_on_cluster(arguments, own, files, out)
    predictor = load_predictor(choose_checkpoint(own, arguments.checkpoint), own, Demand.MANY_FILMS)
    policy = choose_policy(predictor.card, arguments.policy)
    if exports_to_folder(arguments):
        return _export_to_folder(arguments, files, predictor, policy, out)
    printer = _Printer(arguments.format or ("table" if out.isatty() else "json"), out, predictor.card.findings)
    refused = 0
    for outcome in _outcomes(arguments, files, predictor, policy, keep_pixels=arguments.maps):
        printer.row(outcome)
        refused += outcome.film is None
        if arguments.maps:
            write_maps(outcome, arguments.out, predictor)
    return 1 if refused else 0


def _outcomes(
    arguments: argparse.Namespace, files: Sequence[FilmFile], predictor: Predictor, policy: str, *, keep_pixels: bool
) -> Iterator[FileOutcome]:
    """One outcome a file, read as the arguments ask; a terminal shows how many are done."""
    outcomes = read_files(
        files,
        reader_of(predictor),
        policy=policy,
        insist=arguments.insist,
        workers=settings.load().decoders,
        keep_pixels=keep_pixels,
    )
    for done, outcome in enumerate(outcomes, 1):
        yield outcome
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{done} of {len(files)} films" + ("\n" if done == len(files) else ""))


def exports_to_folder(arguments: argparse.Namespace) -> bool:
    """Whether results go to files in ``--out`` and not to standard output."""
    wanted = bool(arguments.dicom or arguments.pdf or arguments.sharing)
    if wanted and arguments.out is None:
        raise UsageError("--dicom, --pdf and --sharing need --out, the folder to write to.")
    return wanted or (arguments.out is not None and not arguments.maps)


def _export_to_folder(
    arguments: argparse.Namespace, files: Sequence[FilmFile], predictor: Predictor, policy: str, out: TextIO
) -> int:
    """Reads the films that are not done yet, writes each one's files, and at last the table and a summary."""
    from chexview.exports.batch_export import (  # brings matplotlib, which takes a while
        BatchExport,
        ExportPlan,
        wanted_forms,
    )

    if arguments.format == "table":
        raise UsageError("--out writes csv or json; a table is for the terminal.")
    own = settings.load()
    plan = ExportPlan(
        table=registry.export_named(arguments.format or "json"),
        forms=wanted_forms(arguments.dicom or "", arguments.pdf, registry.FILM_EXPORTS),
        purpose=Purpose.SHARING if arguments.sharing else Purpose.RECORD,
        card=predictor.card,
        policy=policy,
        insist=arguments.insist,
    )
    export = BatchExport(arguments.out, plan, VerdictFile(own.home / "verdicts").read())
    waiting = list(export.waiting(files))
    keep_pixels = bool(plan.forms) or arguments.maps or arguments.sharing
    outcomes = _outcomes(arguments, waiting, predictor, policy, keep_pixels=keep_pixels)
    for done, outcome in enumerate(outcomes, 1):
        export.write(outcome)
        if arguments.maps:
            write_maps(outcome, arguments.out, predictor)
        if done % PROGRESS == 0 and not sys.stderr.isatty():
            sys.stderr.write(f"{done} of {len(waiting)} films\n")
    tally = export.finish()
    out.write(f"{tally.words}\n")
    return 1 if tally.refused else 0
