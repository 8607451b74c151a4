"""Maps of the boxed test films: the exact class map, and pytorch-grad-cam's GradCAM++ and EigenCAM where that is installed."""

from importlib.util import find_spec
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from torch import Tensor, nn
from tqdm import tqdm

from chexview.evaluation.localisation import (
    CLASS_MAP,
    DRAWN,
    GRID,
    Drawn,
    control_scores,
    on_grid,
    row,
    score,
    score_mask,
)
from chexview.findings import COMPOSITES
from chexview.geometry import Rectangle
from chexview.model.network import ClassMapNetwork
from train.regions import RegionTable, coverage

GRAD_CAM = ("GradCAM++", "EigenCAM")

MOSTLY = 63
"""A cell of the grid belongs to a region that covers a quarter of it (of 255); a sliver keeps its own cells."""


class _Logits(nn.Module):
    """The network as pytorch-grad-cam wants it: logits alone."""

    def __init__(self, network: ClassMapNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.network(x)[0]
        return logits


def boxed(table: pd.DataFrame, boxes: pd.DataFrame, findings: tuple[str, ...]) -> pd.DataFrame:
    """The boxes of findings, and of parts of composites, that a network gives: with the film's row and the network's output.

    ``table`` holds image, patient and row; ``boxes`` image, finding and the sides. Boxes of films that are not in the table, and
    of findings that the network does not give, are left out.
    """
    outputs = {name: [name] for name in findings}
    for composite in set(findings) & set(COMPOSITES):
        for part in COMPOSITES[composite]:
            outputs.setdefault(part, []).append(composite)
    matched = boxes[boxes["finding"].isin(outputs.keys())].copy()
    matched["finding"] = matched["finding"].map(outputs.__getitem__)
    matched = matched.explode("finding", ignore_index=True)
    matched["output"] = matched["finding"].map({name: k for k, name in enumerate(findings)})
    return matched.merge(table[["image", "patient", "row"]], on="image", how="inner").reset_index(drop=True)


def with_regions(table: pd.DataFrame, regions: RegionTable, findings: tuple[str, ...]) -> pd.DataFrame:
    """One row for each film and finding with regions, of the findings that a network gives: the film's row, the network's
    output, the sides of all its regions together, and their polygons as a list.

    ``table`` holds image, patient and row. Findings that the network does not give are left out.
    """
    drawn = regions.regions[regions.regions["finding"].isin(findings)]
    groups = drawn.groupby(["image", "finding"], sort=False)
    sides = groups.agg(left=("left", "min"), top=("top", "min"), right=("right", "max"), bottom=("bottom", "max"))
    whole = sides.assign(polygon=groups["polygon"].agg(list)).reset_index()
    whole["output"] = whole["finding"].map({name: k for k, name in enumerate(findings)})
    return whole.merge(table[["image", "patient", "row"]], on="image", how="inner").reset_index(drop=True)


def localise_regions(
    network: ClassMapNetwork, device: torch.device, films: npt.NDArray[np.uint8], wanted: pd.DataFrame
) -> pd.DataFrame | None:
    """The localisation table of regions: one row for each film, finding and method; None if there are none.

    ``wanted`` is what :func:`with_regions` gives. A map's highest cell counts whatever its sign, as a reader would look there
    first; its mass is that of its positive part.
    """
    if wanted.empty:
        return None
    network = network.to(device).eval()
    masks = np.stack([coverage(polygons, GRID, 2) > MOSTLY for polygons in wanted["polygon"]])
    rows: list[dict[str, object]] = []
    for _, part in tqdm(wanted.groupby("row", sort=False), unit="film", desc="maps of regions"):
        x = torch.from_numpy(np.array(films[int(part["row"].iloc[0])]))[None, None].float().to(device)
        with torch.inference_mode():
            maps = network(x)[1][0].float().cpu().numpy()
        for index, place in part.iterrows():
            grid = on_grid(maps[int(place["output"])])
            found = score_mask(grid if grid.max() > 0 else grid - grid.min(), masks[int(str(index))])
            rows.append(row(place, CLASS_MAP, found))
    table = pd.concat([pd.DataFrame(rows), control_scores(wanted, masks)], ignore_index=True)
    return table.assign(**{DRAWN: Drawn.REGIONS.value})


def localise(
    network: ClassMapNetwork, device: torch.device, films: npt.NDArray[np.uint8], wanted: pd.DataFrame
) -> pd.DataFrame | None:
    """The localisation table of a run: one row for each box and method, controls among them; None if nothing is boxed.

    ``films`` are network inputs uint8 (N, S, S), ``wanted`` what :func:`boxed` gives. Maps are those of the finding whose box
    it is; a class map's negative part speaks against the finding and counts as nothing.
    """
    if wanted.empty:
        return None
    network = network.to(device).eval()
    cams = _grad_cams(network) if find_spec("pytorch_grad_cam") else {}
    rows: list[dict[str, object]] = []
    with tqdm(total=len(wanted), unit="box", desc="maps of boxes") as bar:
        for _, part in wanted.groupby("row", sort=False):
            x = torch.from_numpy(np.array(films[int(part["row"].iloc[0])]))[None, None].float().to(device)
            with torch.inference_mode():
                maps = network(x)[1][0].float().cpu().numpy()
            for _, place in part.iterrows():
                output = int(place["output"])
                drawn = Rectangle(*(float(place[side]) for side in ("left", "top", "right", "bottom")))
                rows.append(row(place, CLASS_MAP, score(on_grid(maps[output].clip(min=0)), drawn)))
                for name, cam in cams.items():
                    rows.append(row(place, name, score(on_grid(cam(x, output)), drawn)))
                bar.update()
    for cam in cams.values():
        cam.method.activations_and_grads.release()
    network.zero_grad(set_to_none=True)
    table = pd.concat([pd.DataFrame(rows), control_scores(wanted)], ignore_index=True)
    return table.assign(**{DRAWN: Drawn.BOXES.value})


def _grad_cams(network: ClassMapNetwork) -> "dict[str, _Cam]":
    from pytorch_grad_cam import EigenCAM, GradCAMPlusPlus

    model = _Logits(network)
    return {
        name: _Cam(kind(model, [network.relu]))
        for name, kind in zip(GRAD_CAM, (GradCAMPlusPlus, EigenCAM), strict=True)
    }


class _Cam:
    """One of pytorch-grad-cam's methods as a function of film and output: a map of the whole film, 0 to 1."""

    def __init__(self, method: Any) -> None:
        self.method = method

    def __call__(self, x: Tensor, output: int) -> npt.NDArray[np.float32]:
        from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

        film = x.clone().requires_grad_(True)
        found = self.method(film, [ClassifierOutputTarget(output)])
        return np.asarray(found[0], np.float32)
