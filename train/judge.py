"""What a candidate is worth, by validation patients alone: AUROC by NIH's labels and by radiologists, and where its maps point.

For choosing between arms and epochs. No test film is read here.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from chexview.errors import DataError
from chexview.evaluation.curves import auroc
from chexview.model.network import ClassMapNetwork
from train import cache
from train.dataset import targets
from train.inference import open_any, outputs
from train.regions import FINE, RegionTable, region_targets

ENOUGH = 5
"""Films with a finding below which its AUROC is left out of a mean."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """``nih`` and ``sharp``: mean AUROC by NIH's labels of all and of the sharp validation films. ``expert``: mean AUROC by the
    radiologists of the looked-at ones. ``peak``: share of regions' films whose highest cell lies in a region; ``point`` that of the
    best fixed point, chosen on the training films' regions. ``findings``: per finding (NIH AUROC, radiologists' AUROC, peak,
    fixed point, films with regions), NaN if there is none."""

    nih: float
    sharp: float
    expert: float
    peak: float
    point: float
    findings: pd.DataFrame

    def lines(self) -> list[str]:
        """The judgement for a terminal."""
        head = (
            f"NIH {self.nih:.4f}  sharp {self.sharp:.4f}  radiologists {self.expert:.4f}  "
            f"peak {self.peak:.3f}  fixed point {self.point:.3f}"
        )
        return [head, self.findings.to_string(float_format="{:.3f}".format)]


@dataclass(frozen=True, slots=True, eq=False)
class _Outputs:
    """``logits`` float32 (N, K), and where each map is highest: ``peaks`` (N, K, 2), row and column as shares of the film."""

    logits: npt.NDArray[np.float32]
    peaks: npt.NDArray[np.float64]


def _forward(network: ClassMapNetwork, films: npt.NDArray[np.uint8]) -> _Outputs:
    logits, peaks = [], []
    for batch, maps in outputs(network, films):
        logits.append(batch.numpy())
        highest = maps.flatten(2).argmax(-1).cpu().numpy()
        side = maps.shape[-1]
        peaks.append(np.stack([(highest // side + 0.5) / side, (highest % side + 0.5) / side], axis=-1))
    return _Outputs(np.concatenate(logits), np.concatenate(peaks))


def _areas(labels: npt.NDArray[np.float32], logits: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """AUROC of each column; NaN where fewer than ENOUGH films have or lack the finding."""
    areas = np.full(labels.shape[1], np.nan)
    for k in range(labels.shape[1]):
        known = np.isfinite(labels[:, k])
        positive = labels[known, k] > 0
        if min(positive.sum(), (~positive).sum()) >= ENOUGH:
            areas[k] = auroc(positive, logits[known, k].astype(np.float64))
    return areas


def _mean(areas: npt.ArrayLike) -> float:
    """The mean of those that are there; NaN where none is."""
    known = np.asarray(areas, np.float64)
    known = known[np.isfinite(known)]
    return float(known.mean()) if len(known) else float("nan")


def judge(table: pd.DataFrame, folder: Path, checkpoint: Path, regions: RegionTable | None) -> Judgement:
    """Judges a checkpoint on the validation films of an index made with regions. Raises DataError if it has none."""
    if regions is None:
        raise DataError("The index has no regions to judge by; make it with --regions.")
    card, network = open_any(checkpoint)
    findings = card.findings
    films = cache.build(table, folder, card.input_size)
    rows = np.flatnonzero((table["split"] == "validation").to_numpy() & films.readable)
    found = _forward(network, np.asarray(films.films[rows]))
    logits, peaks = found.logits, found.peaks
    truth = targets(table, findings)[rows]
    by_nih = _areas(truth, logits)
    sharp = table["list__sharp"].to_numpy()[rows] if "list__sharp" in table else np.ones(len(rows), bool)
    drawn = region_targets(table["image"].tolist(), regions)
    trained = drawn.masks[drawn.place[np.flatnonzero((table["split"] == "train").to_numpy() & (drawn.place >= 0))]]
    looked = np.flatnonzero(drawn.place[rows] >= 0)
    place = drawn.place[rows[looked]]
    lines, hits, guesses, cases = [], 0, 0, 0
    for k, name in enumerate(findings):
        line = {"finding": name, "nih": by_nih[k], "expert": np.nan, "peak": np.nan, "point": np.nan, "films": 0}
        if name in drawn.findings:
            r = drawn.findings.index(name)
            line["expert"] = _areas(drawn.present[place, r : r + 1].astype(np.float32), logits[looked, k : k + 1])[0]
            masks = drawn.masks[place, r] > 127
            has = np.flatnonzero(masks.any((-2, -1)))
            spot = np.unravel_index((trained[:, r] > 127).sum(0).argmax(), (FINE, FINE))
            y, x = (peaks[looked[has], k] * FINE).astype(int).T
            line["films"] = len(has)
            if len(has):
                hit, guess = masks[has, y, x], masks[has, spot[0], spot[1]]
                line["peak"], line["point"] = hit.mean(), guess.mean()
                hits, guesses, cases = hits + hit.sum(), guesses + guess.sum(), cases + len(has)
        lines.append(line)
    made = pd.DataFrame(lines).set_index("finding")
    return Judgement(
        _mean(by_nih),
        _mean(_areas(truth[sharp], logits[sharp])),
        _mean(made["expert"]),
        hits / max(1, cases),
        guesses / max(1, cases),
        made,
    )
