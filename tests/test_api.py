"""The Python API: its names, what importing it costs, and that its examples run as they are written."""

import csv
import doctest
import importlib
import inspect
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image
from sklearn.metrics import roc_auc_score

import chexview
from chexview import api, cli
from chexview.errors import FilmError, RunError, UnknownCheckpointError, UsageError
from chexview.settings import BUNDLED
from tests.exports.marks import WORDS, marked, marks_in

ROOT = Path(__file__).resolve().parents[1]
NAMES = {
    "ChexviewError",
    "ExportedFiles",
    "FilmReadings",
    "PlottedExamination",
    "StoredRun",
    "example_films",
    "export",
    "load_checkpoint",
    "load_run",
    "read",
    "read_film",
}


def test_the_names_are_those_that_are_meant_and_each_is_documented() -> None:
    assert set(chexview.__all__) == NAMES
    for name in NAMES:
        found = getattr(chexview, name)
        assert inspect.getdoc(found)
        assert name in dir(chexview)
    public = {name for name, value in vars(api).items() if getattr(value, "__module__", "") == api.__name__}
    assert {name for name in public if not name.startswith("_")} - {"Paths"} == NAMES - {"ChexviewError"}
    with pytest.raises(AttributeError, match="no attribute 'raed'"):
        chexview.raed  # noqa: B018


@pytest.mark.parametrize(
    ("program", "absent"),
    [
        ("import chexview; dir(chexview)", ("torch", "streamlit", "pandas", "numpy")),
        ("import chexview; chexview.load_run().examine('Mass').auroc", ("torch", "streamlit")),
        ("import chexview; chexview.read_film", ("torch", "streamlit")),
    ],
)
def test_importing_is_cheap(program: str, absent: tuple[str, ...]) -> None:
    check = f"import sys; {program}; print([name for name in {absent!r} if name in sys.modules])"
    ended = subprocess.run([sys.executable, "-c", check], cwd=ROOT, check=True, capture_output=True, text=True)
    assert ended.stdout.strip() == "[]"


def test_the_examples_run_as_they_are_written() -> None:
    result = doctest.testmod(importlib.import_module("chexview.api"), optionflags=doctest.ELLIPSIS)
    assert result.attempted >= 15
    assert result.failed == 0


