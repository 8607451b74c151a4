"""Tables of a page as CSV that no spreadsheet takes for formulas (CWE-1236)."""

import pandas as pd

from chexview.exports.records import NOTICE, safe


def comma_separated(frame: pd.DataFrame) -> bytes:
    """A data frame as CSV, its text guarded, the notice in the last column; UTF-8 with the mark that spreadsheets ask for."""
    found = frame.copy()
    for name in found.columns:
        if not pd.api.types.is_numeric_dtype(found[name]):
            found[name] = [safe(str(value)) if isinstance(value, str) else value for value in found[name]]
    found["notice"] = NOTICE
    return found.rename(columns=lambda name: safe(str(name))).to_csv(index=False).encode("utf-8-sig")
