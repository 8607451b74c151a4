"""Foreign checkpoints made our own: read without running anything in them, renamed, checked, and never loaded by half."""

import datetime
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from chexview.errors import CheckpointError
from chexview.findings import NAMES, title
from chexview.model import checkpoint
from chexview.model.card import Card
from chexview.model.foreign_file import read_state
from chexview.model.layouts import ARNOWENG, JRZECH, LAYOUTS, TORCHXRAYVISION, ZOOGZOG, ForeignLayout
from chexview.model.network import CheXNet

_OLD = re.compile(r"^(.*denselayer\d+\.(?:norm|relu|conv))\.([12]\..*)$")
"""torchvision before 0.3 called ``norm1`` of a dense layer ``norm.1``."""

_WRAPPERS = ("module.", "_orig_mod.", "model.", "backbone.")
"""What DataParallel, torch.compile and training frameworks put before the names of a network inside them."""

_THRESHOLDS = "op_threshs"
"""torchxrayvision's thresholds lie beside its weights, one an output, and none (NaN) for an output that was never trained."""


@dataclass(frozen=True, slots=True)
class Adopted:
    """What was found in a foreign file, and where it went."""

    layout: ForeignLayout
    folder: Path
    card: Card
    renamed: int
    dropped: tuple[str, ...]
    untrained: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """The find as sentences for a terminal."""
        kept = ", ".join(title(name) for name in self.card.findings)
        lines = [
            f"The layout is that of {self.layout.title}: {len(self.layout.outputs)} outputs, {len(self.layout.mean)} input "
            f"channel{'s' if len(self.layout.mean) > 1 else ''}, {self.layout.size} x {self.layout.size} pixels.",
            f"Kept: {kept}.",
        ]
        if self.dropped:
            lines.append(f"Left out, as CheXView does not know them: {', '.join(self.dropped)}.")
        if self.untrained:
            lines.append(f"Left out, as they were never trained: {', '.join(self.untrained)}.")
        if self.renamed:
            lines.append(f"{self.renamed} tensors were renamed.")
        lines += [
            self.layout.note,
            "It is not calibrated: its scores flag nothing until python -m train validate completes its card.",
            f"The checkpoint {self.card.name} has weights {self.card.weights[:12]}; its owner's licence applies.",
        ]
        return lines


def adopt(path: Path, home: Path, name: str, layout: str | None = None) -> Adopted:
    """Reads a foreign file and writes the checkpoint ``home/name``.

    ``layout`` names one of ``LAYOUTS`` where the file does not tell. Raises CheckpointError, in one sentence, for whatever is
    not exactly one of them, and where ``home/name`` holds other weights.
    """
    data = path.read_bytes()
    found = read_state(data, path.name)
    tensors, renamed, prefixed, sigmoid = _renamed(found.tensors)
    plan = _layout(tensors, layout, prefixed, sigmoid)
    untrained = _untrained(tensors, plan, path.name)
    keep = [name for name in NAMES if name in plan.outputs and name not in untrained]
    if not keep:
        raise CheckpointError(f"{path.name}: none of the outputs that CheXView knows was ever trained.")
    rows = [plan.outputs.index(name) for name in keep]
    for head in ("classifier.weight", "classifier.bias"):
        tensors[head] = tensors[head][rows]
    network = CheXNet(len(keep), channels=len(plan.mean))
    shape = network.mean.shape
    tensors |= {"mean": torch.tensor(plan.mean).reshape(shape), "std": torch.tensor(plan.std).reshape(shape)}
    checkpoint.fit(network, tensors, path.name)
    card = Card(
        name=name,
        title=f"{plan.title}, adopted",
        findings=tuple(keep),
        input_size=plan.size,
        weights="",
        data={"source": plan.source, "licence": "that of its owner", "file_sha256": hashlib.sha256(data).hexdigest()},
        recipe={"adopted": plan.name},
        limits=(
            "Adopted from elsewhere: what it was trained on, and whether your films were among that, is not known here.",
            plan.note,
        ),
        software={"torch": torch.__version__},
        created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    )
    folder = home / name
    if (folder / "card.json").exists():
        raise CheckpointError(f"There is a checkpoint {name} already; choose another --name or remove it first.")
    card = checkpoint.save(network, card, folder)
    dropped = tuple(item for item in plan.outputs if item not in NAMES)
    return Adopted(plan, folder, card, renamed, dropped, tuple(item for item in untrained if item in NAMES))


