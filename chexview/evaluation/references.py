"""Reference standards: folders with ``reference.json`` and tables of labels, of single readers' answers, and of regions.

``labels.parquet`` holds one row a film: ``image``, ``patient``, ``part`` (as its authors divided it, or ""), ``label__<finding>``
(int8: 1, 0, -1 unknown) of the reference's own findings, and ``report__<finding>`` where the labels that the data set was
published with stand beside. ``answers.parquet``: image, reader, finding, answer (see :class:`Answer`). ``regions.parquet``: image,
finding, left, top, right, bottom as shares of the film, and ``outline`` (x, y, x, y ... in thousandths of the film, or empty).
A run's finding is judged through the mapping of ``reference.json``, or not at all.
"""

import io
import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cached_property, lru_cache
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from chexview.errors import ReferenceStandardError
from chexview.evaluation.checksums import bytes_digest, file_digest
from chexview.evaluation.composite import any_label
from chexview.evaluation.reference_schema import FILE, ReferenceMetadata, check, parse
from chexview.geometry import Rectangle

LABELS, ANSWERS, REGIONS = "labels.parquet", "answers.parquet", "regions.parquet"
LABEL, REPORT = "label__", "report__"
COLUMNS_KEPT = 8
"""Columns of images whose rows a reference standard keeps."""

_SCHEMAS = {
    ANSWERS: pa.schema(
        [("image", pa.string()), ("reader", pa.string()), ("finding", pa.string()), ("answer", pa.int8())]
    ),
    REGIONS: pa.schema(
        [
            ("image", pa.string()),
            ("finding", pa.string()),
            *((side, pa.float32()) for side in ("left", "top", "right", "bottom")),
            ("outline", pa.list_(pa.int16())),
        ]
    ),
}


class Answer(IntEnum):
    """What one reader said of one finding on one film; the values stand in ``answers.parquet``."""

    NO = 0
    YES = 1
    HEDGE = 2


@dataclass(frozen=True, slots=True, eq=False)
class OutlinedRegion:
    """Where a finding is: its box, and its outline (n, 2), x and y as shares of the film, n = 0 if none was drawn."""

    finding: str
    box: Rectangle
    outline: npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False, repr=False)
class ReferenceStandard:
    """An opened reference standard; a truth of :mod:`chexview.evaluation.examination`. ``digest`` is that of ``reference.json``."""

    name: str
    folder: Path
    meta: ReferenceMetadata
    table: pd.DataFrame
    digest: str

    @property
    def title(self) -> str:
        """A few words for people."""
        return self.meta.title

    @property
    def findings(self) -> tuple[str, ...]:
        """Its own findings, as its tables call them."""
        return tuple(name.removeprefix(LABEL) for name in self.table.columns if name.startswith(LABEL))

    def judges(self, finding: str) -> bool:
        """Whether it says anything of a run's finding or composite."""
        return finding in self.meta.judges

    def labels(self, finding: str, images: npt.NDArray[np.object_]) -> npt.NDArray[np.int8]:
        """Labels (n,) of a run's finding on images (n,): 1, 0, or -1 where it says nothing.

        Raises ReferenceStandardError if it does not judge the finding.
        """
        return self._at(LABEL, finding, images)

    def reported(self, finding: str, images: npt.NDArray[np.object_]) -> npt.NDArray[np.int8]:
        """Likewise, of the labels that the data set was published with; -1 where they do not stand beside."""
        return self._at(REPORT, finding, images)

    def rows(self, images: npt.NDArray[np.object_]) -> npt.NDArray[np.int64]:
        """The rows (n,) of its table that speak of images (n,); -1 where none does."""
        kept = self._rows.get(id(images))
        if kept is not None:
            return kept.rows
        rows = np.asarray(self._index.get_indexer(pd.Index(images)), dtype=np.int64)
        if not images.flags.writeable:  # a run's column, asked for again with every finding
            if len(self._rows) >= COLUMNS_KEPT:
                self._rows.clear()
            self._rows[id(images)] = _FoundRows(images, rows)
        return rows

    def _at(self, prefix: str, finding: str, images: npt.NDArray[np.object_]) -> npt.NDArray[np.int8]:
        rows = self.rows(images)
        values = self._values(prefix, finding)
        return np.where(rows >= 0, values[np.maximum(rows, 0)], -1).astype(np.int8)

    def _values(self, prefix: str, finding: str) -> npt.NDArray[np.int8]:
        if not self.judges(finding):
            raise ReferenceStandardError(f"{self.title} says nothing of {finding}; choose another finding or truth.")
        names = [finding] if prefix == REPORT and prefix + finding in self.table else self.meta.judges[finding].any_of
        missing = np.full(len(self.table), -1, np.int8)
        columns = [
            self.table[prefix + name].to_numpy(np.int8) if prefix + name in self.table else missing for name in names
        ]
        return any_label(np.stack(columns, axis=-1))

    @cached_property
    def _rows(self) -> "dict[int, _FoundRows]":
        """By the identity of a column of images, which stays with its rows, so that no other can have it."""
        return {}

    @cached_property
    def _index(self) -> "pd.Index[str]":
        index: pd.Index[str] = pd.Index(self.table["image"])
        return index

    @cached_property
    def answers(self) -> pd.DataFrame:
        """Single readers' answers: image, reader, finding, answer; no rows if it has none."""
        return self._frame(ANSWERS)

    @cached_property
    def regions(self) -> pd.DataFrame:
        """Regions: image, finding, left, top, right, bottom, outline; no rows if it has none."""
        return self._frame(REGIONS)

    @property
    def has_regions(self) -> bool:
        """Whether it says where findings are; then a film without a region was looked at and has none of them."""
        return REGIONS in self.meta.tables

    def regions_on(self, image: str, finding: str) -> tuple[OutlinedRegion, ...]:
        """Where a run's finding is on one film. Raises ReferenceStandardError if it does not judge the finding."""
        if not self.judges(finding):
            raise ReferenceStandardError(f"{self.title} says nothing of {finding}; choose another finding or truth.")
        found = self._regions_by_image.get(image)
        if found is None:
            return ()
        wanted = set(self.meta.judges[finding].any_of)
        return tuple(
            OutlinedRegion(
                str(row["finding"]),
                Rectangle(*(float(row[side]) for side in ("left", "top", "right", "bottom"))),
                np.asarray(row["outline"], np.float32).reshape(-1, 2) / np.float32(1000),
            )
            for row in found.to_dict("records")
            if row["finding"] in wanted
        )

    @cached_property
    def _regions_by_image(self) -> dict[str, pd.DataFrame]:
        return {str(image): part for image, part in self.regions.groupby("image", sort=False)}

    def _frame(self, name: str) -> pd.DataFrame:
        if name not in self.meta.tables:
            return pd.DataFrame({field.name: [] for field in _SCHEMAS[name]})
        frame: pd.DataFrame = _table(self.folder, name, self.meta).to_pandas()
        return frame

    def __repr__(self) -> str:
        return f"ReferenceStandard({self.name}, {len(self.table)} films)"


