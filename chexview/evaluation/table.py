"""``predictions.parquet``: one row per film, checked whole when a run is opened, given out column by column.

Columns: ``image``, ``patient``, ``sex`` (M, F or ""), ``age`` (years, -1 unknown), ``view`` (PA, AP, lateral or ""),
``split`` (validation or test), ``list__<name>`` (bool), ``label__<finding>`` (int8: 1, 0, -1 unknown),
``logit__<finding>`` (float32) and, where made, ``control__<finding>`` (float32: the logit of the blur-and-brightness
control).
"""

from enum import StrEnum
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from chexview.errors import RunError

LIST, LABEL, LOGIT, CONTROL = "list__", "label__", "logit__", "control__"
OLDEST = 120


class Split(StrEnum):
    """Which side of the split a film of a run is on; films of the training side are in no run."""

    VALIDATION = "validation"
    TEST = "test"


_WORDS = {
    "sex": ("M", "F", ""),
    "view": ("PA", "AP", "lateral", ""),
    "split": tuple(split.value for split in Split),
}


class PredictionTable:
    """The checked table of a run. Columns become numpy arrays when first asked for; they are read-only."""

    def __init__(self, table: pa.Table) -> None:
        """Checks every value. Raises RunError naming the column and, counted from 1, the row."""
        _check_columns(table)
        self._table = table
        self._columns: dict[str, npt.NDArray[Any]] = {}
        for name in table.column_names:
            _check_values(name, self.column(name))
        _check_unique(self.column("image"))
        _check_disjoint(self.patient_codes, self.column("split"))
        self._columns = {}

    @classmethod
    def of(cls, frame: pd.DataFrame) -> "PredictionTable":
        """From a data frame, brought to the schema's own types where nothing is lost. Raises RunError."""
        columns: dict[str, pa.Array] = {}
        for name in frame.columns:
            kind = _arrow_type(str(name))
            values = frame[name]
            if kind in (pa.string(), pa.int16()):
                values = values.where(values.notna(), "" if kind == pa.string() else -1)
            elif values.isna().any():
                row = int(np.flatnonzero(values.isna().to_numpy())[0])
                raise RunError(f"Row {row + 1} of the column {name} is empty; the run was not written.")
            try:
                columns[str(name)] = pa.Array.from_pandas(values, type=kind)
            except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError) as error:
                raise RunError(f"The column {name} cannot be stored as {kind} ({error}).") from error
        return cls(pa.table(columns))

    @property
    def arrow(self) -> pa.Table:
        """The table as pyarrow has it."""
        return self._table

    @property
    def rows(self) -> int:
        """How many films there are."""
        return int(self._table.num_rows)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of all columns, in order."""
        return tuple(self._table.column_names)

    def named(self, prefix: str) -> tuple[str, ...]:
        """What follows ``prefix`` in the columns that begin with it: the lists, or the findings."""
        return tuple(name.removeprefix(prefix) for name in self.columns if name.startswith(prefix))

    def column(self, name: str) -> npt.NDArray[Any]:
        """One column (rows,): text as objects with "" for unknown, age with -1 for unknown. Raises KeyError."""
        if name not in self._columns:
            kind = _arrow_type(name)
            column = self._table.column(name)
            if column.null_count and kind in (pa.string(), pa.int16()):
                column = pc.fill_null(column, "" if kind == pa.string() else -1)
            array = column.to_numpy()
            array.flags.writeable = False
            self._columns[name] = array
        return self._columns[name]

    @cached_property
    def patient_codes(self) -> npt.NDArray[np.int64]:
        """The patients (rows,) as numbers from 0, in order of first appearance."""
        return pd.factorize(self.column("patient"))[0].astype(np.int64)


def _arrow_type(name: str) -> pa.DataType:
    if name in ("image", "patient", "sex", "view", "split"):
        return pa.string()
    if name == "age":
        return pa.int16()
    for prefix, kind in ((LIST, pa.bool_()), (LABEL, pa.int8()), (LOGIT, pa.float32()), (CONTROL, pa.float32())):
        if name.startswith(prefix) and len(name) > len(prefix):
            return kind
    raise RunError(f"The table has the unknown column {name!r}; is it misspelt?")


def _check_columns(table: pa.Table) -> None:
    names = list(table.column_names)
    if doubled := [name for name in names if names.count(name) > 1]:
        raise RunError(f"The table has the column {doubled[0]} twice.")
    for name in ("image", "patient", "sex", "age", "view", "split"):
        if name not in names:
            raise RunError(f"The table has no column {name}; a run needs image, patient, sex, age, view and split.")
    for name in names:
        kind, found = _arrow_type(name), table.schema.field(name).type
        if found != kind and not (kind == pa.string() and found == pa.large_string()):
            raise RunError(f"The column {name} must hold {kind}, not {found}; make the run again.")
    labelled, scored, controlled = (
        {name.removeprefix(prefix) for name in names if name.startswith(prefix)} for prefix in (LABEL, LOGIT, CONTROL)
    )
    for finding in sorted(labelled ^ scored):
        missing = LOGIT if finding in labelled else LABEL
        raise RunError(f"The table has no column {missing}{finding}; each finding needs its label and its logit.")
    for finding in sorted(controlled - scored):
        raise RunError(f"The table has {CONTROL}{finding}, but no column {LOGIT}{finding}.")
    if not scored:
        raise RunError("The table has no finding: columns label__<finding> and logit__<finding> are missing.")
    if not any(name.startswith(LIST) for name in names):
        raise RunError("The table has no list of films: a column list__<name> is missing.")
    if not table.num_rows:
        raise RunError("The table has no row; a run needs films.")


def _check_values(name: str, values: npt.NDArray[Any]) -> None:
    """Raises RunError for the first value of a column that cannot be."""
    if name in ("image", "patient"):
        _refuse(name, values == "", "is empty; each film needs its image and its patient")
    elif name in _WORDS:
        known = _WORDS[name]
        words = ", ".join(word or "empty" for word in known)
        _refuse(name, ~np.isin(values.astype(str), known), f"must be one of {words}", values)
    elif name == "age":
        _refuse(name, (values < -1) | (values > OLDEST), f"must be 0 to {OLDEST} years, or -1 for unknown", values)
    elif name.startswith(LABEL):
        _refuse(name, (values < -1) | (values > 1), "must be 1, 0 or -1 (unknown)", values)
    elif name.startswith((LOGIT, CONTROL)):
        _refuse(name, ~np.isfinite(values), "must be a finite number", values)


def _refuse(name: str, bad: npt.NDArray[np.bool_], what: str, values: npt.NDArray[Any] | None = None) -> None:
    if bad.any():
        row = int(np.argmax(bad))
        found = "" if values is None else f", not {values[row]!s}"
        raise RunError(f"Row {row + 1} of the column {name} {what}{found}; make the run again.")


def _check_unique(images: npt.NDArray[Any]) -> None:
    doubled = pd.Series(images, dtype=object).duplicated().to_numpy()
    if doubled.any():
        row = int(np.argmax(doubled))
        raise RunError(f"Row {row + 1} of the column image holds an image that an earlier row holds already.")


def _check_disjoint(patients: npt.NDArray[np.int64], split: npt.NDArray[Any]) -> None:
    """No patient may have films both among the validation and the test films."""
    tested = split == Split.TEST.value
    if tested.all() or not tested.any():
        return
    both = np.isin(patients, patients[tested]) & ~tested
    if both.any():
        raise RunError(
            f"The patient of row {int(np.argmax(both)) + 1} has films in both validation and test; split by patient."
        )
