"""Radiologists' regions: read from a table, drawn on a grid, and carried along with a film's augmentation.

The table is a CSV with the columns image, finding, x1, y1, x2, y2 (box) and polygon ("x y x y ..."), in pixels of a square
frame whose side the caller states. A row whose finding is empty says that the film was looked at and has none of the
findings; so does a file ``films.csv`` (column image) beside ``regions.csv`` in a folder or zip, as ChestX-Det comes (Lian et
al., "A structure-aware relation network for thoracic diseases detection and segmentation", 2021). A film that no row
speaks of is unknown, never negative.
"""

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from PIL import Image, ImageDraw
from torch import Tensor
from torch.nn import functional as F

from chexview.errors import DataError
from train.augment import transform

FRAME = 1024
"""Pixels across of NIH's own films, on which ChestX-Det was drawn."""

FINE = 80
"""Cells across of the grid that polygons are drawn on; at least four times a class map's."""

SPREAD = {"Nodule": "Diffuse_Nodule"}
"""Regions of the second name make the first present in the film, and say nothing of where its single regions lie."""

COLUMNS = ("image", "finding", "left", "top", "right", "bottom", "polygon")


@dataclass(frozen=True, slots=True, eq=False)
class RegionTable:
    """``regions``: image, finding, left, top, right, bottom (shares of the film, 0 to 1) and polygon ("x y x y ..." in
    shares), a row each; ``films``: the images that were looked at, with regions or without."""

    regions: pd.DataFrame
    films: frozenset[str]


def read_regions(path: Path, frame: int = FRAME) -> RegionTable:
    """Reads a table of regions (CSV, or folder or zip with ``regions.csv`` and ``films.csv``). Raises DataError."""
    files = _files(path)
    raw = _csv(files, "regions.csv" if "regions.csv" in files else path.name, ("image", "finding"))
    films = set(raw["image"])
    if "films.csv" in files:
        films |= set(_csv(files, "films.csv", ("image",))["image"])
    drawn = raw[raw["finding"] != ""].reset_index(drop=True)
    return RegionTable(_shares(drawn, path.name, frame), frozenset(films))


def _files(path: Path) -> dict[str, bytes]:
    if path.is_dir():
        return {item.name: item.read_bytes() for item in path.iterdir() if item.suffix == ".csv"}
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return {
                PurePosixPath(name).name: archive.read(name) for name in archive.namelist() if name.endswith(".csv")
            }
    if not path.is_file():
        raise DataError(f"There is no file {path.name} of regions.")
    return {path.name: path.read_bytes()}