@dataclass(frozen=True, slots=True, eq=False)
class _FoundRows:
    images: npt.NDArray[np.object_]
    rows: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ReferenceListing:
    """A folder that holds a reference standard: its ``meta``, or one sentence on the ``problem`` with it."""

    name: str
    folder: Path
    meta: ReferenceMetadata | None
    problem: str = ""


def list_references(folders: Iterable[Path]) -> tuple[ReferenceListing, ...]:
    """The reference standards in some folders, by folder and name; one that cannot be used is listed with its problem."""
    found: dict[str, ReferenceListing] = {}
    for parent in folders:
        for listing in _listed(parent):
            found.setdefault(listing.name, listing)
    return tuple(found.values())


def _listed(parent: Path) -> Iterator[ReferenceListing]:
    try:
        folders = sorted(parent.iterdir()) if parent.is_dir() else []
    except OSError as error:
        yield ReferenceListing(
            parent.name, parent, None, f"The folder {parent.name} cannot be read ({error.strerror})."
        )
        return
    for folder in folders:
        if folder.name.startswith(".") or not folder.name.isprintable():
            continue
        try:
            if (folder / FILE).is_file():
                yield ReferenceListing(folder.name, folder, _parsed((folder / FILE).read_bytes()))
        except (ReferenceStandardError, OSError) as error:
            problem = (
                str(error) if isinstance(error, ReferenceStandardError) else f"It cannot be read ({error.strerror})."
            )
            yield ReferenceListing(folder.name, folder, None, problem)


@lru_cache(maxsize=32)
def _parsed(content: bytes) -> ReferenceMetadata:
    """A page lists the reference standards several times, and their files are what they were."""
    return parse(content)


def load_reference(folder: Path) -> ReferenceStandard:
    """Opens and checks the reference standard in ``folder``; opened twice, it is read once. Raises ReferenceStandardError."""
    try:
        stamps = tuple(
            (item.stat().st_mtime_ns, item.stat().st_size)
            for item in (folder / FILE, folder / LABELS)
            if item.is_file()
        )
    except OSError as error:
        raise ReferenceStandardError(f"{folder.name} cannot be read ({error.strerror}).") from error
    if len(stamps) != 2:
        raise ReferenceStandardError(f"{folder.name} is no reference standard: it needs {FILE} and {LABELS}.")
    return _load(folder.resolve(), stamps)


