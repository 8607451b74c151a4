"""Do heatmaps point at what radiologists boxed? Scores of a map against one box, beside controls that never saw the film.

Every map is brought to one grid of the whole film first (bilinear), and judged by fixed rules: where its highest point lies
(pointing game, Zhang et al., ECCV 2016, without tolerance; ties count in part), the region of at least half its maximum, of which
the largest connected part counts (its centre, its overlap with the box, IoU, and the overlap of its own bounding box, IoBB, as in
ChestX-ray8), and how much of its positive mass lies inside the box (Wang et al., Score-CAM, CVPR Workshops 2020). A map without a
positive value misses.

No such number means anything alone: a heart is always in the middle of the film. Three controls stand beside it, that know
nothing of the film: a random point, the film's centre, and the mean of the finding's boxes on other patients' films.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import ndimage

from chexview.evaluation.bootstrap import RESAMPLES, SEED, patient_weights
from chexview.evaluation.estimate import Estimate, Remark, patients_remark
from chexview.evaluation.intervals import kish, logit_interval, t_quantile
from chexview.geometry import Rectangle

GRID = 256
"""Cells across of the grid on which every map is judged: 4 pixels of NIH's 1024."""

HALF = 0.5
"""The share of its maximum from which a map's region counts."""

LEVELS = (0.1, 0.25, 0.5)
"""Overlaps from which a box counts as found, for IoU and IoBB."""

CLASS_MAP = "class map"
CONTROLS = ("random point", "centre of the film", "other boxes")
COLUMNS = ("image", "patient", "finding", "left", "top", "right", "bottom", "method")

Doubles = npt.NDArray[np.float64]


DRAWN = "drawn"
"""The column of a localisation table that says what a row's map is judged by; tables without it have boxes alone."""


class Drawn(StrEnum):
    """What radiologists drew: NIH's ``BOXES``, one row each, or ``REGIONS``, one row for all of a finding on a film."""

    BOXES = "boxes"
    REGIONS = "regions"


class MapMeasure(StrEnum):
    """What of a map is judged; the values are columns of the table."""

    POINTING = "pointing"
    CENTRE = "centre"
    INSIDE = "inside"
    IOU = "iou"
    IOBB = "iobb"

    @property
    def words(self) -> str:
        """What a score of 1 would mean."""
        return {
            MapMeasure.POINTING: "highest point in the box",
            MapMeasure.CENTRE: "centre of the region in the box",
            MapMeasure.INSIDE: "share of the heat inside the box",
            MapMeasure.IOU: "overlap of region and box (IoU)",
            MapMeasure.IOBB: "overlap with the region's own box (IoBB)",
        }[self]


def cells_inside(box: Rectangle) -> npt.NDArray[np.bool_]:
    """The cells of the grid (GRID, GRID) whose centres lie in a box; at least the one at the box's own centre."""
    centres = (np.arange(GRID) + 0.5) / GRID
    rows = (centres >= box.top) & (centres < box.bottom)
    columns = (centres >= box.left) & (centres < box.right)
    for inside, low, high in ((rows, box.top, box.bottom), (columns, box.left, box.right)):
        if not inside.any():
            inside[min(GRID - 1, int((low + high) / 2 * GRID))] = True
    return np.logical_and.outer(rows, columns)


@dataclass(frozen=True, slots=True)
class Scores:
    """One map against one box; each from 0 to 1."""

    pointing: float
    centre: float
    inside: float
    iou: float
    iobb: float


@cache
def _weights(size: int) -> Doubles:
    """Bilinear interpolation of ``size`` cells to the grid, cell centres on cell centres, the edge held: (GRID, size)."""
    place = ((np.arange(GRID) + 0.5) / GRID * size - 0.5).clip(0, size - 1)
    low = np.floor(place).astype(int)
    high = np.minimum(low + 1, size - 1)
    table = np.zeros((GRID, size))
    table[np.arange(GRID), low] += 1 - (place - low)
    table[np.arange(GRID), high] += place - low
    return table


def on_grid(heatmap: npt.NDArray[np.floating]) -> Doubles:
    """A map (h, w) of the whole film, bilinearly on the grid (GRID, GRID)."""
    rows, columns = (_weights(size) for size in heatmap.shape)
    return np.asarray(rows @ np.asarray(heatmap, np.float64) @ columns.T)


def score(heatmap: Doubles, box: Rectangle) -> Scores:
    """A map that is on the grid against a box."""
    return score_mask(heatmap, cells_inside(box))


def score_mask(heatmap: Doubles, mask: npt.NDArray[np.bool_]) -> Scores:
    """A map that is on the grid against the cells (GRID, GRID) that a region of any shape covers; at least one."""
    top = float(heatmap.max())
    if not top > 0:
        return Scores(0.0, 0.0, 0.0, 0.0, 0.0)
    highest = heatmap >= top * (1 - 1e-9)
    region = _largest(heatmap >= HALF * top)
    ys, xs = np.nonzero(region)
    centre = (int(ys.mean()), int(xs.mean()))
    mass = heatmap.clip(min=0)
    both = int((region & mask).sum())
    own = np.zeros_like(mask)
    own[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1] = True
    return Scores(
        pointing=float(mask[highest].mean()),
        centre=float(mask[centre]),
        inside=float(mass[mask].sum() / mass.sum()),
        iou=both / int((region | mask).sum()),
        iobb=int((own & mask).sum()) / int(own.sum()),
    )


