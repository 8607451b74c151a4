"""Storing a run: at once by many, on a disk that refuses, under names that cannot be."""

import errno
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from chexview.errors import RunError
from chexview.evaluation.run import load_run
from chexview.evaluation.run_schema import RunMetadata
from chexview.evaluation.run_writing import write_run


def test_of_many_that_write_one_name_at_once_one_is_stored_and_the_others_are_told(
    frame: pd.DataFrame, meta: RunMetadata, tmp_path: Path
) -> None:
    def write(number: int) -> str:
        try:
            return write_run(
                tmp_path / "same", replace(meta, title=f"Number {number}"), frame.head(400 - number)
            ).meta.title
        except RunError as error:
            return str(error)

    with ThreadPoolExecutor(6) as pool:
        said = list(pool.map(write, range(6)))
    stored = [words for words in said if words.startswith("Number")]
    assert len(stored) == 1 and all("There is a run same already" in words for words in said if words not in stored)
    assert load_run(tmp_path / "same").meta.title == stored[0]
    assert [item.name for item in tmp_path.iterdir()] == ["same"]


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.ENOSPC, "the disk is full; make room"), (errno.EACCES, "may not be written to"), (errno.EIO, "refused it")],
)
def test_a_disk_that_refuses_gets_a_sentence(
    number: int, words: str, frame: pd.DataFrame, meta: RunMetadata, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(pq, "write_table", refuse)
    with pytest.raises(RunError, match=f"The run run was not stored: .*{words}"):
        write_run(tmp_path / "run", meta, frame)
    assert list(tmp_path.iterdir()) == []


def test_names_and_titles_of_300_letters_get_a_sentence(frame: pd.DataFrame, meta: RunMetadata, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="its name is too long; give it a shorter one"):
        write_run(tmp_path / ("x" * 300), meta, frame)
    with pytest.raises(RunError, match="needs a title of 1 to 200 letters; this one has 300"):
        write_run(tmp_path / "run", replace(meta, title="x" * 300), frame)
