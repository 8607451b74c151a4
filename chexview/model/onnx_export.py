"""A checkpoint as an ONNX file: the same scores and class maps in any runtime, without PyTorch.

The file takes network input as the network's eye makes it (:mod:`chexview.model.eye`): ``film``, uint8 (films, 1, S, S) with S
the card's input size. It gives ``logits`` (films, K) and ``maps`` (films, K, S/stride, S/stride), float32. The card is in
the file's metadata, so that findings, calibration and thresholds travel with the weights.
"""

from pathlib import Path

import torch

from chexview.atomic import write_atomically
from chexview.errors import UsageError
from chexview.model.checkpoint import Checkpoint

INPUT = "film"
OUTPUTS = ("logits", "maps")
OPSET = 18
MOST_FILMS = 1024
"""Films of one call, at most."""


def onnx_bytes(checkpoint: Checkpoint) -> bytes:
    """The ONNX file of a checkpoint. Raises UsageError if PyTorch's exporter is not installed."""
    try:
        import onnxscript  # noqa: F401  PyTorch's exporter needs it and says so only in the middle of its work
    except ImportError as error:
        raise UsageError(
            "Exporting to ONNX needs further packages; install them by pip install 'chexview[onnx]'."
        ) from error
    size = checkpoint.card.input_size
    films = torch.zeros(2, 1, size, size, dtype=torch.uint8)
    program = torch.onnx.export(
        checkpoint.network.cpu().eval(),
        (films,),
        input_names=[INPUT],
        output_names=list(OUTPUTS),
        dynamic_shapes=({0: torch.export.Dim("films", min=1, max=MOST_FILMS)},),
        opset_version=OPSET,
        external_data=False,
        dynamo=True,
        verbose=False,
    )
    assert program is not None
    model = program.model_proto
    model.doc_string = checkpoint.card.title
    for key, value in {"card": checkpoint.card.to_json(), "findings": ",".join(checkpoint.card.findings)}.items():
        entry = model.metadata_props.add()
        entry.key, entry.value = key, value
    return bytes(model.SerializeToString())


def export_onnx(checkpoint: Checkpoint, path: Path) -> None:
    """Writes the ONNX file of a checkpoint to ``path``, whole or not at all. Raises UsageError, and OSError where it cannot."""
    if not path.parent.is_dir():
        raise UsageError(f"There is no folder {path.parent.name or path.parent} to write {path.name} to.")
    write_atomically(path, onnx_bytes(checkpoint))
