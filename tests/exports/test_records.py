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
from chexview.worklist.verdicts import Decision, Verdict


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


def test_nothing_flagged_is_said_and_a_verdict_stands_beside_its_score(film: Radiograph, reading: Reading) -> None:
    none = reading.at("p", dict.fromkeys(reading.probabilities, 1e6))
    verdicts = [
        Verdict(film.digest, "Mass", "w", decision, "2026-05-04T10:00:00", "Reader 2")
        for decision in (Decision.ACCEPTED, Decision.REJECTED)
    ]
    found = records.with_verdicts(records.record("a.png", film, none), verdicts)
    (row,) = csv.DictReader(io.StringIO(records.comma_separated([found], ("Mass", "Nodule")).decode("utf-8-sig")))
    assert row["result"] == "No finding over its threshold among the 14 assessed."
    assert (row["Mass verdict"], row["Nodule verdict"]) == ("rejected", "")
    assert found["findings"]["Mass"]["reader"] == "Reader 2"
    every = records.record("a.png", film, reading.at("p", {"Mass": -1e6}))
    assert every["result"] == "Flagged: Mass."
    assert records.with_verdicts(records.refusal("b", "No."), verdicts) == records.refusal("b", "No.")


def test_withheld_scores_and_refusals_have_no_numbers(film: Radiograph) -> None:
    table = [records.record("a.png", film, None), records.refusal("b.png", "It is empty.")]
    withheld, refused = csv.DictReader(io.StringIO(records.comma_separated(table, ("Mass",)).decode("utf-8-sig")))
    assert withheld["Mass probability"] == refused["Mass probability"] == ""
    assert refused["refused"] == "It is empty." and withheld["digest"] == film.digest


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1.png", "'=1+1.png"),
        ("  +1.png", "'  +1.png"),
        ("\ufeff@SUM(A1).png", "'\ufeff@SUM(A1).png"),
        ("\uff1d1+1.png", "'\uff1d1+1.png"),
        ("a;=1+1;.png", "a;'=1+1;.png"),
        ("a\n-1.png", "a\n'-1.png"),
        ("\x1b[31mred\x07.png", "\ufffd[31mred\ufffd.png"),
        ("a\u202egnp.exe", "a\ufffdgnp.exe"),
        ("00000013_005.png", "00000013_005.png"),
        ("/films/a = b - c;d.png", "/films/a = b - c;d.png"),
    ],
)
def test_no_text_is_a_formula_or_steers_a_terminal(text: str, written: str) -> None:
    assert records.safe(text) == written
