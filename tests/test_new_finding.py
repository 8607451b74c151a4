"""A fifteenth finding, added in one place: everything that speaks of findings finds it, and what others made stays theirs.

Modules take the findings when they are imported, so the finding is added in a process of its own, before anything else.
"""

import subprocess
import sys
from pathlib import Path

SCRIPT = """
from pathlib import Path
from chexview import findings

own = findings.Finding("Rib_Fracture", "Rib fracture", "A broken rib.", countable=True)
findings.FINDINGS += (own,)
findings.NAMES += (own.name,)
findings.BY_NAME[own.name] = own

import numpy as np
import pandas as pd
import torch

from chexview.calibration import Calibration
from chexview.evaluation.importing import import_predictions
from chexview.exports import registry
from chexview.films.read import read
from chexview.labels import aliases
from chexview.model.card import Card
from chexview.model.checkpoint import Checkpoint
from chexview.model.layouts import LAYOUTS
from chexview.model.network import CheXNet
from chexview.model.predictor import Predictor
from chexview.settings import BUNDLED
from chexview.text import card as card_text
from chexview.text import reading as reading_text
from train import recipe
from train.dataset import targets
from train.labels import CHESTX_RAY14

assert len(findings.NAMES) == 15 and findings.phrase("Rib_Fracture") == "a rib fracture"
assert aliases.finding_of("rib-fracture") == "Rib_Fracture"
assert aliases.word("Rib Fracture").findings == ("Rib_Fracture",)

lines = {name: Calibration(1.0, 0.0) for name in findings.NAMES}
points = {"youden": dict.fromkeys(findings.NAMES, 9.0)}
card = Card("c", "C", findings.NAMES, 64, "", calibration=lines, operating_points=points, default_policy="youden")
predictor = Predictor(Checkpoint(card, CheXNet(15).eval()), torch.device("cpu"))
film = read((BUNDLED / "films" / "00021782_018.png").read_bytes())
(reading,) = predictor.read([film])
assert reading.score("Rib_Fracture").calibrated and "Rib_Fracture" in reading.probabilities
assert "the 15 assessed" in reading_text.none_flagged(reading)
assert ("Rib fracture", "A broken rib.") in card_text.meanings(card)
assert "Rib_Fracture" in registry.export_named("csv").head(card.findings)

generator = np.random.default_rng(1)
frame = pd.DataFrame({"image": [f"{k:03d}.png" for k in range(40)], "patient": [f"p{k}" for k in range(40)]})
for column in ("Effusion", "Rib fracture"):
    frame[f"label {column}"] = np.arange(40) % 2
    frame[f"prob {column}"] = 0.3 + 0.3 * (np.arange(40) % 2) + 0.2 * generator.random(40)
run, _ = import_predictions(frame.to_csv(index=False).encode(), "a.csv", Path("run"))
assert run.findings == ("Effusion", "Rib_Fracture")

made = recipe.parse('name = "x"\\nstages = [{ size = 64, epochs = 1 }]\\n')
assert made.data.findings == findings.NAMES
nih = pd.DataFrame({f"label__{name}": np.zeros(3, np.int8) for name in CHESTX_RAY14})
assert np.isnan(targets(nih, made.data.findings)[:, 14]).all()

assert all("Rib_Fracture" not in layout.outputs for layout in LAYOUTS.values())
assert [len(layout.outputs) for layout in LAYOUTS.values()] == [14, 14, 14, 18]
print("everything found it")
"""


def test_a_fifteenth_finding_is_found_by_everything(tmp_path: Path) -> None:
    root = str(Path(__file__).resolve().parents[1])
    code = f"import sys; sys.path.insert(0, {root!r})\n{SCRIPT}"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.stdout == "everything found it\n", done.stderr


def test_what_nih_has_is_the_beginning_of_what_is_known() -> None:
    from chexview.findings import CHESTX_RAY14, NAMES

    assert NAMES[:14] == CHESTX_RAY14
