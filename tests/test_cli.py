"""``python -m chexview read``: one record a film, exit statuses, maps on disk."""

import csv
import hashlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pydicom
import pytest
import torch
from PIL import Image

from chexview import settings
from chexview.cli import main
from chexview.findings import NAMES, title
from chexview.model import checkpoint
from chexview.model.eye import eye
from chexview.text import numbers
from tests.gradcam import hirescam_maps
from tests.worklist.test_withholding import CHECKED

EXAMPLES = settings.BUNDLED / "films"


@pytest.fixture
def films(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder, which is also the working folder, with a PNG, a DICOM, a lateral DICOM and a text file named .png."""
    monkeypatch.setenv("CHEXVIEW_HOME", str(home))
    monkeypatch.setenv("CHEXVIEW_CHECKPOINT", "random")
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "films"
    folder.mkdir()
    with Image.open(EXAMPLES / "00021782_018.png") as real:
        real.convert("L").resize((100, 120)).save(folder / "a.png")
    dicom = EXAMPLES / "00013911_000.dcm"
    (folder / "b.dcm").write_bytes(dicom.read_bytes())
    lateral = pydicom.dcmread(dicom)
    lateral.ViewPosition = "LL"
    del lateral.ViewCodeSequence
    lateral.save_as(folder / "c.dcm")
    (folder / "d.png").write_text("not a picture")
    return folder


def records(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_json_lines_hold_what_the_contract_says(films: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["read", "films"]) == 1
    picture, dicom, lateral, text = records(capsys.readouterr().out)
    card = checkpoint.load(home / "checkpoints" / "random").card
    for record, name in ((picture, "a.png"), (dicom, "b.dcm")):
        assert record["file"] == f"films/{name}"
        assert record["digest"] == hashlib.sha256((films / name).read_bytes()).hexdigest()
        assert record["checkpoint"] == "random"
        assert list(record["findings"]) == list(NAMES)
        for finding, score in record["findings"].items():
            calibration = card.calibration[finding]
            log_odds = calibration.slope * score["logit"] + calibration.intercept
            assert score["probability"] == pytest.approx(1 / (1 + np.exp(-log_odds)), abs=1e-9)
            assert score["flagged"] == (score["logit"] >= score["threshold"])
    assert dicom["view"] == "PA" and dicom["steps"]
    assert "findings" not in lateral and "lateral" in lateral["withheld"].lower()
    assert set(text) == {"file", "refused"} and text["refused"].endswith(".")


def test_insisting_gives_the_withheld_score_with_its_caution(films: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["read", "--insist", "films/c.dcm"]) == 0
    (record,) = records(capsys.readouterr().out)
    assert len(record["findings"]) == 14 and any("lateral" in caution.lower() for caution in record["cautions"])


def test_maps_on_disk_add_up_and_equal_hirescam(films: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["read", "--maps", "--out", "maps", "films"]) == 1
    lines = records(capsys.readouterr().out)
    loaded = checkpoint.load(home / "checkpoints" / "random")

    for line in lines[:2]:
        with np.load(Path("maps") / f"{line['file']}.npz") as stored:
            assert stored["picture"].dtype == np.uint8
            logits = [score["logit"] for score in line["findings"].values()]
            np.testing.assert_allclose(stored["maps"].mean((-2, -1)) + stored["bias"], logits, atol=1e-4)
            np.testing.assert_allclose(stored["contributions"].sum((-2, -1)) + stored["bias"], logits, atol=1e-4)
            np.testing.assert_allclose(stored["logits"], logits, atol=1e-6)
            log_odds = stored["slope"] * stored["logits"] + stored["intercept"]
            chances = [score["probability"] for score in line["findings"].values()]
            np.testing.assert_allclose(1 / (1 + np.exp(-log_odds)), chances, atol=1e-6)
            sight = eye(stored["picture"].astype(np.float32) / 255, loaded.card.input_size)
            x = torch.from_numpy(sight.picture)[None, None]
            theirs = hirescam_maps(loaded.network, x, list(range(14)))
            np.testing.assert_allclose(theirs, stored["maps"], atol=1e-4)
    with np.load("maps/films/c.dcm.npz") as withheld:
        assert withheld.files == ["picture"]
    assert not Path("maps/films/d.png.npz").exists()
    assert not list(Path("maps").rglob("*.part"))


def test_csv_is_one_row_a_film_and_safe_in_a_spreadsheet(films: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (films / "a.png").rename("=a.png")
    assert main(["read", "--format", "csv", "=a.png", "films"]) == 1
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert len(rows) == 4
    assert rows[0]["file"] == "'=a.png"
    assert 0 < float(rows[0]["Mass probability"]) < 1 and rows[0]["Mass flagged"] in {"True", "False"}
    assert rows[2]["withheld"] and not rows[2]["Mass probability"]
    assert rows[3]["refused"]


def test_the_table_speaks_in_words(films: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["read", "--format", "table", "films"]) == 1
    out = capsys.readouterr().out
    assert "flagged" in out or "No finding over its threshold among the 14 assessed" in out
    assert "score withheld:" in out and "refused:" in out


def test_the_table_writes_probabilities_as_the_pages_do(films: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["read", "--format", "table", "films/a.png"]) == 0
    table = capsys.readouterr().out
    assert main(["read", "films/a.png"]) == 0
    (record,) = records(capsys.readouterr().out)
    for name, score in record["findings"].items():
        (line,) = (line for line in table.splitlines() if line.strip().startswith(title(name)))
        assert numbers.probability(score["probability"]) in line


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_a_full_disk_is_one_sentence(films: Path) -> None:
    command = [sys.executable, "-m", "chexview", "read", "films/a.png"]
    root = {"PYTHONPATH": str(settings.BUNDLED.parents[1])}
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, env={**os.environ, **root}
        )
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1] == "python -m chexview: the output cannot be used (No space left on device)."
    assert "Traceback" not in ended.stderr and "Exception ignored" not in ended.stderr


def test_a_file_name_cannot_steer_the_terminal(films: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (films / "d.png").rename(films / "d\x1b]0;owned\x07.png")
    assert main(["read", "--format", "table", "films"]) == 1
    out = capsys.readouterr().out
    assert "\x1b" not in out and "\x07" not in out and "owned" in out


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (["read", "nowhere.png"], "no file or folder nowhere.png"),
        (["read", "x" * 300], "no file or folder xxx"),
        (["read", "~nosuchuser/x"], "no file or folder ~nosuchuser/x"),
        (["read", "--maps", "films"], "--maps needs --out"),
        (["read", "--policy", "luck", "films"], "no policy luck"),
        (["read", "--checkpoint", "other", "films"], "no checkpoint other"),
    ],
)
def test_wrong_calls_end_with_2_and_a_sentence(
    films: Path, capsys: pytest.CaptureFixture[str], call: list[str], words: str
) -> None:
    assert main(call) == 2
    captured = capsys.readouterr()
    assert words in captured.err and captured.out == ""


def test_paths_that_climb_stay_below_the_output_folder(films: Path, capsys: pytest.CaptureFixture[str]) -> None:
    inner = films / "inner"
    inner.mkdir()
    assert main(["read", "--maps", "--out", "maps", str(inner / ".." / "a.png"), str((films / "a.png").resolve())]) == 0
    folder = str(films.resolve()).lstrip("/")
    written = {str(path.relative_to("maps")) for path in Path("maps").rglob("*.npz")}
    assert written == {f"{folder}/inner/__/a.png.npz", f"{folder}/a.png.npz"}


def test_noise_is_withheld_until_asked_for(films: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (120, 100)).astype(np.uint8)
    Image.fromarray(noise).save(tmp_path / "noise.png")
    assert main(["read", str(tmp_path / "noise.png")]) == 0
    (record,) = records(capsys.readouterr().out)
    assert record["withheld"] == CHECKED
    assert "findings" not in record
    assert main(["read", str(tmp_path / "noise.png"), "--insist"]) == 0
    (record,) = records(capsys.readouterr().out)
    assert list(record["findings"]) == list(NAMES)
