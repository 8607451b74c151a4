"""``python -m chexview checkpoint``: the checkpoints there are, the adoption of another project's, the export of one."""

import argparse
from pathlib import Path
from typing import TextIO

from chexview import settings
from chexview.errors import UsageError
from chexview.model import card as cards
from chexview.model import checkpoint
from chexview.model.adopt import adopt
from chexview.model.checkpoint_choice import choose_checkpoint
from chexview.model.layouts import LAYOUTS
from chexview.model.onnx_export import INPUT, OUTPUTS, export_onnx
from chexview.text.escape import for_terminal


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command's own parser."""
    holding = commands.add_parser("checkpoint", help="list checkpoints, adopt another project's, or export one")
    what = holding.add_subparsers(required=True, metavar="list | adopt | export")
    what.add_parser("list", help="the checkpoints there are").set_defaults(run=_checkpoints)
    adopting = what.add_parser("adopt", help="make a checkpoint of another project's weights")
    adopting.add_argument("file", type=Path, help="a file of torch.save (a state dict) or safetensors")
    adopting.add_argument("--name", help="the checkpoint's name (default: the file's)")
    adopting.add_argument("--layout", choices=list(LAYOUTS), help="whose layout it is, where the file does not tell")
    adopting.add_argument("--out", type=Path, help="folder of checkpoints (default: in CHEXVIEW_HOME)")
    adopting.set_defaults(run=_adopt)
    exporting = what.add_parser("export", help="write a checkpoint for other runtimes")
    exporting.add_argument("name", help="the checkpoint's name")
    exporting.add_argument(
        "--onnx", type=Path, required=True, metavar="FILE", help="an ONNX file: logits and class maps"
    )
    exporting.set_defaults(run=_export)


def _adopt(arguments: argparse.Namespace, out: TextIO) -> int:
    name = arguments.name or arguments.file.stem.split(".")[0]
    if not settings.FOLDER_NAME.fullmatch(name):
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
        named = for_terminal(f"{name}  {card.title}")
        out.write(f"{named}, {len(card.findings)} findings, {card.input_size} pixels, {measured}\n")
    return 0


def _export(arguments: argparse.Namespace, out: TextIO) -> int:
    export_onnx(checkpoint.load(choose_checkpoint(settings.load(), arguments.name)), arguments.onnx)
    size = arguments.onnx.stat().st_size / 2**20
    out.write(f"{arguments.onnx.name}: {size:.0f} MB, takes {INPUT}, gives {' and '.join(OUTPUTS)}.\n")
    return 0