def _largest(region: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """The largest connected part, corners not connecting; the first of equal ones."""
    parts, count = ndimage.label(region)
    if count <= 1:
        return region
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    return np.asarray(parts == int(sizes.argmax()))


def control_scores(boxes: pd.DataFrame, masks: npt.NDArray[np.bool_] | None = None) -> pd.DataFrame:
    """The three controls on boxes (image, patient, finding, left, top, right, bottom): one row a box and control.

    With ``masks``, bool (boxes, GRID, GRID), on regions of any shape, whose bounding boxes the table holds.

    The film's centre is a point: it hits or misses, and has no overlap or mass (NaN).
    """
    rows = []
    flat = np.ones((GRID, GRID))
    middle = np.zeros((GRID, GRID))
    middle[GRID // 2 - 1 : GRID // 2 + 1, GRID // 2 - 1 : GRID // 2 + 1] = 1
    for indices in boxes.reset_index(drop=True).groupby("finding", sort=False).groups.values():
        part = boxes.iloc[indices]
        if masks is None:
            sides = part[["left", "top", "right", "bottom"]].to_numpy(float)
            covered = np.stack([cells_inside(Rectangle(*values)) for values in sides])
        else:
            covered = masks[indices]
        whole = covered.sum(axis=0, dtype=np.float64)
        for k, mask in enumerate(covered):
            own = (part["patient"] == part["patient"].iloc[k]).to_numpy()
            others = whole - covered[own].sum(axis=0)
            for name, heatmap in zip(CONTROLS, (flat, middle, others), strict=True):
                found = score_mask(heatmap, mask)
                if heatmap is middle:  # a point has no region and no mass to speak of
                    found = replace(found, inside=np.nan, iou=np.nan, iobb=np.nan)
                rows.append(row(part.iloc[k], name, found))
    return pd.DataFrame(rows)


def row(place: "pd.Series", method: str, found: Scores) -> dict[str, object]:
    """One line of the localisation table."""
    line: dict[str, object] = {name: place[name] for name in COLUMNS[:-1]}
    return {**line, "method": method, **{measure.value: getattr(found, measure.value) for measure in MapMeasure}}


class MapVerdict(StrEnum):
    """Whether a map does better than the best control; the values are words for the user."""

    BEATS = "beats the best control"
    LOSES = "does worse than the best control"
    OPEN = "cannot be told from the best control"
    FEW = "too few patients to tell"


@dataclass(frozen=True, slots=True)
class Localised:
    """One finding, or all: the mean of a measure for each method, the best control, and the class map's difference to it."""

    finding: str
    boxes: int
    patients: int
    scores: dict[str, Estimate]
    best_control: str
    difference: float
    low: float | None
    high: float | None
    verdict: MapVerdict


def localised(
    table: pd.DataFrame, measure: MapMeasure, level: float | None = None, findings: Sequence[str] | None = None
) -> tuple[Localised, ...]:
    """The findings of a run's localisation table in the order given, or of the table.

    With ``level``, the share of boxes whose measure reaches it (IoU and IoBB at 0.1, 0.25, 0.5).
    """
    wide = _wide(table, measure, level)
    names = list(dict.fromkeys(wide["finding"])) if findings is None else list(findings)
    return tuple(_one(name, part) for name in names if len(part := wide[wide["finding"] == name]))


def overall(table: pd.DataFrame, measure: MapMeasure, level: float | None = None) -> Localised:
    """All boxes together, every box alike."""
    return _one("all findings", _wide(table, measure, level))


def _wide(table: pd.DataFrame, measure: MapMeasure, level: float | None) -> pd.DataFrame:
    """One row a place, a column a method; two findings may have been drawn at one place of a film."""
    values = table[measure.value]
    if level is not None:
        values = (values >= level).astype(float).where(values.notna())
    keys = ["image", "patient", "finding", "left", "top"]
    return table.assign(value=values).pivot(index=keys, columns="method", values="value").reset_index()


def _one(finding: str, part: pd.DataFrame) -> Localised:
    keys = ("image", "patient", "finding", "left", "top")
    methods = [name for name in part.columns if name not in keys and part[name].notna().all()]
    codes = np.unique(part["patient"].to_numpy(str), return_inverse=True)[1]
    scores = {name: _mean(part[name].to_numpy(float), codes) for name in methods}
    controls = [name for name in CONTROLS if name in scores]
    best = max(controls, key=lambda name: scores[name].value or 0.0)
    gap = part[CLASS_MAP].to_numpy(float) - part[best].to_numpy(float)
    low, high, verdict = None, None, MapVerdict.FEW
    if patients_remark(codes.max() + 1) is not Remark.TOO_FEW:
        half = t_quantile(kish(np.bincount(codes)) - 1) * float(_replicates(gap, codes).std(ddof=1))
        low, high = float(gap.mean()) - half, float(gap.mean()) + half
        verdict = MapVerdict.BEATS if low > 0 else MapVerdict.LOSES if high < 0 else MapVerdict.OPEN
    return Localised(finding, len(part), int(codes.max() + 1), scores, best, float(gap.mean()), low, high, verdict)


def _replicates(values: Doubles, codes: npt.NDArray[np.intp]) -> Doubles:
    """Means over resamples of patients."""
    patients = int(codes.max()) + 1
    weights = patient_weights(patients, RESAMPLES, SEED)
    total = np.bincount(codes, values, patients) @ weights
    return np.asarray(total / (np.bincount(codes, minlength=patients) @ weights), np.float64)


def _mean(values: Doubles, codes: npt.NDArray[np.intp]) -> Estimate:
    patients = int(codes.max()) + 1
    hits = int((values > 0).sum())
    owners = len(np.unique(codes[values > 0]))
    remark = patients_remark(patients)
    interval = None
    if remark is not Remark.TOO_FEW:
        spread = float(_replicates(values, codes).std(ddof=1))
        interval = logit_interval(float(values.mean()), spread, kish(np.bincount(codes)) - 1)
    low, high = interval or (None, None)
    return Estimate(float(values.mean()), low, high, len(values), patients, hits, owners, remark)
