"""Foreign checkpoints made our own: read without running anything in them, renamed, checked, and never loaded by half."""

import datetime
import hashlib
import io
import pickle
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from torch import Tensor

from chexview.errors import CheckpointError
from chexview.findings import NAMES, title
from chexview.model import checkpoint
from chexview.model.card import Card
from chexview.model.layouts import ARNOWENG, JRZECH, LAYOUTS, TORCHXRAYVISION, ZOOGZOG, ForeignLayout
from chexview.model.network import CheXNet

_NESTED = ("state_dict", "model_state_dict", "model", "net")
_OLD = re.compile(r"^(.*denselayer\d+\.(?:norm|relu|conv))\.([12]\..*)$")
"""torchvision before 0.3 called ``norm1`` of a dense layer ``norm.1``."""

_EXTRA = {"op_threshs"}
"""torchxrayvision's thresholds lie beside its weights; bare logits do not need them."""


@dataclass(frozen=True, slots=True)
class Adopted:
    """What was found in a foreign file, and where it went."""

    layout: ForeignLayout
    folder: Path
    card: Card
    renamed: int
    dropped: tuple[str, ...]

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
    found = _state(data, path.name)
    tensors, renamed, prefixed, sigmoid = _renamed(found.tensors)
    plan = _layout(tensors, layout, found.keys, prefixed, sigmoid)
    keep = [name for name in NAMES if name in plan.outputs]
    rows = [plan.outputs.index(name) for name in keep]
    for head in ("classifier.weight", "classifier.bias"):
        tensors[head] = tensors[head][rows]
    network = CheXNet(len(keep), channels=len(plan.mean))
    shape = network.mean.shape
    tensors |= {"mean": torch.tensor(plan.mean).reshape(shape), "std": torch.tensor(plan.std).reshape(shape)}
    checkpoint.fit(network, {key: value for key, value in tensors.items() if key not in _EXTRA}, path.name)
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
    dropped = tuple(item for item in plan.outputs if item not in keep)
    return Adopted(plan, folder, card, renamed, dropped)


@dataclass(frozen=True, slots=True)
class _State:
    """Tensors by their names, and what else lay beside them."""

    tensors: dict[str, Tensor]
    keys: frozenset[str]


def _state(data: bytes, name: str) -> _State:
    """The state dict in a file; nothing in it is ever run. Raises CheckpointError."""
    if data[8:9] == b"{":
        try:
            return _State(load_tensors(data), frozenset())
        except SafetensorError as error:
            raise CheckpointError(f"{name} is not a whole safetensors file ({error}).") from error
    if data[:2] != b"PK" and data[:1] != b"\x80":
        raise CheckpointError(f"{name} is not a whole file of torch.save, nor safetensors; copy it again.")
    try:
        loaded = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise CheckpointError(
            f"{name} holds a whole pickled model or other code, which is not loaded; its owner re-saves the weights alone with "
            "torch.save(model.state_dict(), 'weights.pt')."
        ) from error
    except (RuntimeError, EOFError, ValueError, KeyError, OSError, zipfile.BadZipFile) as error:
        raise CheckpointError(f"{name} is not a whole file of torch.save; copy it again.") from error
    if not isinstance(loaded, Mapping):
        raise CheckpointError(f"{name} holds a {type(loaded).__name__}, not the weights of a network.")
    if _is_state(loaded):
        return _State(dict(loaded), frozenset())
    for key in _NESTED:
        if isinstance(loaded.get(key), Mapping) and _is_state(loaded[key]):
            return _State(dict(loaded[key]), frozenset(str(item) for item in loaded))
    keys = ", ".join(sorted(str(key) for key in loaded)[:5])
    raise CheckpointError(f"{name} holds no weights under {', '.join(_NESTED)}; it holds {keys or 'nothing'}.")


def _is_state(value: Mapping[Any, Any]) -> bool:
    return bool(value) and all(isinstance(key, str) and isinstance(item, Tensor) for key, item in value.items())


def _renamed(tensors: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], int, bool, bool]:
    """Our names for theirs; how many changed, whether the network was a part of another module, whether its head was a
    sequence (a linear layer and a sigmoid). Raises CheckpointError if two become one."""
    found: dict[str, Tensor] = {}
    changed, prefixed, sigmoid = 0, False, False
    for key, value in tensors.items():
        name = key.removeprefix("module.")
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


def _layout(
    tensors: Mapping[str, Tensor], wanted: str | None, keys: frozenset[str], prefixed: bool, sigmoid: bool
) -> ForeignLayout:
    """The layout asked for, or the one that the tensors tell. Raises CheckpointError if it is none or could be several."""
    first, head = tensors.get("features.conv0.weight"), tensors.get("classifier.weight")
    if first is None or head is None or first.ndim != 4 or head.ndim != 2:
        raise CheckpointError("These are not the weights of a DenseNet-121: features.conv0 or classifier is missing.")
    if wanted is not None:
        if wanted not in LAYOUTS:
            raise CheckpointError(f"There is no layout {wanted}; known are {', '.join(LAYOUTS)}.")
        plan = LAYOUTS[wanted]
    elif first.shape[1] == 1 and head.shape[0] == len(TORCHXRAYVISION.outputs):
        plan = TORCHXRAYVISION
    elif sigmoid and prefixed:
        plan = ZOOGZOG if {"best_loss", "optimizer"} & keys else ARNOWENG
    elif sigmoid:
        plan = JRZECH
    else:
        raise CheckpointError(
            f"A DenseNet-121 with {head.shape[0]} outputs, but nothing tells what they are; name what it is with --layout "
            f"({', '.join(LAYOUTS)})."
        )
    if first.shape[1] != len(plan.mean) or head.shape[0] != len(plan.outputs):
        raise CheckpointError(
            f"{plan.title} has {len(plan.mean)} input channels and {len(plan.outputs)} outputs; this file has {first.shape[1]} "
            f"and {head.shape[0]}."
        )
    return plan
