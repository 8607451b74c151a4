"""The command line of ``python -m chexview``."""

import argparse
import csv
import io
import json
import logging
import os
import re
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from chexview import app_command, runs_command, settings
from chexview.atomic import write_atomically
from chexview.errors import CheckpointError, ChexviewError, FilmError, UsageError
from chexview.exports import records
from chexview.films.grey import grey
from chexview.films.limits import check_file_bytes
from chexview.films.radiograph import Radiograph
from chexview.films.read import read
from chexview.findings import title
from chexview.model import card as cards
from chexview.model import checkpoint
from chexview.model.adopt import adopt
from chexview.model.input_check import objection
from chexview.model.layouts import LAYOUTS
from chexview.model.predictor import BATCH, Predictor, choose_device, use_all_cores
from chexview.model.reading import Reading

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""What a checkpoint may be called: it becomes a folder."""


@dataclass(frozen=True, slots=True)
class Given:
    """A file as the user named it, and where its outputs lie below the output folder."""

    path: Path
    name: str

    @property
    def below(self) -> Path:
        """The path as given, without root and with ``__`` for steps upwards, so that outputs stay in their folder."""
        path = Path(self.name)
        return Path(*("__" if part == ".." else part for part in path.parts if part != path.anchor))


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What became of one file: a refusal, or a film with or without a reading."""

    given: Given
    refused: str | None = None
    film: Radiograph | None = None
    reading: Reading | None = None


def given_files(paths: Iterable[str]) -> Iterator[Given]:
    """Every file named, folders walked in order of name. Raises UsageError for a path that is not there."""
    for name in paths:
        path = Path(name)
        if path.is_dir():
            for item in sorted(path.rglob("*")):
                if item.is_file() and not item.name.startswith("."):
                    yield Given(item, str(item))
        elif path.is_file():
            yield Given(path, name)
        else:
            raise UsageError(f"There is no file or folder {name}.")


def _open(given: Given) -> Outcome:
    try:
        check_file_bytes(given.path.stat().st_size)
        film = read(given.path.read_bytes())
        return Outcome(given, film=replace(film, withheld=objection(film)))
    except FilmError as error:
        return Outcome(given, refused=str(error))
    except OSError as error:
        return Outcome(given, refused=f"The file cannot be opened ({error.strerror}).")


def outcomes(
    files: Iterable[Given], predictor: Predictor, policy: str, insist: bool, workers: int
) -> Iterator[Outcome]:
    """Reads ``files`` in order, several decoded at once and several films in one forward."""
    remaining = iter(files)
    with ThreadPoolExecutor(workers) as pool:
        while batch := list(islice(remaining, BATCH)):
            opened = list(pool.map(_open, batch))
            scored = [o.film for o in opened if o.film is not None and (insist or o.film.withheld is None)]
            readings = iter(predictor.read(scored, policy))
            for outcome in opened:
                film = outcome.film
                if film is not None and (insist or film.withheld is None):
                    yield Outcome(outcome.given, film=film, reading=next(readings))
                else:
                    yield outcome


def told_of(outcome: Outcome) -> dict[str, Any]:
    """What became of one file, as plain data."""
    if outcome.film is None:
        return records.refusal(outcome.given.name, outcome.refused or "")
    return records.record(outcome.given.name, outcome.film, outcome.reading)


def write_maps(outcome: Outcome, folder: Path, predictor: Predictor) -> None:
    """Writes ``<file name>.npz`` below ``folder``: picture, and where there is a reading maps, bias, logits, slope, intercept."""
    if outcome.film is None:
        return
    picture = np.floor(grey(outcome.film) * 255 + 0.5).astype(np.uint8)
    arrays: dict[str, Any] = {"picture": picture}
    if outcome.reading is not None:
        calibration = [predictor.card.calibration.get(score.name) for score in outcome.reading.findings]
        arrays |= {
            "maps": outcome.reading.maps,
            "bias": predictor.bias,
            "logits": np.array([score.logit for score in outcome.reading.findings], np.float32),
            "slope": np.array([c.slope if c else 1.0 for c in calibration]),
            "intercept": np.array([c.intercept if c else 0.0 for c in calibration]),
        }
    target = folder / outcome.given.below.parent / f"{outcome.given.below.name}.npz"
    target.parent.mkdir(parents=True, exist_ok=True)
    whole = io.BytesIO()
    np.savez_compressed(whole, **arrays)
    write_atomically(target, whole.getvalue())


class _Printer:
    """Prints records as they come, in one format."""

    def __init__(self, form: str, out: TextIO, findings: tuple[str, ...]) -> None:
        self.form, self.out, self.findings = form, out, findings
        self.writer = csv.writer(out, lineterminator="\n")
        if form == "csv":
            self.writer.writerow(records.columns(findings))

    def row(self, outcome: Outcome) -> None:
        if self.form == "json":
            self.out.write(json.dumps(told_of(outcome), allow_nan=False) + "\n")
        elif self.form == "csv":
            self.writer.writerow(records.cells(told_of(outcome), self.findings))
        else:
            self.out.write(self._lines(outcome) + "\n")
        self.out.flush()

    @staticmethod
    def _lines(outcome: Outcome) -> str:
        name = outcome.given.name
        if outcome.film is None:
            return f"{name}\n    refused: {outcome.refused}"
        if outcome.reading is None:
            return f"{name}\n    score withheld: {outcome.film.withheld} Use --insist to see it."
        lines = [name, *(f"    caution: {text}" for text in told_of(outcome)["cautions"])]
        for score in sorted(outcome.reading.findings, key=lambda score: -score.margin):
            mark = "flagged" if score.flagged else "" if score.calibrated else "uncalibrated score"
            chance = f"{score.probability:.1%}" if score.probability >= 0.001 else "<0.1%"
            lines.append(f"    {title(score.name):<20} {chance:>7}  {mark}".rstrip())
        assessed = sum(score.threshold is not None for score in outcome.reading.findings)
        if not any(score.flagged for score in outcome.reading.findings):
            lines.append(f"    no finding over its threshold among the {assessed} assessed")
        return "\n".join(lines)


