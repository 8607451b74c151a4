"""The command line of ``python -m chexview``."""

import argparse
import logging
import os
import sys
from importlib import import_module
from pathlib import Path

from chexview.errors import ChexviewError, UnknownCheckpointError, UsageError

COMMANDS = {name: f"chexview.{name}_command" for name in ("read", "watch", "checkpoint", "runs", "references", "app")}
"""The module of each command, which adds the command's parser; only that of the command that is called is loaded."""


def _parser(called: str) -> argparse.ArgumentParser:
    """The parser of one command, or of all where ``called`` is none of them."""
    parser = argparse.ArgumentParser(
        prog="python -m chexview", description="Read chest radiographs and keep checkpoints on the command line."
    )
    commands = parser.add_subparsers(required=True, metavar=" | ".join(COMMANDS))
    for name in [called] if called in COMMANDS else COMMANDS:
        import_module(COMMANDS[name]).add(commands)
    return parser


def main(argv: list[str] | None = None) -> int:
    """Runs one command. 0: done; 1: a film was refused or nothing could be read; 2: the call is wrong."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(message)s")
    argv = sys.argv[1:] if argv is None else argv
    arguments = _parser(next(iter(argv), "")).parse_args(argv)
    try:
        return int(arguments.run(arguments, sys.stdout))
    except BrokenPipeError:  # whoever read the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (UsageError, UnknownCheckpointError) as error:
        print(f"python -m chexview: {error}", file=sys.stderr)
        return 2
    except ChexviewError as error:
        print(f"python -m chexview: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        name = Path(error.filename).name if error.filename else "the output"
        if not error.filename:  # what is left to write would fail once more when the process ends
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        print(f"python -m chexview: {name} cannot be used ({error.strerror}).", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
