"""Files that come in the place of weights are called what they are, and nothing in them is run."""

import io
import zipfile

import pytest
import torch

from chexview.errors import CheckpointError
from chexview.model.foreign_file import read_state


def saved(value: object) -> bytes:
    data = io.BytesIO()
    torch.save(value, data)
    return data.getvalue()


def zipped(*names: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    return data.getvalue()


WEIGHTS = {
    "conv.weight": torch.arange(600.0),
    "norm.running_var": torch.ones(3),
    "norm.num_batches_tracked": torch.tensor(4),
}


def changed(place: int) -> bytes:
    data = bytearray(saved(WEIGHTS))
    data[data.index(torch.arange(600.0).numpy().tobytes()) + place] ^= 255
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "git lfs pull"),
        (b"\x89HDF\r\n\x1a\n" + bytes(40), "an HDF5 file"),
        (b"\x08\x07\x12\x07pytorch" + bytes(40), "an ONNX model"),
        (b"<!DOCTYPE html><html>", "a web page"),
        (b"\x93NUMPY\1\0", "a NumPy array"),
        (b"\x1f\x8b\x08", "a gzip archive"),
        (zipped("m/data.pkl", "m/constants.pkl", "m/code/m.py"), "a TorchScript program"),
        (zipped("model.pt"), "a zip archive and no file of torch.save"),
        (changed(1201), "does not fit its checksum"),
        (saved(WEIGHTS)[:900], "not a whole file of torch.save"),
        (saved(WEIGHTS | {"conv.weight": torch.ones(4, dtype=torch.int8)}), "torch.int8 in place of floating-point"),
        (saved(WEIGHTS | {"conv.weight": torch.ones(4, dtype=torch.complex64)}), "torch.complex64 in place of"),
        (saved(WEIGHTS | {"conv.weight": torch.ones(4, device="meta")}), "no plain numbers"),
        (saved(WEIGHTS | {"conv.weight": torch.eye(4).to_sparse()}), "no plain numbers"),
        (saved(WEIGHTS | {"conv.weight": torch.full((4,), 1e30)}), "beyond 65504"),
        (saved(WEIGHTS | {"norm.running_var": -torch.ones(3)}), "a variance below zero"),
        (saved({}), "it holds nothing"),
    ],
)
def test_what_holds_no_weights_gets_one_true_sentence(data: bytes, words: str) -> None:
    with pytest.raises(CheckpointError, match=words) as found:
        read_state(data, "weights.pt")
    assert str(found.value).startswith("weights.pt") and "\n" not in str(found.value)


def test_weights_of_any_depth_are_read() -> None:
    for kind in (torch.float16, torch.bfloat16, torch.float32, torch.float64):
        state = read_state(saved({"epoch": 3, "state_dict": {"a.weight": torch.ones(2, dtype=kind)}}), "w.pt")
        assert list(state.tensors) == ["a.weight"] and state.keys == {"epoch", "state_dict"}
    assert read_state(saved({"a.weight": torch.nn.Parameter(torch.ones(2))}), "w.pt").tensors["a.weight"].sum() == 2
