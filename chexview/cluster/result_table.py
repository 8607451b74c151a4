"""Results as a partitioned Parquet table: one file a batch, there whole or not at all, its name made of what it holds.

A batch that is read twice, because the worker that read it first was lost, writes the same file again, or leaves it if fewer of its
files could be read the second time. :func:`done` gives the files that have a row already.
"""

import hashlib
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from chexview.atomic import write_atomically

SHARDS = 64
"""Partitions, folders ``shard=00`` to ``shard=3f``."""
_TEXTS = ("file", "digest", "checkpoint", "policy", "view", "refused", "withheld")
_NUMBERS = {"logit": pa.float32(), "probability": pa.float64(), "threshold": pa.float32(), "flagged": pa.bool_()}


def schema(findings: Sequence[str]) -> pa.Schema:
    """A row's columns: texts, cautions, and ``logit__``, ``probability__``, ``threshold__``, ``flagged__`` of each finding."""
    fields = [pa.field(name, pa.string()) for name in _TEXTS]
    fields.append(pa.field("cautions", pa.list_(pa.string())))
    return pa.schema(
        [*fields, *(pa.field(f"{kind}__{name}", _NUMBERS[kind]) for name in findings for kind in _NUMBERS)]
    )


def row(record: dict[str, Any], digest: str, findings: Iterable[str]) -> dict[str, Any]:
    """A record of :mod:`chexview.exports.records` as a row; ``digest`` is that of the file, also where it was refused."""
    found: dict[str, Any] = {name: record.get(name) for name in _TEXTS} | {"digest": digest}
    found["cautions"] = list(record.get("cautions", ()))
    for name in findings:
        score = record.get("findings", {}).get(name, {})
        found |= {f"{kind}__{name}": score.get(kind) for kind in _NUMBERS}
    return found


def write_batch(
    folder: Path, rows: Sequence[dict[str, Any]], findings: Sequence[str], batch: Sequence[str] | None = None
) -> Path:
    """Writes one batch below ``folder`` and gives its file. ``batch``: the keys of all of its files, where not each has a row."""
    keys = sorted(batch or (key(each["file"], each["digest"]) for each in rows))
    name = hashlib.sha256("\n".join(keys).encode()).hexdigest()
    place = folder / f"shard={int(name[:8], 16) % SHARDS:02x}" / f"{name[:32]}.parquet"
    if len(rows) < len(keys) and place.exists():
        return place
    place.parent.mkdir(parents=True, exist_ok=True)
    whole = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(list(rows), schema(findings)), whole, compression="zstd")
    write_atomically(place, whole.getvalue())
    return place


def key(file: str, digest: str) -> str:
    """What tells a row from others: the file's bytes and its name."""
    return f"{digest} {file}"


def done(folder: Path) -> frozenset[str]:
    """The keys of all rows below ``folder``; a file that is no table is passed over, its films are read again."""
    found: set[str] = set()
    for place in sorted(folder.glob("shard=*/*.parquet")):
        try:
            columns = pq.read_table(place, columns=["file", "digest"], partitioning=None).to_pydict()
        except (pa.ArrowException, OSError):
            continue
        found |= {key(file, digest) for file, digest in zip(columns["file"], columns["digest"], strict=True)}
    return frozenset(found)
