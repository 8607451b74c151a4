"""A table read in a child is the same table; a child that takes too long, too much, or is not wanted any more is ended."""

import threading
import time
from pathlib import Path

import pandas as pd
import pytest

from chexview.errors import RunError, TableError
from chexview.evaluation.importing import import_predictions
from chexview.labels.table_process import read_apart
from chexview.labels.tables import read_table
from tests.labels.test_tables import TEXT

LARGE = b"image,a,b\n" + b"name of an image,0.12345,0.54321\n" * 400_000


def test_the_child_reads_the_same_table() -> None:
    data = b"sep=;\n" + TEXT.replace(",", ";").encode("latin-1")
    apart, here = read_apart(data, "a.csv"), read_table(data, "a.csv")
    pd.testing.assert_frame_equal(apart.frame, here.frame, check_dtype=False)
    assert (apart.first_row, apart.encoding, apart.comma) == (here.first_row, here.encoding, here.comma)


def test_its_refusals_are_the_same_sentences() -> None:
    with pytest.raises(TableError, match=r"^a\.csv has the column x twice\.$"):
        read_apart(b"image,x,x\na,1,2\n", "a.csv")


def test_a_child_that_takes_too_long_is_ended() -> None:
    begun = time.monotonic()
    with pytest.raises(TableError, match=r"takes longer than 0\.3 s"):
        read_apart(LARGE, "a.csv", seconds=0.3)
    assert time.monotonic() - begun < 20


def test_a_child_that_takes_too_much_memory_is_ended() -> None:
    with pytest.raises(TableError, match="needs more memory than a table may take"):
        read_apart(LARGE * 2, "a.csv", memory=600 * 2**20)


def test_a_reading_can_be_cancelled() -> None:
    cancelled = threading.Event()
    threading.Timer(0.3, cancelled.set).start()
    with pytest.raises(TableError, match=r"Reading a\.csv was cancelled\."):
        read_apart(LARGE, "a.csv", cancelled)


def test_an_import_may_read_apart(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="80,001 columns"):
        wide = b"image," + b",".join(b"c%d" % k for k in range(80_000)) + b"\na\n"
        import_predictions(wide, "a.csv", tmp_path / "x", read=read_apart)