def _untrained(tensors: dict[str, Tensor], plan: ForeignLayout, name: str) -> tuple[str, ...]:
    """The outputs without a threshold of their owner's, or whose weights are all alike; takes the thresholds out."""
    alike = (tensors["classifier.weight"] == tensors["classifier.weight"][:, :1]).all(dim=1)
    thresholds = tensors.pop(_THRESHOLDS, None) if plan is TORCHXRAYVISION else None
    if thresholds is not None:
        if thresholds.shape != alike.shape:
            raise CheckpointError(
                f"{name} has {thresholds.numel()} thresholds and {len(alike)} outputs; it is not torchxrayvision's."
            )
        alike |= torch.isnan(thresholds)
    return tuple(output for output, is_untrained in zip(plan.outputs, alike.tolist(), strict=True) if is_untrained)


def _renamed(tensors: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], int, bool, bool]:
    """Our names for theirs; how many changed, whether the network was a part of another module, whether its head was a
    sequence (a linear layer and a sigmoid). Raises CheckpointError if two become one."""
    found: dict[str, Tensor] = {}
    changed, prefixed, sigmoid = 0, False, False
    for key, value in tensors.items():
        name = key
        while wrapper := next((each for each in _WRAPPERS if name.startswith(each)), ""):
            name = name.removeprefix(wrapper)
        if name.startswith("densenet121."):
            name, prefixed = name.removeprefix("densenet121."), True
        if match := _OLD.match(name):
            name = match[1] + match[2]
        if name.startswith("classifier.0."):
            name, sigmoid = f"classifier.{name.removeprefix('classifier.0.')}", True
        if name in found:
            raise CheckpointError(f"Two tensors would both be called {name}; nothing was loaded.")
        changed += name != key
        if not name.endswith("num_batches_tracked"):
            found[name] = value
    return found, changed, prefixed, sigmoid


def _layout(tensors: Mapping[str, Tensor], wanted: str | None, prefixed: bool, sigmoid: bool) -> ForeignLayout:
    """The layout asked for, or the one that the tensors tell. Raises CheckpointError if it is none or could be several.

    Fourteen outputs may be NIH's findings or CheXpert's, whatever the tensors are called: that is asked.
    """
    first, head = tensors.get("features.conv0.weight"), tensors.get("classifier.weight")
    bias = tensors.get("classifier.bias")
    if first is None or head is None or first.ndim != 4 or head.ndim != 2:
        raise CheckpointError("These are not the weights of a DenseNet-121: features.conv0 or classifier is missing.")
    if bias is None or bias.ndim == 0 or len(bias) != len(head):
        raise CheckpointError("The classifier has no bias, or not one for each of its outputs; nothing was loaded.")
    if wanted is not None:
        if wanted not in LAYOUTS:
            raise CheckpointError(f"There is no layout {wanted}; known are {', '.join(LAYOUTS)}.")
        plan = LAYOUTS[wanted]
    elif first.shape[1] == 1 and head.shape[0] == len(TORCHXRAYVISION.outputs):
        plan = TORCHXRAYVISION
    else:
        alike = (ARNOWENG, ZOOGZOG) if sigmoid and prefixed else (JRZECH,) if sigmoid else ()
        named = f" (its tensors are called as in {' and '.join(plan.title for plan in alike)})" if alike else ""
        raise CheckpointError(
            f"A DenseNet-121 with {head.shape[0]} outputs, but nothing tells what they are{named}: NIH's findings, CheXpert's, or "
            f"others; if it is one of these, name what it is with --layout ({', '.join(LAYOUTS)})."
        )
    if first.shape[1] != len(plan.mean) or head.shape[0] != len(plan.outputs):
        raise CheckpointError(
            f"{plan.title} has {len(plan.mean)} input channels and {len(plan.outputs)} outputs; this file has {first.shape[1]} "
            f"and {head.shape[0]}."
        )
    return plan
