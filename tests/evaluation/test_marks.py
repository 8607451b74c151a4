"""A run's marks: peaks of planted maps, judged by planted regions, beside a control that guesses the place."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from chexview.calibration import Calibration
from chexview.evaluation.marks import MOST, Placed, peaks, placed
from chexview.evaluation.reference_schema import JudgedBy, ReferenceMetadata
from chexview.evaluation.references import ReferenceStandard, write_reference
from chexview.evaluation.run import ValidationRun
from chexview.evaluation.run_schema import FilmList, RunCheckpoint, RunMetadata, made_now
from chexview.evaluation.run_writing import write_run

FINDINGS = ("Nodule", "Mass")
FILMS = 24


def cell_of(film: int) -> tuple[int, int]:
    """Row and column, of a grid of 8, of the region that a film has."""
    return film % 8, (3 * film) % 8


def planted_maps() -> np.ndarray:
    """Maps (films, findings, 8, 8): even films have a peak of Nodule of 2 at their cell, all have one of 1 in the corner."""
    maps = np.zeros((FILMS, 2, 8, 8), np.float32)
    maps[:, :, 7, 7] = 1.0
    for film in range(0, FILMS, 2):
        maps[film, 0][cell_of(film)] = 2.0
    return maps


@pytest.fixture
def run(tmp_path: Path) -> ValidationRun:
    images = [f"{film}.png" for film in range(FILMS)]
    table = pd.DataFrame(
        {"image": images, "patient": images, "sex": "", "age": np.int16(-1), "view": "", "split": "test"}
    )
    table["list__test"] = True
    for name in FINDINGS:
        table[f"label__{name}"] = np.int8(0)
        table[f"logit__{name}"] = np.float32(0)
    line = {"Nodule": Calibration(1.0, 0.5), "Mass": Calibration(2.0, 0.0)}
    lists = (FilmList("test", "Test", "all"),)
    meta = RunMetadata("Planted", RunCheckpoint("none"), "none", "nobody", "", lists, made_now(), calibration=line)
    marks = peaks(images, planted_maps(), np.array([-1.0, -2.0]), FINDINGS)
    return write_run(tmp_path / "planted", meta, table, marks=marks)


@pytest.fixture
def reference(tmp_path: Path) -> ReferenceStandard:
    """Even films have one region of Nodule, the cell where the map peaks; film 23 is not judged."""
    judges = {"Nodule": JudgedBy(("Nodule",)), "nodule_mass": JudgedBy(("Nodule",))}
    meta = ReferenceMetadata("Outlines", "one", "by hand", "none", "none", "none", judges, made_now())
    labels = pd.DataFrame({"image": [f"{film}.png" for film in range(FILMS - 1)], "part": ""})
    labels["patient"] = labels["image"]
    labels["label__Nodule"] = np.array([film % 2 == 0 for film in range(FILMS - 1)], np.int8)
    regions = []
    for film in range(0, FILMS, 2):
        y, x = cell_of(film)
        sides = {"left": x / 8, "top": y / 8, "right": (x + 1) / 8, "bottom": (y + 1) / 8}
        regions.append({"image": f"{film}.png", "finding": "Nodule", **sides, "outline": []})
    return write_reference(tmp_path / "references" / "outlines", meta, labels, regions=pd.DataFrame(regions))


def judged(run: ValidationRun, reference: ReferenceStandard, finding: str = "Nodule") -> Placed:
    found = placed(run, "test", finding, reference)
    assert found is not None
    return found


def test_peaks_are_network_outputs_of_cells(run: ValidationRun) -> None:
    marks = run.marks()
    assert marks is not None and marks.groupby(["image", "finding"]).size().max() <= MOST
    first = marks[(marks["image"] == "4.png") & (marks["finding"] == "Nodule")].iloc[0]
    y, x = cell_of(4)
    assert (first["x"], first["y"], first["rating"]) == ((x + 0.5) / 8, (y + 0.5) / 8, 1.0)
    second = marks[(marks["image"] == "5.png") & (marks["finding"] == "Mass")].iloc[0]
    assert second["rating"] == -1.0


def test_a_map_that_points_beats_one_that_guesses(run: ValidationRun, reference: ReferenceStandard) -> None:
    found = judged(run, reference)
    assert (len(found.model.films), found.films_with, found.regions, found.lacking) == (FILMS - 1, 12, 12, 0)
    assert found.model.lroc_area.value == 1.0 and found.model.weighted_afroc_area.value == 1.0
    guessed = found.control.lroc_area.value
    assert guessed is not None and guessed < 0.4
    gained = found.lroc_gain
    assert gained is not None and gained.value == pytest.approx(1 - guessed)
    assert gained.low is not None and gained.high is not None and gained.low <= gained.value <= gained.high
    assert [len(film.marks) for film in found.control.films] == [1] * (FILMS - 1)
    ratings = [max(mark.rating for mark in film.marks) for film in found.model.films]
    assert [film.marks[0].rating for film in found.control.films] == ratings


def test_a_composite_has_the_marks_of_its_parts_as_log_odds(run: ValidationRun, reference: ReferenceStandard) -> None:
    found = judged(run, reference, "nodule_mass")
    odd = next(film for film in found.model.films if film.patient == "1.png")
    assert {round(mark.rating, 5) for mark in odd.marks if mark.x > 0.9 and mark.y > 0.9} == {0.5, -2.0}


def test_no_marks_no_curve(run: ValidationRun, reference: ReferenceStandard, tmp_path: Path) -> None:
    bare = write_run(tmp_path / "bare", run.meta, run.frame(list(run.table.columns)))
    assert bare.marks() is None and placed(bare, "test", "Nodule", reference) is None
    assert placed(run, "test", "Mass", reference) is None
