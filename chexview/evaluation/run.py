"""Validation runs: folders ``name/`` with ``run.json`` and ``predictions.parquet``, the source of every number shown.

Optional beside them: ``curves.csv`` (epoch, finding, part, auroc, loss), ``localisation.parquet``, ``embedding.npz``.
A run is opened strictly: whatever contradicts itself is refused with a RunError that names what, the column and the row
(counted from 1).
"""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from chexview.calibration import Calibration
from chexview.errors import RunError
from chexview.evaluation.checksums import bytes_digest, file_digest
from chexview.evaluation.composite import any_label, any_of
from chexview.evaluation.localisation import DRAWN, Drawn
from chexview.evaluation.run_schema import (
    ChosenOn,
    Counts,
    FilmList,
    Made,
    PatientOverlap,
    RunCheckpoint,
    RunMetadata,
    made_now,
    parse,
)
from chexview.evaluation.selection import PatientCodes, Selection
from chexview.evaluation.similarity import Embedding, from_bytes
from chexview.evaluation.table import CONTROL, LABEL, LIST, LOGIT, PredictionTable, Split
from chexview.findings import COMPOSITES, NAMES

if TYPE_CHECKING:
    from chexview.evaluation.examination import Examination, Truth

__all__ = [
    "ChosenOn",
    "Counts",
    "FilmList",
    "Made",
    "PatientOverlap",
    "RunCheckpoint",
    "RunListing",
    "RunMetadata",
    "Selection",
    "Split",
    "ValidationRun",
    "list_runs",
    "load_run",
    "made_now",
]

META, PREDICTIONS, CURVES, LOCALISATION = "run.json", "predictions.parquet", "curves.csv", "localisation.parquet"
EMBEDDING, MARKS = "embedding.npz", "marks.parquet"
LARGEST_META = 10_000_000
"""Bytes of a ``run.json``; those that ship have 6 thousand."""
CURVE_COLUMNS = ("epoch", "finding", "part", "auroc", "loss")


