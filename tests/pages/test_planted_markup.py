"""Markup in every string that a user can bring is text on every page, and in what is saved from it."""

import io
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.config import disable_value_validation

from chexview import settings
from chexview.evaluation.curves import roc
from chexview.evaluation.run import ValidationRun
from chexview.evaluation.run_schema import FilmList
from chexview.evaluation.run_writing import write_run
from chexview.exports.drawing import html, svg
from chexview.figures.roc_comparison import ComparedCurve, roc_comparison_figure
from chexview.figures.theme import LIGHT
from chexview.findings import NAMES
from chexview.model import checkpoint
from chexview.model.card import Card
from chexview.model.network import CheXNet
from tests.pages.planting import PLANT, SHORT, seen, sown
from tests.pages.shown import page_at, section, uploaded
from tests.pages.test_evaluate import LISTS, meta, table

ASSETS = settings.BUNDLED.parent / "viewer" / "assets"
FILM = settings.BUNDLED / "films" / "00013911_000.dcm"
KEYWORDS = ("Manufacturer", "ManufacturerModelName", "SeriesDescription", "ProtocolName", "DetectorID", "ImageComments")
OTHER = f"Other {SHORT}"
"""A finding that a stranger's table has beside the known ones."""


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch) -> ValidationRun:
    """Two runs of one checkpoint, whose every text is planted, and a broken one with a planted name."""
    monkeypatch.setenv("CHEXVIEW_HOME", str(home))
    monkeypatch.setattr(settings, "BUNDLED", home / "nothing")
    frame = table()
    frame["image"] = [f"{name[:-4]} {SHORT}.png" for name in frame["image"]]
    frame["patient"] = [f"{name} {SHORT}" for name in frame["patient"]]
    for part in ("label__", "logit__"):
        frame[part + OTHER] = frame[part + "Nodule"]
    about = meta(frame)
    planted = replace(
        about,
        title=f"Title {PLANT}",
        data_set=PLANT,
        attribution=PLANT,
        split_hash=PLANT,
        checkpoint=replace(about.checkpoint, name=f"small {SHORT}"),
        lists=tuple(FilmList(item.name, f"{item.title} {PLANT}", f"{item.chosen} {PLANT}") for item in LISTS),
        made=replace(about.made, software={"python": PLANT, **about.made.software}),
    )
    first = write_run(home / "runs" / f"first {SHORT}", planted, frame)
    write_run(home / "runs" / f"second {SHORT}", replace(planted, title=f"Another {PLANT}"), frame)
    broken = home / "runs" / f"broken {SHORT}"
    broken.mkdir()
    (broken / "run.json").write_text("{")
    return first


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.mark.parametrize("page", ["evaluate.py", "cases.py", "examine.py", "compare.py", "runs.py"])
def test_of_a_run(run: ValidationRun, page: str) -> None:
    app = page_at(page, run=run.name)
    assert "planted" in seen(app)
    assert sown(app) == []


@pytest.mark.parametrize("page", ["evaluate.py", "cases.py", "examine.py", "compare.py"])
def test_of_a_strangers_finding(run: ValidationRun, page: str) -> None:
    app = page_at(page, run=run.name, finding=OTHER)
    assert "planted" in seen(app)
    assert sown(app) == []


def test_of_an_import(run: ValidationRun) -> None:
    app = page_at("runs.py")
    rows = "\n".join(f"{k}.png,{k % 2},0.{k}" for k in range(1, 10))
    for header in (f'image,label__{OTHER},"{OTHER}"', f"image,Effusion,{SHORT}"):
        app.file_uploader[0].set_value((f"{SHORT}.csv", f"{header}\n{rows}\n".encode(), "text/csv"))
        app.text_input(key="runs-title").set_value(PLANT)
        next(button for button in app.button if button.label == "Import").click().run()
        assert not app.exception
        assert "planted" in seen(app)
        assert sown(app) == []


@pytest.fixture
def film() -> bytes:
    """A DICOM film whose texts are planted."""
    data, out = pydicom.dcmread(FILM), io.BytesIO()
    with disable_value_validation():
        for keyword in (*KEYWORDS, "PatientName", "PatientID"):
            setattr(data, keyword, SHORT)
        data.save_as(out)
    return out.getvalue()


@pytest.mark.parametrize("part", ["header", "input", "saliency", "robustness"])
def test_of_films(film: bytes, part: str) -> None:
    names = (f"{SHORT}.dcm", film), (f"{PLANT}.png", b"no film"), (f"zip {SHORT}.zip", b"PK\x03\x04no zip")
    app = section(uploaded(*names), part)
    assert "planted" in seen(app)
    assert sown(app) == []


def test_of_a_card(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    network = CheXNet(len(NAMES))
    card = Card(
        name="planted",
        title=PLANT,
        findings=NAMES,
        input_size=64,
        weights="",
        limits=(PLANT, SHORT),
        heatmap_scales=dict.fromkeys(NAMES, 4.0),
    )
    checkpoint.save(network, card, home / "checkpoints" / f"planted {SHORT}")
    monkeypatch.setenv("CHEXVIEW_HOME", str(home))
    monkeypatch.setenv("CHEXVIEW_CHECKPOINT", f"planted {SHORT}")
    app = page_at("model_card.py")
    assert "planted" in seen(app)
    assert sown(app) == []


def test_of_saved_figures() -> None:
    figure = roc_comparison_figure(
        [ComparedCurve(PLANT, roc(np.array([True, False]), np.array([1.0, 0.0])), None)] * 2, LIGHT
    )
    root = ElementTree.fromstring(svg(figure))
    assert not [item for item in root.iter() if item.tag.endswith("}a") or "planted" in str(item.attrib)]
    words = [" ".join("".join(item.itertext()).split()) for item in root.iter("{http://www.w3.org/2000/svg}text")]
    assert PLANT in words
    page = html(figure).decode()
    assert "planted" in page
    assert not re.search(r"<b id|<a href=.{0,8}planted", page)


def test_our_components_show_text_as_text() -> None:
    scripts = list(ASSETS.rglob("*.js"))
    assert len(scripts) > 10
    unsafe = re.compile(
        r"innerHTML(?! = [A-Z]+;)|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|\beval\(|new Function"
    )
    assert [file.name for file in scripts if unsafe.search(file.read_text())] == []  # constants in capitals are our own