def usable_references(folders: Iterable[Path]) -> tuple[ReferenceStandard, ...]:
    """The reference standards in some folders that can be opened, by folder and name."""
    found = []
    for listing in list_references(folders):
        try:
            if listing.meta is not None:
                found.append(load_reference(listing.folder))
        except ReferenceStandardError:
            continue
    return tuple(found)


@lru_cache(maxsize=16)
def _load(folder: Path, stamps: tuple[tuple[int, int], ...]) -> ReferenceStandard:
    meta = _parsed((folder / FILE).read_bytes())
    frame = _table(folder, LABELS, meta).to_pandas()
    check_labels(frame, meta)
    return ReferenceStandard(folder.name, folder, meta, frame, file_digest(folder / FILE))


def _table(folder: Path, name: str, meta: ReferenceMetadata) -> pa.Table:
    try:
        content = (folder / name).read_bytes()
    except OSError as error:
        raise ReferenceStandardError(f"{folder.name} has no {name} that can be read; copy its folder again.") from error
    if bytes_digest(content) != meta.tables.get(name):
        raise ReferenceStandardError(
            f"{name} of {folder.name} is not the file its {FILE} speaks of (SHA-256 differs); copy its folder again."
        )
    try:
        table = pq.read_table(pa.BufferReader(content))
        return table.cast(_SCHEMAS[name]) if name in _SCHEMAS else table
    except (pa.ArrowException, OSError, ValueError) as error:
        raise ReferenceStandardError(f"{name} of {folder.name} is not the table it should be ({error}).") from error


def check_labels(frame: pd.DataFrame, meta: ReferenceMetadata) -> None:
    """What must hold of the labels. Raises ReferenceStandardError naming the column."""
    for name in ("image", "patient"):
        if name not in frame or not all(isinstance(value, str) and value for value in frame[name].tolist()):
            raise ReferenceStandardError(f"{LABELS} needs a column {name} of text, without an empty cell.")
    if frame["image"].duplicated().any():
        raise ReferenceStandardError(
            f"{LABELS} names the image {frame['image'][frame['image'].duplicated()].iloc[0]} twice."
        )
    for name in frame.columns:
        if str(name).startswith((LABEL, REPORT)) and not frame[name].isin([-1, 0, 1]).all():
            raise ReferenceStandardError(f"The column {name} of {LABELS} must be 1, 0 or -1 (unknown).")
    for finding, judgement in meta.judges.items():
        if missing := [name for name in judgement.any_of if LABEL + name not in frame]:
            raise ReferenceStandardError(
                f"{finding} is judged by {missing[0]}, but {LABELS} has no column {LABEL}{missing[0]}."
            )


def write_reference(
    folder: Path,
    meta: ReferenceMetadata,
    labels: pd.DataFrame,
    answers: pd.DataFrame | None = None,
    regions: pd.DataFrame | None = None,
    replace_existing: bool = False,
) -> ReferenceStandard:
    """Checks and stores a reference standard as ``folder``, whole or not at all, and opens it again.

    Raises ReferenceStandardError in one sentence.
    """
    if os.path.lexists(folder) and not replace_existing:
        raise ReferenceStandardError(f"There is a reference standard {folder.name} already; choose another name.")
    check(meta)
    check_labels(labels, meta)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(mkdtemp(prefix=".", suffix=".writing", dir=folder.parent))
        try:
            contents = {LABELS: pa.Table.from_pandas(labels, preserve_index=False)}
            for name, frame in ((ANSWERS, answers), (REGIONS, regions)):
                if frame is not None and len(frame):
                    contents[name] = pa.Table.from_pandas(frame, schema=_SCHEMAS[name], preserve_index=False)
            digests = {}
            for name, table in contents.items():
                packed = io.BytesIO()
                pq.write_table(table.replace_schema_metadata(None), packed, compression="zstd", compression_level=19)
                (temporary / name).write_bytes(packed.getvalue())
                digests[name] = bytes_digest(packed.getvalue())
            (temporary / FILE).write_text(replace(meta, tables=digests).to_json(), encoding="utf-8")
            temporary.chmod(0o755)
            if replace_existing and folder.exists():
                folder.rename(temporary.with_suffix(".old"))
            temporary.rename(folder)
            shutil.rmtree(temporary.with_suffix(".old"), ignore_errors=True)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    except (OSError, pa.ArrowException) as error:
        raise ReferenceStandardError(f"The reference standard {folder.name[:60]} was not stored ({error}).") from error
    return load_reference(folder)
