"""Tables as CSV."""

import csv
import io

import pandas as pd

from chexview.exports.records import NOTICE
from chexview.exports.tables import comma_separated


def test_text_is_guarded_and_numbers_stay_numbers() -> None:
    frame = pd.DataFrame({"=Finding": ["=1+1", "Mass, large", "@x"], "Logit": [-1.5, 2.0, None]})
    written = comma_separated(frame)
    assert written.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(written.decode("utf-8-sig"))))
    assert rows[0] == ["'=Finding", "Logit", "notice"]
    assert rows[1:] == [["'=1+1", "-1.5", NOTICE], ["Mass, large", "2.0", NOTICE], ["'@x", "", NOTICE]]
    assert frame.columns[0] == "=Finding"
