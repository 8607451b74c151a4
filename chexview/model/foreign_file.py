"""A file of weights from anybody to tensors by name: nothing in it is ever run, and what it is besides is called by its name."""

import io
import pickle
import warnings
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from torch import Tensor

from chexview.errors import CheckpointError

_NESTED = ("state_dict", "model_state_dict", "model", "net")
_KINDS = (
    (0, b"version https://git-lfs", "a Git LFS pointer, not the weights themselves; fetch them with git lfs pull"),
    (0, b"\x89HDF", "an HDF5 file, as Keras writes"),
    (0, b"\x93NUMPY", "a NumPy array"),
    (0, b"\x1f\x8b", "a gzip archive; unpack it"),
    (257, b"ustar", "a tar archive; unpack it"),
    (0, b"GGUF", "a GGUF file"),
    (0, b"<", "a web page"),
    (0, b"{", "JSON"),
    (0, b"%PDF", "a PDF"),
    (0, b"\x89PNG", "a PNG picture"),
)
"""Files that are downloaded in the place of weights, by their first bytes."""
_ONNX = (b"pytorch", b"onnx", b"tf2onnx", b"keras2onnx", b"skl2onnx")
"""Producers that an ONNX model names at its beginning (onnx.proto, ModelProto)."""
_LARGEST = 65504.0
"""The largest number of fp16, in which weights are stored."""


@dataclass(frozen=True, slots=True)
class ForeignState:
    """Tensors by their names, and what else lay beside them."""

    tensors: dict[str, Tensor]
    keys: frozenset[str]


def read_state(data: bytes, name: str) -> ForeignState:
    """The state dict in a file. Raises CheckpointError, in one sentence, for whatever holds none, or none of plain numbers."""
    found = _read(data, name)
    for key, value in found.tensors.items():
        if value.is_meta or value.is_quantized or value.layout is not torch.strided:
            raise CheckpointError(f"{name}: {key} holds no plain numbers (quantised, sparse or absent).")
        if key.endswith("num_batches_tracked"):
            continue
        if not value.is_floating_point():
            raise CheckpointError(f"{name}: {key} holds {value.dtype} in place of floating-point numbers.")
        if value.numel() and torch.isfinite(value).all() and float(value.detach().abs().max()) > _LARGEST:
            raise CheckpointError(f"{name}: {key} holds numbers beyond {_LARGEST:g}, which no trained network has.")
        if key.endswith("running_var") and (value < 0).any():
            raise CheckpointError(f"{name}: {key} holds a variance below zero; the file is damaged.")
    return found


def _read(data: bytes, name: str) -> ForeignState:
    if data[8:9] == b"{":
        try:
            return ForeignState(load_tensors(data), frozenset())
        except SafetensorError as error:
            raise CheckpointError(f"{name} is not a whole safetensors file ({error}).") from error
    _refuse_others(data, name)
    if data[:2] == b"PK":
        _check_archive(data, name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            loaded = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise CheckpointError(
            f"{name} holds a whole pickled model or other code, which is not loaded; its owner re-saves the weights alone with "
            "torch.save(model.state_dict(), 'weights.pt')."
        ) from error
    except Exception as error:  # torch.load raises whatever a damaged pickle makes of its opcodes
        raise CheckpointError(f"{name} is not a whole file of torch.save; copy it again.") from error
    if not isinstance(loaded, Mapping):
        raise CheckpointError(f"{name} holds a {type(loaded).__name__}, not the weights of a network.")
    if _is_state(loaded):
        return ForeignState(dict(loaded), frozenset())
    for key in _NESTED:
        if isinstance(loaded.get(key), Mapping) and _is_state(loaded[key]):
            return ForeignState(dict(loaded[key]), frozenset(str(item) for item in loaded))
    keys = ", ".join(sorted(str(key) for key in loaded)[:5])
    raise CheckpointError(f"{name} holds no weights under {', '.join(_NESTED)}; it holds {keys or 'nothing'}.")


def _refuse_others(data: bytes, name: str) -> None:
    """Calls a file of another kind what it is."""
    for offset, magic, kind in _KINDS:
        if data[offset : offset + len(magic)] == magic:
            raise CheckpointError(f"{name} is {kind}; bring a state dict of torch.save, or safetensors.")
    if data[:1] == b"\x08" and any(producer in data[:64] for producer in _ONNX):
        raise CheckpointError(f"{name} is an ONNX model; bring a state dict of torch.save, or safetensors.")
    if data[:2] != b"PK" and data[:1] != b"\x80":
        raise CheckpointError(f"{name} is not a whole file of torch.save, nor safetensors; copy it again.")


def _check_archive(data: bytes, name: str) -> None:
    """Raises CheckpointError for a zip that torch.save did not write, and for one whose parts do not fit their checksums."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.namelist()
            damaged = [part for part in parts if not _fits(archive, part)]
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise CheckpointError(f"{name} is not a whole file of torch.save; copy it again.") from error
    if any(part.endswith("constants.pkl") for part in parts):
        raise CheckpointError(f"{name} is a TorchScript program, which is not run; bring a state dict of torch.save.")
    if not any(part.endswith("data.pkl") for part in parts):
        raise CheckpointError(f"{name} is a zip archive and no file of torch.save; unpack it and bring the weights.")
    if damaged and len(damaged) < len(parts):  # all of them: written without checksums, as torch.save can be told to
        raise CheckpointError(f"{name} is damaged: {damaged[0]} does not fit its checksum; copy it again.")


def _fits(archive: zipfile.ZipFile, part: str) -> bool:
    try:
        archive.read(part)
    except (zipfile.BadZipFile, zlib.error):
        return False
    return True


def _is_state(value: Mapping[Any, Any]) -> bool:
    return bool(value) and all(isinstance(key, str) and isinstance(item, Tensor) for key, item in value.items())