@dataclass(frozen=True, slots=True)
class RunListing:
    """A folder that holds a run: its ``meta``, or one sentence on the ``problem`` with its ``run.json``."""

    name: str
    folder: Path
    meta: RunMetadata | None
    problem: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ValidationRun:
    """An opened run. ``digest`` is the SHA-256 of ``run.json``, which holds those of the tables: a key for caches."""

    name: str
    folder: Path
    meta: RunMetadata
    table: PredictionTable
    digest: str

    @property
    def findings(self) -> tuple[str, ...]:
        """The findings the run has, in CheXView's order; others after them as they come. The rest is absent."""
        found = self.table.named(LOGIT)
        return tuple(name for name in NAMES if name in found) + tuple(name for name in found if name not in NAMES)

    @property
    def composites(self) -> tuple[str, ...]:
        """The composites that the run does not hold itself, but can be computed from their parts."""
        found = self.table.named(LOGIT)
        return tuple(name for name, parts in COMPOSITES.items() if name not in found and set(parts) <= set(found))

    @property
    def lists(self) -> tuple[FilmList, ...]:
        """The named lists of films."""
        return self.meta.lists

    @property
    def controlled(self) -> tuple[str, ...]:
        """The findings for which the blur-and-brightness control was run."""
        return self.table.named(CONTROL)

    def labels(self, finding: str) -> npt.NDArray[np.int8]:
        """Labels (rows,) of a finding or composite: 1, 0, -1 unknown. Raises RunError if the run lacks it."""
        if finding in self.composites:
            return any_label(np.stack([self.labels(part) for part in COMPOSITES[finding]], axis=-1))
        return self._finding_column(LABEL, finding)

    def logits(self, finding: str, control: bool = False) -> npt.NDArray[np.float32]:
        """Logits (rows,) of a finding, or of its control; of a composite, the log-odds that a part is present.

        A composite is put together from calibrated log-odds where all its parts are calibrated, else from bare logits.
        Raises RunError if the run lacks it.
        """
        if finding not in self.composites:
            return self._finding_column(CONTROL if control else LOGIT, finding)
        parts = COMPOSITES[finding]
        calibrated = all(part in self.meta.calibration for part in parts)
        line = Calibration(1.0, 0.0)
        scores = [
            (self.meta.calibration[part] if calibrated else line).log_odds(self.logits(part, control)) for part in parts
        ]
        return any_of(np.stack(scores, axis=-1)).astype(np.float32)

    def _finding_column(self, prefix: str, finding: str) -> npt.NDArray[Any]:
        if prefix + finding not in self.table.columns:
            what = (
                "was made without the control of" if prefix == CONTROL and finding in self.findings else "does not hold"
            )
            raise RunError(f"The run {self.name} {what} {finding}; choose another finding or run.")
        return self.table.column(prefix + finding)

    def list_mask(self, list_name: str) -> npt.NDArray[np.bool_]:
        """The list's films, bool (rows,). Raises RunError if the run has no such list."""
        if list_name not in {item.name for item in self.lists}:
            raise RunError(f"The run {self.name} has no list {list_name}; choose another list.")
        return self.table.column(LIST + list_name)

    def select(self, finding: str, list_name: str, control: bool = False) -> Selection:
        """One finding's films of known label in a list, selected once. All findings of a list share patient codes.

        Raises RunError if the run lacks the finding or the list.
        """
        return _selected(self, finding, list_name, control)

    def select_judged(
        self, finding: str, list_name: str, labels: npt.NDArray[np.int8], control: bool = False
    ) -> Selection:
        """As :meth:`select`, by another truth's ``labels`` (rows,), 1, 0 or -1 unknown, than the run's own."""
        mask = self.list_mask(list_name)
        return _selection(self, finding, mask, list_name, _patients_of(self, list_name), control, labels)

    def select_where(
        self,
        finding: str,
        mask: npt.NDArray[np.bool_],
        name: str,
        control: bool = False,
        labels: npt.NDArray[np.int8] | None = None,
    ) -> Selection:
        """As :meth:`select`, of any films, bool (rows,), under a name that stands for them.

        ``labels`` (rows,), 1, 0 or -1 unknown, are another truth's than the run's own.
        """
        return _selection(self, finding, mask, name, PatientCodes.of(self.table.patient_codes[mask]), control, labels)

    def selections(self, list_name: str, control: bool = False) -> tuple[Selection, ...]:
        """Every finding of a list; with ``control``, the control's logits of the findings that have it."""
        findings = [finding for finding in self.findings if not control or finding in self.controlled]
        return tuple(self.select(finding, list_name, control) for finding in findings)

    def examine(self, finding: str, films_list: str = "", truth: "Truth | None" = None) -> "Examination":
        """One finding's examination on a list (the first one, if none is named), by the run's own labels or a truth."""
        from chexview.evaluation.examination import examine  # an examination is made of a run: not the other way round

        return examine(self, films_list or self.lists[0].name, finding, truth)

    def frame(self, columns: Iterable[str], rows: npt.NDArray[np.int64] | None = None) -> pd.DataFrame:
        """Columns of the table as a data frame, of all films or of ``rows``. Raises KeyError for an unknown column."""
        return pd.DataFrame(
            {name: self.table.column(name) if rows is None else self.table.column(name)[rows] for name in columns}
        )

    def curves(self) -> pd.DataFrame | None:
        """The training curves (epoch, finding, part, auroc, loss), part being training or validation; None without."""
        if CURVES not in self.meta.tables:
            return None
        frame = pd.read_csv(io.BytesIO(self._checked_bytes(CURVES)))
        check_curves(frame)
        return frame

    def localisation(self, drawn: Drawn = Drawn.BOXES) -> pd.DataFrame | None:
        """The localisation table of ``drawn``, one row per box (or film and finding with regions) and method; None if the
        run has none."""
        if LOCALISATION not in self.meta.tables:
            return None
        frame: pd.DataFrame = pq.read_table(pa.BufferReader(self._checked_bytes(LOCALISATION))).to_pandas()
        if DRAWN not in frame:  # runs from before regions
            return frame if drawn is Drawn.BOXES else None
        part = frame[frame[DRAWN] == drawn.value].drop(columns=DRAWN).reset_index(drop=True)
        return part if len(part) else None

    def marks(self) -> pd.DataFrame | None:
        """Where class maps peak on films that radiologists outlined (image, finding, x, y, rating); None if the run has none."""
        if MARKS not in self.meta.tables:
            return None
        frame: pd.DataFrame = pq.read_table(pa.BufferReader(self._checked_bytes(MARKS))).to_pandas()
        return frame

    def embedding(self) -> Embedding | None:
        """What the network makes of each validation film, for finding similar ones; None if the run has none."""
        if EMBEDDING not in self.meta.tables:
            return None
        return from_bytes(self._checked_bytes(EMBEDDING), self.table.rows)

    def _checked_bytes(self, name: str) -> bytes:
        return _read_table(self.folder, name, self.meta)

    def __repr__(self) -> str:
        return f"ValidationRun({self.name}, {self.table.rows} films, {len(self.findings)} findings)"


