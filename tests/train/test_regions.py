"""Regions: read, drawn, carried along with a film, and learnt from, until a map's peak follows a planted square."""

import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from chexview.errors import DataError
from chexview.model.architecture import Architecture, Pooling
from chexview.model.network import CheXNet, Shape
from train import recipe
from train.augment import affine, transform
from train.recipe import Augmentation
from train.regions import FINE, RegionTargets, cell_shares, coverage, read_regions, region_loss, region_targets
from train.training import Training

HEAD = "image,finding,x1,y1,x2,y2,polygon\n"
TINY = Shape(growth=12, blocks=(1, 1, 1, 1), stem=16)


def test_a_table_tells_regions_from_films_without(tmp_path: Path) -> None:
    table = tmp_path / "regions.csv"
    table.write_text(
        HEAD + 'a.png,Mass,0,0,512,256,\na.png,Pleural Thickening,,,,,"0 0 1024 0 1024 1024"\nb.png,,,,,,\n',
        encoding="utf-8",
    )
    found = read_regions(table)
    assert found.films == {"a.png", "b.png"}
    assert found.regions["finding"].tolist() == ["Mass", "Pleural_Thickening"]
    assert found.regions.loc[0, ["left", "top", "right", "bottom"]].tolist() == [0, 0, 0.5, 0.25]
    assert found.regions.loc[1, ["left", "top", "right", "bottom"]].tolist() == [0, 0, 1, 1]
    assert read_regions(table, frame=2048).regions.loc[0, "right"] == 0.25


def test_films_without_regions_may_stand_in_a_list_of_their_own(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        archive.writestr("inner/regions.csv", HEAD + "a.png,Mass,0,0,512,512,\n")
        archive.writestr("inner/films.csv", "image,part\na.png,x\nb.png,x\n")
    assert read_regions(tmp_path / "set.zip").films == {"a.png", "b.png"}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("a.png,Mass,zero,0,1,1,\n", "row 2.*must be numbers"),
        ("a.png,Mass,,,,,1 2 3 4\n", "row 2.*at least three points"),
        ("a.png,Mass,0,0,4000,10,\n", "row 2.*outside a frame of 1024"),
    ],
)
def test_a_bad_region_is_named_by_its_row(tmp_path: Path, line: str, words: str) -> None:
    (tmp_path / "r.csv").write_text(HEAD + line, encoding="utf-8")
    with pytest.raises(DataError, match=words):
        read_regions(tmp_path / "r.csv")


