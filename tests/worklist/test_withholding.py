"""A film whose score is withheld is withheld, in the same words, by the worklist, the command line, Cases and the API."""

import io
import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pydicom
import pytest
import torch
from PIL import Image

from chexview.cli import main
from chexview.films.library import Library
from chexview.model import checkpoint
from chexview.model.predictor import Predictor
from chexview.pages import case_films
from chexview.settings import BUNDLED
from chexview.worklist.entries import Status
from chexview.worklist.input_files import InputFile
from chexview.worklist.queue import Worklist
from chexview.worklist.reader import reader_of
from tests.worklist.making import done

CHECKED = (
    "This does not look like a chest film; the model is made for upright frontal chest films, so a score of this one may mean "
    "nothing."
)


class NoMedia:
    """A session's media that keeps nothing."""

    def add(self, key: object, item: object) -> str:
        """No address."""
        return ""


@pytest.fixture
def predictor(home: Path) -> Predictor:
    return Predictor(checkpoint.load(home / "checkpoints" / "random"), torch.device("cpu"))


def noise() -> bytes:
    levels = np.random.default_rng(0).integers(0, 256, (120, 100)).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(levels).save(out, "PNG")
    return out.getvalue()


def lateral() -> bytes:
    dataset = pydicom.dcmread(BUNDLED / "films" / "00013911_000.dcm")
    dataset.ViewPosition = "LL"
    del dataset.ViewCodeSequence
    out = io.BytesIO()
    dataset.save_as(out)
    return out.getvalue()


def plain() -> bytes:
    return (BUNDLED / "films" / "00021782_018.png").read_bytes()


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [("noise.png", noise, CHECKED), ("side.dcm", lateral, "lateral"), ("plain.png", plain, "")],
)
def test_all_ways_withhold_alike(
    home: Path,
    predictor: Predictor,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    data: object,
    words: str,
) -> None:
    monkeypatch.setenv("CHEXVIEW_HOME", str(home))
    monkeypatch.setenv("CHEXVIEW_CHECKPOINT", "random")
    path = tmp_path / "films" / name
    path.parent.mkdir()
    path.write_bytes(data())  # type: ignore[operator]

    box = Worklist(reader_of(predictor))
    box.bring([InputFile(name, path.read_bytes())])
    (row,) = done(box)

    assert main(["read", str(path)]) == 0
    record = json.loads(capsys.readouterr().out)

    monkeypatch.setattr(case_films, "session_media", NoMedia)
    run = SimpleNamespace(digest="d", table=SimpleNamespace(column=lambda _: [name]))
    cases = case_films.CaseFilms(run)  # type: ignore[arg-type]
    cases.look([0], Library([path.parent]), predictor, lambda share, text: None)
    case = cases.found[0]

    assert (row.held_back or "") == record.get("withheld", "") == case.withheld
    if words:
        assert words in case.withheld.lower() or words == case.withheld
        assert row.status is Status.WITHHELD
        assert row.reading is None and "findings" not in record and case.reading is None
        box.insist(row.id)
        (row,) = done(box)
        assert main(["read", "--insist", str(path)]) == 0
        record = json.loads(capsys.readouterr().out)
    logits = [score["logit"] for score in record["findings"].values()]
    assert row.reading is not None
    np.testing.assert_allclose([score.logit for score in row.reading.findings], logits, atol=1e-5)
    if not words:
        assert case.reading is not None
        np.testing.assert_allclose([score.logit for score in case.reading.findings], logits, atol=1e-5)