@lru_cache(maxsize=32)
def _patients_of(run: ValidationRun, list_name: str) -> PatientCodes:
    return PatientCodes.of(run.table.patient_codes[run.list_mask(list_name)])


@lru_cache(maxsize=128)
def _selected(run: ValidationRun, finding: str, list_name: str, control: bool) -> Selection:
    return _selection(run, finding, run.list_mask(list_name), list_name, _patients_of(run, list_name), control)


def _selection(
    run: ValidationRun,
    finding: str,
    mask: npt.NDArray[np.bool_],
    name: str,
    patients: PatientCodes,
    control: bool = False,
    labels: npt.NDArray[np.int8] | None = None,
) -> Selection:
    labels = run.labels(finding) if labels is None else labels
    known = labels[mask] >= 0
    rows = np.flatnonzero(mask)[known]
    logits = run.logits(finding, control)[rows]
    return Selection(finding, name, labels[rows] == 1, logits, patients.codes[known], patients.count, rows)


def list_runs(folders: Iterable[Path]) -> tuple[RunListing, ...]:
    """The runs in some folders, by folder and name, without opening their tables.

    A run whose ``run.json`` cannot be used is listed with its problem; of two runs of one name the first stands. A folder of
    runs that cannot be read is listed itself.
    """
    found: dict[str, RunListing] = {}
    for parent in folders:
        for listing in _listed(parent):
            found.setdefault(listing.name, listing)
    return tuple(found.values())


def _listed(parent: Path) -> Iterator[RunListing]:
    try:
        folders = sorted(parent.iterdir()) if parent.is_dir() else []
    except OSError as error:
        yield RunListing(parent.name, parent, None, f"The folder {parent.name} cannot be read ({error.strerror}).")
        return
    for folder in folders:
        if folder.name.startswith("."):
            continue
        if not folder.name.isprintable():
            shown = ascii(folder.name)[1:-1]
            yield RunListing(shown, folder, None, "Its folder's name cannot be shown; rename the folder.")
            continue
        try:
            if (folder / META).is_file():
                yield RunListing(folder.name, folder, _read_meta(folder))
        except RunError as error:
            yield RunListing(folder.name, folder, None, str(error))
        except OSError as error:
            yield RunListing(folder.name, folder, None, f"The folder cannot be read ({error.strerror}).")


def load_run(folder: Path) -> ValidationRun:
    """Opens and checks the run in ``folder``. Raises RunError in one sentence; a run opened twice is read once."""
    path = folder / META
    if not path.is_file():
        raise RunError(f"{folder.name} has no {META}; a validation run is a folder with {META} and {PREDICTIONS}.")
    stamps = tuple(
        (item.stat().st_mtime_ns, item.stat().st_size) for item in (path, folder / PREDICTIONS) if item.is_file()
    )
    return _load(folder.resolve(), stamps)