def test_coverage_is_the_covered_share() -> None:
    """A rectangle from (0, 0) to (half a side plus half a cell, a quarter): whole cells 255, the cut column about half."""
    edge = 0.5 + 0.5 / FINE
    cells = coverage([f"0 0 {edge} 0 {edge} 0.25 0 0.25"])
    assert (cells[: FINE // 4 - 1, : FINE // 2 - 1] == 255).all()
    assert (cells[: FINE // 4 - 1, FINE // 2] > 60).all() and (cells[: FINE // 4 - 1, FINE // 2] < 200).all()
    assert not cells[FINE // 4 + 1 :].any() and not cells[:, FINE // 2 + 2 :].any()
    assert coverage(["0.5 0.5 0.5001 0.5 0.5001 0.5001"]).max() > 0


def test_masks_move_as_the_film_moves() -> None:
    """A bright square and its mask, moved by the same random affines, stay on each other."""
    film = torch.zeros(6, 1, FINE, FINE)
    film[:, :, 20:40, 30:60] = 1.0
    theta = affine(6, Augmentation(shift=0.1, scale=0.2, rotation=15, flip=0.5), torch.Generator().manual_seed(3))
    masks = (film[:, 0] * 255).to(torch.uint8)[:, None]
    moved = transform(film, theta)
    shares = cell_shares(masks, theta, (FINE // 4, FINE // 4))
    pooled = torch.nn.functional.avg_pool2d(moved, 4)
    assert (moved - film).abs().mean() > 0.01
    torch.testing.assert_close(shares, pooled, atol=1e-5, rtol=0)


def test_the_loss_by_hand() -> None:
    """One film with a region of one cell, one without: -log p at the cell, -log(1 - p) elsewhere, each side a half."""
    scores = torch.tensor([[[[2.0, -1.0], [0.5, -3.0]]], [[[1.0, 0.0], [-1.0, -2.0]]]])
    shares = torch.tensor([[[[0.4, 0.0], [0.0, 0.0]]], [[[0.0, 0.0], [0.0, 0.0]]]])

    def cost(x: float) -> float:
        return float(np.log1p(np.exp(x)))

    hit, background = cost(-2.0), np.mean([cost(-1.0), cost(0.5), cost(-3.0)])
    empty = np.mean([cost(1.0), cost(0.0), cost(-1.0), cost(-2.0)])
    found = region_loss(scores, shares, torch.ones(2, 1, dtype=torch.bool))
    assert float(found) == pytest.approx(0.5 * (hit + background) + 0.5 * empty, rel=1e-5)
    only = region_loss(scores, shares, torch.tensor([[True], [False]]))
    assert float(only) == pytest.approx(0.5 * (hit + background), rel=1e-5)


def test_spread_regions_make_a_film_positive_and_place_nothing(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text(
        HEAD + "a.png,Diffuse_Nodule,0,0,512,512,\nb.png,Nodule,0,0,512,512,\n", encoding="utf-8"
    )
    found = region_targets(["c.png", "b.png", "a.png"], read_regions(tmp_path / "r.csv"))
    nodule = found.findings.index("Nodule")
    assert found.place.tolist() == [-1, 0, 1]
    assert found.present[:, nodule].tolist() == [True, True] and found.placed[:, nodule].tolist() == [True, False]


def planted(count: int, seed: int) -> tuple[torch.Tensor, torch.Tensor, np.ndarray]:
    """Films of 64 pixels: half of them with a faint square anywhere, and with it, always, a bright letter in the corner."""
    rng = np.random.default_rng(seed)
    films = rng.normal(90, 12, (count, 1, 64, 64))
    masks = np.zeros((count, 1, FINE, FINE), np.uint8)
    for k in range(0, count, 2):
        y, x = rng.integers(16, 44, 2)
        films[k, 0, y : y + 12, x : x + 12] += 60
        films[k, 0, 2:10, 2:10] = 250
        fine = FINE / 64
        masks[k, 0, int(y * fine) : int((y + 12) * fine), int(x * fine) : int((x + 12) * fine)] = 255
    labels = torch.tensor([1.0 - k % 2 for k in range(count)])[:, None]
    return torch.from_numpy(films.clip(0, 255)).float(), labels, masks


def peaks_inside(weight: float) -> float:
    """Trains on planted films, with or without their regions; the share of new films whose peak lies in the square."""
    torch.manual_seed(0)
    films, labels, masks = planted(96, 1)
    everything = np.ones((96, 1), bool)
    targets = RegionTargets(("Mass",), np.arange(96), masks, masks.any((-2, -1)), everything)
    plan = recipe.parse(
        f'name = "x"\nstages = [{{ size = 64, epochs = 1 }}]\n[data]\nfindings = ["Mass"]\n[loss]\nregions = {weight}\n'
    )
    network = CheXNet(1, shape=TINY, architecture=Architecture(stride=16, pooling=Pooling.ADAPTIVE))
    model = Training(network, plan, [0.5], Path("unused"), targets).train()
    optimiser = torch.optim.AdamW(model.parameters(), 3e-3)
    still = torch.eye(2, 3).expand(32, 2, 3)
    wanted = torch.cat([labels, torch.full((96, 3), torch.nan)], dim=1)
    for step in range(60):
        rows = torch.from_numpy(np.random.default_rng(step).permutation(96)[:32])
        loss = model.losses(films[rows], wanted[rows], rows, still)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    films, labels, masks = planted(48, 2)
    with torch.no_grad():
        logits, maps = network.eval()(films)
    assert (logits[::2] > logits[1::2].max()).float().mean() > 0.9, "it has not learnt to tell the films apart"
    highest = maps[::2, 0].flatten(1).argmax(1)
    side = maps.shape[-1]
    fine = masks[::2, 0].reshape(24, side, FINE // side, side, FINE // side).mean((2, 4)).reshape(24, -1)
    return float((fine[np.arange(24), highest.numpy()] > 32).mean())


def test_peaks_follow_the_planted_square_only_with_its_region() -> None:
    """What films and labels cannot tell apart, the square and the letter, a region does."""
    assert peaks_inside(0.0) < 0.5
    assert peaks_inside(1.0) > 0.8