@pytest.fixture
def films(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a film, noise that the input check withholds, and a text, and a checkpoint of random weights."""
    monkeypatch.setenv("CHEXVIEW_HOME", str(home))
    shutil.copy(BUNDLED / "films" / "00021782_018.png", tmp_path / "a.png")
    noise = np.random.default_rng(0).integers(0, 256, (120, 100)).astype(np.uint8)
    Image.fromarray(noise).save(tmp_path / "b.png")
    (tmp_path / "c.png").write_text("not a picture")
    return tmp_path


def test_readings_stand_beside_what_was_withheld_and_refused(films: Path) -> None:
    found = chexview.read(films, checkpoint="random")
    assert found.files == (str(films / "a.png"),) and len(found) == 1
    assert list(found.withheld) == [str(films / "b.png")]
    assert "does not look like a chest film" in found.withheld[str(films / "b.png")]
    assert list(found.refused) == [str(films / "c.png")]
    predictor = chexview.load_checkpoint("random")
    both = chexview.read([films / "a.png", str(films / "b.png")], predictor, insist=True, policy="youden")
    assert both.withheld == {} and len(both) == 2 and both[-1].policy == "youden"
    assert both.table.shape == (2, 14) and both.table.index[0] == str(films / "a.png")
    assert both.table.iloc[0]["Mass"] == both[0].probabilities["Mass"] == both[0].score("Mass").probability
    with pytest.raises(UsageError, match="no policy luck"):
        chexview.read(films, "random", policy="luck")
    with pytest.raises(UsageError, match="no file or folder"):
        chexview.read(films / "none.png", "random")
    with pytest.raises(UnknownCheckpointError, match="no checkpoint other"):
        chexview.read(films, "other")


def test_readings_leave_as_the_command_line_writes_them(films: Path, tmp_path: Path) -> None:
    shutil.copy(BUNDLED / "films" / "00013911_000.dcm", films / "d.dcm")
    paths = [films / name for name in ("a.png", "b.png", "c.png", "d.dcm")]
    found = chexview.read(paths, "random")
    assert list(found.withheld) == [str(films / "b.png")] and found.policy == "specificity_90"
    left = chexview.export(found, tmp_path / "api", ("sr", "json", "pdf"))
    command = [
        "read",
        *map(str, paths),
        "--out",
        str(tmp_path / "cli"),
        "--dicom",
        "sr",
        "--pdf",
        "--checkpoint",
        "random",
    ]
    assert cli.main(command) == 1  # a file was refused
    one, other = (
        {path.relative_to(tmp_path / name): path for path in (tmp_path / name).rglob("*") if path.is_file()}
        for name in ("api", "cli")
    )
    state = [path for path in one if path.parts[0] == ".chexview"]
    assert set(one) == set(other) and set(left.files) == {one[path] for path in set(one) - set(state)}
    lines = [one[Path("chexview-readings.jsonl")].read_text(), other[Path("chexview-readings.jsonl")].read_text()]
    first, second = ([{**json.loads(line), "seconds": 0} for line in text.splitlines()] for text in lines)
    assert first == second and len(first) == 4
    assert list(left.refused) == [str(films / "a.png"), str(films / "b.png")]  # a PNG has no study
    (report,) = (path for path in left.files if path.name == "d.dcm.sr.dcm")
    assert pydicom.dcmread(report).Modality == "SR"
    again = chexview.export(found, tmp_path / "api", ("pdf", "sr", "json"))
    assert again.files == left.files and again.refused == left.refused


def test_an_export_that_is_not_possible_is_one_sentence(films: Path, tmp_path: Path) -> None:
    found = chexview.read(films / "a.png", "random")
    with pytest.raises(UsageError, match="no form fax; there are csv, json, sr"):
        chexview.export(found, tmp_path / "out", ("fax",))
    with pytest.raises(UsageError, match="one table"):
        chexview.export(found, tmp_path / "out", ("csv", "json"))
    chexview.export(found, tmp_path / "out", ())
    with pytest.raises(UsageError, match="another way"):
        chexview.export(found, tmp_path / "out", ("png",))
    with (films / "a.png").open("ab") as stream:
        stream.write(b"more")
    with pytest.raises(FilmError, match="no longer the file"):
        chexview.export(found, tmp_path / "other", ("png",))
    table = (tmp_path / "out" / "chexview-readings.csv").read_text(encoding="utf-8-sig")
    assert [row["digest"] for row in csv.DictReader(io.StringIO(table))] == [found[0].film_digest]


def test_an_export_for_sharing_names_nobody(films: Path, tmp_path: Path) -> None:
    (films / "quartz.dcm").write_bytes(marked())
    found = chexview.read(films / "quartz.dcm", "random", insist=True)
    left = chexview.export(found, tmp_path / "shared", ("csv", "sr"), sharing=True)
    assert len(left.files) == 4 and not (tmp_path / "shared" / ".chexview").exists()
    assert all(marks_in(path.read_bytes(), (*WORDS, "quartz")) == set() for path in left.files)
    assert pydicom.dcmread(next(path for path in left.files if path.name.endswith(".sr.dcm"))).Modality == "SR"


def test_contributions_add_up_to_the_log_odds(films: Path) -> None:
    (reading,) = chexview.read(films / "a.png", "random")
    for score in reading.findings:
        assert score.base + reading.contributions(score.name).sum() == pytest.approx(score.log_odds, abs=1e-4)
    with pytest.raises(KeyError):
        reading.contributions("Gout")


def test_one_film_or_a_sentence(films: Path) -> None:
    assert chexview.read_film(films / "a.png").pixels.ndim == 2
    with pytest.raises(FilmError):
        chexview.read_film(films / "c.png")
    for path in (films / "none.png", "x" * 5000, "\0"):
        with pytest.raises(FilmError, match="cannot be opened"):
            chexview.read_film(path)


def test_an_examination_gives_its_numbers_and_its_figure() -> None:
    run = chexview.load_run("nodule-mass-224-1")
    assert run.name == "nodule-mass-224-1" and run.title and run.lists
    finding = run.findings[0]
    examination = run.examine(finding)
    assert examination.auroc.value == pytest.approx(roc_auc_score(examination.labels, examination.scores), abs=1e-9)
    curve = examination.roc()
    assert curve.positives == examination.labels.sum()
    threshold = float(np.median(examination.scores))
    matrix = examination.confusion(threshold)
    flagged = examination.scores >= np.float32(threshold)
    assert matrix.counts.true_positives == (flagged & examination.labels).sum()
    figure = examination.at(threshold).figure(dark=True)
    assert figure.data[0].name == "Model"
    assert len(figure.data) > len(examination.figure().data)
    assert isinstance(examination.at(threshold), chexview.PlottedExamination)
    with pytest.raises(RunError, match=r"no validation run other; there are .*nodule-mass-224-1"):
        chexview.load_run("other")
    assert chexview.load_run(run.validation.folder).name == run.name
