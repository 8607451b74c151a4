"""Tables of a page as CSV that no spreadsheet takes for formulas (CWE-1236)."""

import pandas as pd

from chexview.exports.records import NOTICE, safe


def comma_separated(frame: pd.DataFrame) -> bytes:
    """A data frame as CSV, its text guarded, the notice in the last column; UTF-8 with the mark that spreadsheets ask for."""
    told = frame.copy()
    for name in told.columns:
        if not pd.api.types.is_numeric_dtype(told[name]):
            told[name] = [safe(str(value)) if isinstance(value, str) else value for value in told[name]]
    told["notice"] = NOTICE
    return told.rename(columns=lambda name: safe(str(name))).to_csv(index=False).encode("utf-8-sig")
