"""Film results with planted numbers, and the tools of others that look at what is written from them."""

import hashlib
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from chexview.calibration import Calibration
from chexview.exports.film_result import FilmResult
from chexview.films.dicom import read_dicom
from chexview.films.radiograph import Radiograph
from chexview.findings import NAMES
from chexview.geometry import WHOLE
from chexview.model.card import Card
from chexview.model.reading import FindingScore, Reading
from chexview.settings import BUNDLED

FILM = BUNDLED / "films" / "00013911_000.dcm"
CARD = Card(
    name="planted",
    title="Planted",
    findings=NAMES,
    input_size=224,
    weights="ab" * 32,
    calibration={name: Calibration(0.8, -0.25) for name in NAMES},
    operating_points={"specificity_90": dict.fromkeys(NAMES, 0.5)},
    default_policy="specificity_90",
    heatmap_scales=dict.fromkeys(NAMES, 4.0),
)
FLAGGED = ("Effusion", "Nodule")
CELLS = 14


def tool(name: str) -> str:
    """A program of Debian's ``dicom3tools``, ``dcmtk`` or ``poppler-utils``; the test skips, or fails where CI asks for it."""
    found = shutil.which(name)
    if found is None:
        if os.environ.get("CHEXVIEW_REQUIRE_DICOM_TOOLS"):
            pytest.fail(f"{name} is not installed, and CHEXVIEW_REQUIRE_DICOM_TOOLS asks for it")
        pytest.skip(f"{name} is not installed")
    return found


def errors_of(file: Path) -> list[str]:
    """The errors that ``dciodvfy`` finds in a file; its exit status is always 0, so its lines are read."""
    done = subprocess.run([tool("dciodvfy"), str(file)], capture_output=True, text=True, errors="replace", check=True)
    assert done.stderr.splitlines(), "dciodvfy names at least the object's class"
    return [line for line in done.stderr.splitlines() if line.startswith("Error")]


def film(path: Path = FILM) -> Radiograph:
    """The film of a DICOM file, decoded in this process."""
    data = path.read_bytes()
    return read_dicom(data, hashlib.sha256(data).hexdigest())


def bump(row: float, column: float, height: float, width: float = 1.6) -> np.ndarray:
    """A map with one hill, float32 (cells, cells)."""
    down, across = np.mgrid[:CELLS, :CELLS]
    return (height * np.exp(-((down - row) ** 2 + (across - column) ** 2) / (2 * width**2)) - 0.2).astype(np.float32)


def reading(flagged: tuple[str, ...] = FLAGGED, digest: str = "") -> Reading:
    """A reading whose flagged findings have logit 2 or more, the others -2 or less; every score is its base and its cells."""
    maps = np.stack([bump(3 + k % 8, 4 + k % 6, 5.0 + 0.3 * k) for k in range(len(NAMES))])
    scores, contributions = [], 0.8 * maps / CELLS**2
    for k, name in enumerate(NAMES):
        logit = 2.0 + 0.1 * k if name in flagged else -2.0 - 0.1 * k
        log_odds = 0.8 * logit - 0.25
        base = log_odds - float(contributions[k].astype(np.float64).sum())
        probability = 1 / (1 + np.exp(-log_odds))
        score = FindingScore(name, logit, log_odds, float(probability), True, None, False, base, 0.8, heatmap_scale=4.0)
        scores.append(score.at(0.5))
    return Reading(
        "planted",
        CARD.weights,
        digest,
        "specificity_90",
        tuple(scores),
        maps,
        contributions.astype(np.float32),
        np.zeros((224, 224), np.uint8),
        WHOLE,
        (),
        0.1,
        "cpu",
    )


def result(flagged: tuple[str, ...] = FLAGGED, of: Radiograph | None = None) -> FilmResult:
    """The bundled DICOM film, or another, with these findings flagged."""
    shown = of or film()
    return FilmResult(shown, CARD, reading(flagged, shown.digest))


def withheld(of: Radiograph | None = None) -> FilmResult:
    """A film whose score is withheld."""
    sentence = "This is a lateral film; the model reads frontal films."
    return FilmResult(replace(of or film(), withheld=sentence), CARD, None, sentence)