def _csv(files: dict[str, bytes], name: str, needed: tuple[str, ...]) -> pd.DataFrame:
    if name not in files:
        raise DataError(f"There is no {name} among the regions.")
    try:
        table = pd.read_csv(io.BytesIO(files[name]), dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (ValueError, UnicodeError) as error:
        raise DataError(f"{name} cannot be read as a CSV ({error}).") from error
    if missing := [column for column in needed if column not in table]:
        raise DataError(f"{name} has no column {missing[0]}.")
    return table


def _shares(drawn: pd.DataFrame, name: str, frame: int) -> pd.DataFrame:
    """Boxes and polygons as shares of the film; a region without polygon is its box. Raises DataError naming the row."""
    table = pd.DataFrame({"image": drawn["image"], "finding": drawn["finding"].str.replace(" ", "_")})
    points = []
    for row, values in enumerate(drawn.to_dict("records"), start=2):
        try:
            box = [float(values[key]) for key in ("x1", "y1", "x2", "y2")] if values.get("x1") else []
            flat = [float(word) for word in values.get("polygon", "").split()]
        except (KeyError, ValueError) as error:
            raise DataError(f"{name}, row {row}: a region's coordinates must be numbers ({error}).") from error
        if not flat and len(box) == 4:
            x1, y1, x2, y2 = box
            flat = [x1, y1, x2, y1, x2, y2, x1, y2]
        outline = np.asarray(flat, np.float64) / frame
        if len(flat) < 6 or len(flat) % 2 or not np.isfinite(outline).all():
            raise DataError(f"{name}, row {row}: a region needs a box or a polygon of at least three points.")
        if outline.min() < -0.05 or outline.max() > 1.05:
            raise DataError(
                f"{name}, row {row}: the region lies outside a frame of {frame} pixels; state the right frame."
            )
        points.append(outline.clip(0.0, 1.0))
    for key, axis, edge in (("left", 0, "min"), ("top", 1, "min"), ("right", 0, "max"), ("bottom", 1, "max")):
        table[key] = [float(getattr(outline[axis::2], edge)()) for outline in points]
    table["polygon"] = [" ".join(f"{value:.5f}" for value in outline) for outline in points]
    return table


def coverage(polygons: list[str], size: int = FINE, scale: int = 4) -> npt.NDArray[np.uint8]:
    """The covered share of each of ``size`` x ``size`` cells by the union of polygons (shares of the film): uint8, 255 is all."""
    side = size * scale
    canvas = Image.new("L", (side, side))
    pen = ImageDraw.Draw(canvas)
    for polygon in polygons:
        outline = np.array(polygon.split(), np.float64).reshape(-1, 2) * side
        pen.polygon([(float(x), float(y)) for x, y in outline], fill=255)
        centre = outline.mean(0)
        canvas.putpixel((min(side - 1, int(centre[0])), min(side - 1, int(centre[1]))), 255)  # a sliver is not lost
    cells = np.asarray(canvas, np.float32).reshape(size, scale, size, scale).mean((1, 3))
    return np.asarray(np.ceil(cells), np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class RegionTargets:
    """Regions as targets of an index's films.

    ``place`` (films,) gives a film's place in the others, -1 where it was not looked at; ``masks`` uint8 (L, R, FINE, FINE) is
    the covered share (255: all) by the regions of each of ``findings`` (R); ``present`` (L, R) says whether the film has the
    finding at all, ``placed`` (L, R) whether ``masks`` says where.
    """

    findings: tuple[str, ...]
    place: npt.NDArray[np.int64]
    masks: npt.NDArray[np.uint8]
    present: npt.NDArray[np.bool_]
    placed: npt.NDArray[np.bool_]


def region_targets(images: list[str], table: RegionTable) -> RegionTargets:
    """The targets of ``images`` (in their order) from a table of regions."""
    findings = tuple(sorted(set(table.regions["finding"])))
    place = np.full(len(images), -1, np.int64)
    looked = [row for row, image in enumerate(images) if image in table.films]
    place[looked] = np.arange(len(looked))
    masks = np.zeros((len(looked), len(findings), FINE, FINE), np.uint8)
    present = np.zeros((len(looked), len(findings)), bool)
    row_of = {images[row]: place[row] for row in looked}
    column_of = {name: column for column, name in enumerate(findings)}
    for (image, finding), part in table.regions.groupby(["image", "finding"]):
        if image in row_of:
            masks[row_of[image], column_of[finding]] = coverage(part["polygon"].tolist())
            present[row_of[image], column_of[finding]] = True
    placed = np.ones_like(present)
    for name, wide in SPREAD.items():
        if name in column_of and wide in column_of:
            spread = present[:, column_of[wide]]
            placed[:, column_of[name]] &= ~spread
            present[:, column_of[name]] |= spread
    return RegionTargets(findings, place, masks, present, placed)


def cell_shares(masks: Tensor, theta: Tensor, cells: tuple[int, int]) -> Tensor:
    """Masks uint8 (B, R, FINE, FINE) moved by the films' affine ``theta`` (B, 2, 3) to covered shares float (B, R, *cells)."""
    moved = transform(masks.float() / 255.0, theta, padding="zeros")
    return F.adaptive_avg_pool2d(moved, cells)


def region_loss(scores: Tensor, shares: Tensor, placed: Tensor) -> Tensor:
    """How badly cells' scores tell where regions lie, a scalar.

    ``scores`` (B, R, H, W) are log-odds that a cell belongs to a region, ``shares`` (B, R, H, W) the covered shares, ``placed``
    (B, R) which pairs of film and finding are known. Within a film the region weighs as much as its background (each
    cell by its share); the cell that holds most of a region counts as covered, so that a small one is not averaged away. Films
    without a region push every cell down. Pairs with a region and pairs without weigh alike.
    """
    peak = shares.amax((-2, -1), keepdim=True)
    inside = torch.where((shares == peak) & (peak > 0), torch.ones_like(shares), shares)
    outside = 1.0 - inside
    missed = (inside * F.softplus(-scores)).sum((-2, -1)) / inside.sum((-2, -1)).clamp(min=1e-6)
    raised = (outside * F.softplus(scores)).sum((-2, -1)) / outside.sum((-2, -1)).clamp(min=1e-6)
    has = (peak[..., 0, 0] > 0) & placed
    without = (peak[..., 0, 0] == 0) & placed
    positive = (0.5 * (missed + raised) * has).sum() / has.sum().clamp(min=1)
    negative = (raised * without).sum() / without.sum().clamp(min=1)
    return positive + 0.5 * negative
