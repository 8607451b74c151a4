"""Readings as CSV and JSON: whole, in step with each other, and no formulas."""

import csv
import io
import json
from pathlib import Path

import pytest
import torch

from chexview.exports import records
from chexview.films.radiograph import Radiograph
from chexview.films.read import read
from chexview.model import checkpoint
from chexview.model.predictor import Predictor
from chexview.model.reading import Reading
from chexview.settings import BUNDLED


@pytest.fixture(scope="module")
def film() -> Radiograph:
    return read((BUNDLED / "films" / "00021782_018.png").read_bytes())


@pytest.fixture(scope="module")
def reading(home: Path, film: Radiograph) -> Reading:
    predictor = Predictor(checkpoint.load(home / "checkpoints" / "random"), torch.device("cpu"))
    return predictor.read([film])[0]


def test_json_lines_hold_the_record_and_the_notice(film: Radiograph, reading: Reading) -> None:
    found = records.record("film Ł.png", film, reading)
    (line,) = records.json_lines([found]).decode("ascii").splitlines()
    assert json.loads(line) == {**found, "notice": records.NOTICE}


def test_a_file_name_is_no_formula(film: Radiograph, reading: Reading) -> None:
    names = tuple(score.name for score in reading.findings)
    found = records.record("=HYPERLINK(1).png", film, reading)
    (row,) = csv.DictReader(io.StringIO(records.comma_separated([found], names).decode("utf-8-sig")))
    assert row["file"] == "'=HYPERLINK(1).png"
    assert float(row["Mass logit"]) == reading.score("Mass").logit
    assert row["Mass flagged"] == str(reading.score("Mass").flagged)
    assert row["notice"] == records.NOTICE


def test_withheld_scores_and_refusals_have_no_numbers(film: Radiograph) -> None:
    table = [records.record("a.png", film, None), records.refusal("b.png", "It is empty.")]
    withheld, refused = csv.DictReader(io.StringIO(records.comma_separated(table, ("Mass",)).decode("utf-8-sig")))
    assert withheld["Mass probability"] == refused["Mass probability"] == ""
    assert refused["refused"] == "It is empty." and withheld["digest"] == film.digest