def _predictor(name: str | None, own: settings.Settings) -> Predictor:
    found = checkpoint.find(own.checkpoints)
    wanted = name or own.checkpoint or next(iter(found), None)
    if wanted is None:
        raise CheckpointError("There is no checkpoint; put one into the folder checkpoints of CHEXVIEW_HOME.")
    if wanted not in found:
        raise UsageError(f"There is no checkpoint {wanted}; there are {', '.join(found) or 'none'}.")
    use_all_cores()
    return Predictor(checkpoint.load(found[wanted]), choose_device(own.device), own.half)


def _read(arguments: argparse.Namespace, out: TextIO) -> int:
    if arguments.maps and arguments.out is None:
        raise UsageError("--maps needs --out, the folder to write to.")
    own = settings.load()
    files = list(given_files(arguments.paths))
    predictor = _predictor(arguments.checkpoint, own)
    policies = predictor.card.operating_points
    if arguments.policy and arguments.policy not in policies:
        raise UsageError(f"There is no policy {arguments.policy}; this checkpoint has {', '.join(policies)}.")
    policy = arguments.policy or predictor.card.default_policy
    printer = _Printer(arguments.format or ("table" if out.isatty() else "json"), out, predictor.card.findings)
    refused = 0
    for done, outcome in enumerate(outcomes(files, predictor, policy, arguments.insist, own.decoders), 1):
        printer.row(outcome)
        refused += outcome.film is None
        if arguments.maps:
            write_maps(outcome, arguments.out, predictor)
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{done} of {len(files)} films" + ("\n" if done == len(files) else ""))
    return 1 if refused else 0


def _adopt(arguments: argparse.Namespace, out: TextIO) -> int:
    name = arguments.name or arguments.file.stem.split(".")[0]
    if not NAME.fullmatch(name):
        raise UsageError(f"{name!r} cannot be the name of a checkpoint; use letters, digits, '.', '-' and '_'.")
    home = arguments.out or settings.load().home / "checkpoints"
    found = adopt(arguments.file, home, name, arguments.layout)
    out.write("\n".join(found.lines()) + f"\nUse it with CHEXVIEW_CHECKPOINT={name}.\n")
    return 0


def _checkpoints(arguments: argparse.Namespace, out: TextIO) -> int:
    for name, folder in checkpoint.find(settings.load().checkpoints).items():
        card = cards.read(folder)
        first = next(iter(card.performance.values()), None)
        measured = (
            f"mean AUROC {first.mean_auroc:.3f} ({first.title.lower()})"
            if first and first.mean_auroc
            else "not validated"
        )
        out.write(f"{name}  {card.title}, {len(card.findings)} findings, {card.input_size} pixels, {measured}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m chexview", description="Read chest radiographs and keep checkpoints on the command line."
    )
    commands = parser.add_subparsers(required=True, metavar="read | checkpoint | runs | app")
    reading = commands.add_parser("read", help="one record a film: 14 probabilities, what is flagged, what was done")
    reading.add_argument("paths", nargs="+", metavar="PATH", help="films (PNG, JPEG, TIFF, DICOM) or folders of them")
    reading.add_argument("--out", type=Path, help="folder for --maps")
    reading.add_argument(
        "--format", choices=["table", "json", "csv"], help="default: table on a terminal, else JSON lines"
    )
    reading.add_argument(
        "--maps", action="store_true", help="write picture and class maps of each film as .npz into --out"
    )
    reading.add_argument("--insist", action="store_true", help="score films whose score is withheld, too")
    reading.add_argument("--checkpoint", help="name of a checkpoint (default: the bundled one)")
    reading.add_argument("--policy", help="operating points to use (default: the checkpoint's own)")
    reading.set_defaults(run=_read)
    holding = commands.add_parser("checkpoint", help="list checkpoints, or adopt another project's")
    what = holding.add_subparsers(required=True, metavar="list | adopt")
    what.add_parser("list", help="the checkpoints there are").set_defaults(run=_checkpoints)
    adopting = what.add_parser("adopt", help="make a checkpoint of another project's weights")
    adopting.add_argument("file", type=Path, help="a file of torch.save (a state dict) or safetensors")
    adopting.add_argument("--name", help="the checkpoint's name (default: the file's)")
    adopting.add_argument("--layout", choices=list(LAYOUTS), help="whose layout it is, where the file does not tell")
    adopting.add_argument("--out", type=Path, help="folder of checkpoints (default: in CHEXVIEW_HOME)")
    adopting.set_defaults(run=_adopt)
    runs_command.add(commands)
    app_command.add(commands)
    return parser


def main(argv: list[str] | None = None) -> int:
    """Runs one command. 0: done; 1: a film was refused or nothing could be read; 2: the call is wrong."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(message)s")
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.run(arguments, sys.stdout))
    except BrokenPipeError:  # whoever read the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except UsageError as error:
        print(f"python -m chexview: {error}", file=sys.stderr)
        return 2
    except ChexviewError as error:
        print(f"python -m chexview: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        name = Path(error.filename).name if error.filename else "a file"
        print(f"python -m chexview: {name} cannot be used ({error.strerror}).", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
