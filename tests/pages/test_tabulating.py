"""Readings as CSV and JSON: the command line's fields, and no formulas."""

import csv
import io
import json
from pathlib import Path

import pytest
import torch

from chexview import cli
from chexview.model import checkpoint
from chexview.model.predictor import Predictor
from chexview.pages import lightbox, tabulating
from chexview.pages.lightbox import Entry
from chexview.settings import BUNDLED

FILM = BUNDLED / "films" / "00021782_018.png"


@pytest.fixture(scope="module")
def entry(home: Path) -> Entry:
    predictor = Predictor(checkpoint.load(home / "checkpoints" / "random"), torch.device("cpu"))
    film = lightbox.read(FILM.read_bytes())
    return Entry("=HYPERLINK(1).png", film, reading=predictor.read([film])[0])


def test_json_holds_what_the_command_line_tells(entry: Entry) -> None:
    told = json.loads(tabulating.json_lines([tabulating.record(entry, entry.reading)]))
    outcome = cli.Outcome(cli.Given(FILM, entry.name), film=entry.film, reading=entry.reading)
    known = cli.record(outcome)
    assert told.pop("notice") == tabulating.NOTICE
    assert set(known) <= set(told)
    assert told["findings"]["Mass"].items() >= known["findings"]["Mass"].items()


def test_a_file_name_is_no_formula(entry: Entry) -> None:
    assert entry.reading is not None
    names = tuple(score.name for score in entry.reading.findings)
    text = tabulating.comma_separated([tabulating.record(entry, entry.reading)], names).decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["file"] == "'=HYPERLINK(1).png"
    mass = entry.reading.score("Mass")
    assert float(row["Mass logit"]) == mass.logit
    assert row["Mass flagged"] == str(mass.flagged)
    assert row["notice"] == tabulating.NOTICE


def test_a_withheld_score_is_in_no_table(entry: Entry) -> None:
    bare = Entry(entry.name, entry.film)
    (row,) = csv.DictReader(
        io.StringIO(tabulating.comma_separated([tabulating.record(bare, None)], ("Mass",)).decode())
    )
    assert row["Mass probability"] == ""
