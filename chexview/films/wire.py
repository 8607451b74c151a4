"""Frames between the server and its decoding child: a JSON head and raw bytes, each with its length before it.

Nothing is ever unpickled. ``>I`` head length, ``>Q`` body length, head (JSON, UTF-8), body.
"""

import json
import struct
from collections.abc import Sequence
from dataclasses import asdict
from typing import IO, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from chexview.films.radiograph import (
    Caution,
    CautionKind,
    DicomOrigin,
    Identity,
    Plane,
    Radiograph,
    Spacing,
    Step,
    View,
    VoiFunction,
    VoiTable,
    VoiView,
    Window,
)

Head: TypeAlias = dict[str, Any]
"""A JSON object."""

_LENGTHS = struct.Struct(">IQ")
_HEAD_BYTES = 2**22
_BODY_BYTES = 2**30


def send(stream: IO[bytes], head: Head, buffers: Sequence[bytes | memoryview] = ()) -> None:
    """Writes one frame; the body is the buffers one after the other. Raises OSError if the other end is gone."""
    encoded = json.dumps(head, ensure_ascii=False, allow_nan=False).encode("utf-8", "surrogatepass")
    stream.write(_LENGTHS.pack(len(encoded), sum(len(buffer) for buffer in buffers)))
    stream.write(encoded)
    for buffer in buffers:
        stream.write(buffer)
    stream.flush()


def receive(stream: IO[bytes]) -> tuple[Head, bytes] | None:
    """Reads one frame, or None at the end of the stream.

    Raises EOFError if the stream ends inside a frame, ValueError where it is no frame or beyond limits.
    """
    lengths = _exactly(stream, _LENGTHS.size, may_end=True)
    if lengths is None:
        return None
    head_length, body_length = _LENGTHS.unpack(lengths)
    if head_length > _HEAD_BYTES or body_length > _BODY_BYTES:
        raise ValueError("a frame beyond limits")
    head = json.loads(_exactly(stream, head_length) or b"null")
    if not isinstance(head, dict):
        raise ValueError("a frame without a head")
    return head, _exactly(stream, body_length) or b""


def _exactly(stream: IO[bytes], length: int, may_end: bool = False) -> bytes | None:
    data = stream.read(length)
    if len(data) == length:
        return data
    if not data and may_end:
        return None
    raise EOFError("the stream ended inside a frame")


def pack(radiograph: Radiograph) -> tuple[Head, list[memoryview]]:
    """A radiograph as a JSON head and the bytes of its arrays: pixels, padding, tables, in this order."""
    arrays: list[npt.NDArray[np.generic]] = [radiograph.pixels.astype("<u2", copy=False)]
    if radiograph.padding is not None:
        arrays.append(radiograph.padding)
    views = []
    for view in radiograph.views:
        if isinstance(view, VoiTable):
            arrays.append(view.values.astype("<u2", copy=False))
            views.append({"name": view.name, "first": view.first, "bits": view.bits, "entries": len(view.values)})
        else:
            views.append({"name": view.name, "centre": view.centre, "width": view.width, "function": view.function})
    spacing, identity = radiograph.spacing, radiograph.identity
    head: Head = {
        "shape": radiograph.pixels.shape,
        "scale": radiograph.scale,
        "offset": radiograph.offset,
        "padded": radiograph.padding is not None,
        "views": views,
        "inverted": radiograph.inverted,
        "pixel_aspect": radiograph.pixel_aspect,
        "spacing": spacing and [spacing.row_mm, spacing.column_mm, spacing.plane, spacing.source],
        "view": radiograph.view,
        "body_part": radiograph.body_part,
        "header": radiograph.header,
        "identity": [identity.patient_name, identity.patient_id, identity.birth_date, identity.study_date],
        "steps": [[step.text, step.section] for step in radiograph.steps],
        "cautions": [[caution.kind, caution.text] for caution in radiograph.cautions],
        "withheld": radiograph.withheld,
        "origin": radiograph.origin and asdict(radiograph.origin),
    }
    return head, [np.ascontiguousarray(array).data.cast("B") for array in arrays]


def unpack(head: Head, body: bytes, digest: str) -> Radiograph:
    """The radiograph in a frame; ``digest`` is the parent's own. Raises ValueError, KeyError or TypeError if none."""
    rows, columns = head["shape"]
    position = 0

    def array(count: int, dtype: str) -> npt.NDArray[Any]:
        nonlocal position
        found = np.frombuffer(body, dtype, count, position)
        position += found.nbytes
        return found

    pixels = array(rows * columns, "<u2").astype(np.uint16, copy=False).reshape(rows, columns)
    padding = array(rows * columns, "?").reshape(rows, columns) if head["padded"] else None
    views: list[VoiView] = []
    for view in head["views"]:
        if "entries" in view:
            values = array(view["entries"], "<u2").astype(np.uint16, copy=False)
            views.append(VoiTable(view["name"], view["first"], values, view["bits"]))
        else:
            views.append(Window(view["name"], view["centre"], view["width"], VoiFunction(view["function"])))
    if position != len(body):
        raise ValueError("a frame whose body is not its arrays")
    spacing = head["spacing"]
    return Radiograph(
        pixels=pixels,
        scale=head["scale"],
        offset=head["offset"],
        views=tuple(views),
        digest=digest,
        padding=padding,
        inverted=head["inverted"],
        pixel_aspect=head["pixel_aspect"],
        spacing=spacing and Spacing(spacing[0], spacing[1], Plane(spacing[2]), spacing[3]),
        view=View(head["view"]),
        body_part=head["body_part"],
        header=tuple((name, value) for name, value in head["header"]),
        identity=Identity(*head["identity"]),
        steps=tuple(Step(text, section) for text, section in head["steps"]),
        cautions=tuple(Caution(CautionKind(kind), text) for kind, text in head["cautions"]),
        withheld=head["withheld"],
        origin=head["origin"] and _origin(head["origin"]),
    )


def _origin(packed: Head) -> DicomOrigin:
    return DicomOrigin(**{**packed, "elements": tuple((keyword, text) for keyword, text in packed["elements"])})
