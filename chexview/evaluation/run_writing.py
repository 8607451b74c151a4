"""Storing a run: checked first, then written whole under a temporary name, brought to the disk and renamed, or not at all."""

import errno
import os
import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from chexview.errors import RunError
from chexview.evaluation.checksums import file_digest
from chexview.evaluation.run import (
    CURVES,
    EMBEDDING,
    LOCALISATION,
    MARKS,
    META,
    PREDICTIONS,
    ValidationRun,
    check_agreement,
    check_curves,
    counts_of,
    load_run,
)
from chexview.evaluation.run_schema import RunMetadata, check
from chexview.evaluation.similarity import Embedding
from chexview.evaluation.table import PredictionTable


def write_run(
    folder: Path,
    meta: RunMetadata,
    table: pd.DataFrame,
    curves: pd.DataFrame | None = None,
    localisation: pd.DataFrame | None = None,
    replace_existing: bool = False,
    embedding: Embedding | None = None,
    marks: pd.DataFrame | None = None,
) -> ValidationRun:
    """Checks and stores a run as ``folder``, whole or not at all, and opens it again.

    ``table`` has the columns of :mod:`chexview.evaluation.table`; its text may be empty and its age missing. The
    counts, the SHA-256 of the tables and the schema version of ``meta`` are filled in here. Raises RunError for
    whatever could not be opened again, and where ``folder`` exists and ``replace_existing`` is not set.
    """
    if not replace_existing:
        _refuse_existing(folder)
    checked = PredictionTable.of(table)
    check(meta)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(mkdtemp(prefix=".", suffix=".writing", dir=folder.parent))
        try:
            _write(temporary, meta, checked, curves, localisation, embedding, marks)
            _put(temporary, folder, replace_existing)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    except OSError as error:
        raise _unwritten(error, folder.name) from error
    return load_run(folder)


def _write(
    temporary: Path,
    meta: RunMetadata,
    table: PredictionTable,
    curves: pd.DataFrame | None,
    localisation: pd.DataFrame | None,
    embedding: Embedding | None,
    marks: pd.DataFrame | None,
) -> None:
    """Everything of a run into an empty folder, and to the disk. Raises RunError and OSError."""
    scores = [field.name for field in table.arrow.schema if pa.types.is_floating(field.type)]
    others = [name for name in table.columns if name not in scores]
    pq.write_table(
        table.arrow,
        temporary / PREDICTIONS,
        compression="zstd",
        use_dictionary=others,
        use_byte_stream_split=scores,
    )
    if curves is not None:
        check_curves(curves)
        curves.to_csv(temporary / CURVES, index=False)
    if localisation is not None:
        pq.write_table(pa.Table.from_pandas(localisation, preserve_index=False), temporary / LOCALISATION)
    if embedding is not None:
        (temporary / EMBEDDING).write_bytes(embedding.to_bytes())
    if marks is not None:
        packed = pa.Table.from_pandas(marks, preserve_index=False)
        pq.write_table(packed, temporary / MARKS, compression="zstd", compression_level=19)
    digests = {item.name: file_digest(item) for item in sorted(temporary.iterdir())}
    whole = replace(meta, counts=counts_of(table), tables=digests)
    check_agreement(whole, table)
    (temporary / META).write_text(whole.to_json(), encoding="utf-8")
    temporary.chmod(0o755)
    for item in temporary.iterdir():
        _sync(item)
    _sync(temporary)


def _refuse_existing(folder: Path) -> None:
    if os.path.lexists(folder):
        raise RunError(f"There is a run {folder.name} already; choose another name or remove it first.")


def _put(temporary: Path, folder: Path, replace_existing: bool) -> None:
    """Renames ``temporary`` to ``folder``: one that stands there gives way if it may, else it is never touched.

    Of two that write one name at once the second is refused, for a folder cannot be renamed onto one that holds anything.
    """
    old = temporary.with_suffix(".old")
    if replace_existing and folder.exists():
        folder.rename(old)
    try:
        temporary.rename(folder)
    except OSError:
        _refuse_existing(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)
    _sync(folder.parent)


def _unwritten(error: OSError, name: str) -> RunError:
    """Why nothing was stored, in a sentence."""
    reasons = {
        errno.ENOSPC: "the disk is full; make room",
        errno.EDQUOT: "your share of the disk is used up; make room",
        errno.ENAMETOOLONG: "its name is too long; give it a shorter one",
        errno.EACCES: "the folder of runs may not be written to",
        errno.EROFS: "the folder of runs may not be written to",
    }
    reason = reasons.get(error.errno or 0, f"the disk refused it ({error.strerror})")
    return RunError(f"The run {name[:60]} was not stored: {reason}.")


def _sync(path: Path) -> None:
    """Asks the system to bring a file or folder to the disk; folders cannot be on every system (Windows)."""
    with suppress(PermissionError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            with suppress(OSError):
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