def run_of_weights(weights: str, folders: Iterable[Path]) -> ValidationRun | None:
    """The first run in some folders made with the weights of this SHA-256 that can be opened; None if none is there."""
    for listing in list_runs(folders):
        if listing.meta is None or listing.meta.checkpoint.weights != weights:
            continue
        try:
            return load_run(listing.folder)
        except RunError:
            continue
    return None


@lru_cache(maxsize=8)
def _load(folder: Path, stamps: tuple[tuple[int, int], ...]) -> ValidationRun:
    meta = _read_meta(folder)
    content = _read_table(folder, PREDICTIONS, meta)
    try:
        table = PredictionTable(pq.read_table(pa.BufferReader(content)))
    except (pa.ArrowException, OSError, ValueError) as error:
        raise RunError(f"{PREDICTIONS} of {folder.name} is no Parquet table; copy the run again.") from error
    check_agreement(meta, table)
    return ValidationRun(folder.name, folder, meta, table, file_digest(folder / META))


def _read_meta(folder: Path) -> RunMetadata:
    """What ``run.json`` says; one that has not changed is parsed once. Raises RunError."""
    try:
        stamp = (folder / META).stat()
    except OSError as error:
        raise _unreadable(folder) from error
    return _parsed(folder, stamp.st_mtime_ns, stamp.st_size)


@lru_cache(maxsize=256)
def _parsed(folder: Path, changed: int, size: int) -> RunMetadata:
    if size > LARGEST_META:
        raise RunError(f"{META} of {folder.name} has {size // 1_000_000} MB, which is no description of a run.")
    try:
        text = (folder / META).read_bytes()
    except OSError as error:
        raise _unreadable(folder) from error
    return parse(text)


def _unreadable(folder: Path) -> RunError:
    return RunError(f"{META} of {folder.name} cannot be read; copy the run's folder again.")


def _read_table(folder: Path, name: str, meta: RunMetadata) -> bytes:
    """A table's bytes, their SHA-256 compared with ``run.json``'s. Raises RunError."""
    if name not in meta.tables:
        raise RunError(f"{META} of {folder.name} holds no SHA-256 of {name}; make the run again.")
    try:
        content = (folder / name).read_bytes()
    except OSError as error:
        raise RunError(f"{folder.name} has no {name} that can be read; copy the run's folder again.") from error
    if bytes_digest(content) != meta.tables[name]:
        raise RunError(
            f"{name} of {folder.name} is not the file its {META} speaks of (SHA-256 differs); copy the run again."
        )
    return content


def check_agreement(meta: RunMetadata, table: PredictionTable) -> None:
    """run.json and the table must speak of the same lists, counts and findings. Raises RunError."""
    said, there = {item.name for item in meta.lists}, set(table.named(LIST))
    if said != there:
        name = sorted(said ^ there)[0]
        where = f"{META}, but the table has no column {LIST}{name}" if name in said else f"the table, but not in {META}"
        raise RunError(f"The list {name} is in {where}.")
    found = set(table.named(LOGIT))
    known = found | {name for name, parts in COMPOSITES.items() if set(parts) <= found}
    stated = set(meta.calibration).union(meta.probabilities, *meta.operating_points.values())
    if strange := sorted(stated - known):
        raise RunError(f"{META} calibrates or thresholds {strange[0]}, of which the table has no logits.")
    for name, counts in counts_of(table).items():
        if meta.counts.get(name) != counts:
            raise RunError(
                f"{META} counts other films than the table has in the list {name}: "
                f"there are {counts.films} films of {counts.patients} patients."
            )


def counts_of(table: PredictionTable) -> dict[str, Counts]:
    """The films and patients of each list of a table."""
    masks = {name: table.column(LIST + name) for name in table.named(LIST)}
    return {name: Counts(int(mask.sum()), len(np.unique(table.patient_codes[mask]))) for name, mask in masks.items()}


def check_curves(frame: pd.DataFrame) -> None:
    """Raises RunError if training curves lack a column."""
    for name in CURVE_COLUMNS:
        if name not in frame.columns:
            raise RunError(f"{CURVES} has no column {name}; it needs {', '.join(CURVE_COLUMNS)}.")
