"""A bright square planted anywhere is followed by the maps of a small network trained on such squares.

The network is taught where the squares are, cell by cell, so that what is tested is the geometry between film, input, map
and rectangle, and not what a network would choose to look at.
"""

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch.nn import functional as F

from chexview.films.radiograph import Radiograph, VoiFunction, Window
from chexview.model.card import Card
from chexview.model.checkpoint import Checkpoint
from chexview.model.network import CheXNet, Shape
from chexview.model.predictor import Predictor

SIZE, SIDE = 192, 28
Pixels = npt.NDArray[np.uint8]


def background(rng: np.random.Generator, rows: int, columns: int) -> Pixels:
    """Noise on a slope, dark enough that a square stands out."""
    slope = np.linspace(20, 90, columns)[None, :] + np.linspace(0, 40, rows)[:, None]
    return np.clip(slope + rng.normal(0, 8, (rows, columns)), 0, 160).astype(np.uint8)


def film(pixels: Pixels) -> Radiograph:
    view = Window("full range", 127.5, 255.0, VoiFunction.LINEAR_EXACT)
    return Radiograph(pixels.astype(np.uint16), 1.0, 0.0, (view,), "0" * 64)


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    torch.manual_seed(1)
    rng = np.random.default_rng(1)
    network = CheXNet(2, shape=Shape(growth=8, blocks=(1, 1, 1, 1), stem=16)).train()
    optimiser = torch.optim.AdamW(network.parameters(), 5e-3)
    for _ in range(150):
        films = np.stack([background(rng, SIZE, SIZE) for _ in range(16)])
        covered = np.zeros((16, SIZE, SIZE), np.float32)
        for i in range(16):
            bar = int(rng.integers(0, 48)) if i % 2 else 0  # as the eye pads what is far from square
            films[i, :, :bar] = films[i, :, SIZE - bar :] = 0
            if i >= 12:
                continue
            height, width = rng.integers(16, SIDE + 1, 2)
            top, left = rng.integers(0, SIZE - height + 1), rng.integers(bar, SIZE - bar - width + 1)
            if i % 4 == 3:
                films[i] = films[i].T
                top, left, height, width = left, top, width, height
            films[i, top : top + height, left : left + width] = 250
            covered[i, top : top + height, left : left + width] = 1
        _, maps = network(torch.from_numpy(films)[:, None])
        share = F.avg_pool2d(torch.from_numpy(covered)[:, None], 32)[:, 0]
        loss = F.binary_cross_entropy_with_logits(maps[:, 0], (share / share.amax().clamp(min=0.01)))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    card = Card(name="squares", title="Squares", findings=("Square", "Nothing"), input_size=SIZE, weights="")
    return Predictor(Checkpoint(card, network.eval()), torch.device("cpu"))


@pytest.mark.parametrize(("rows", "columns"), [(192, 192), (500, 420), (420, 500), (600, 300), (300, 600)])
def test_maps_follow_the_square(predictor: Predictor, rows: int, columns: int) -> None:
    """Nine places, the corners and edges among them: the map's hottest cell touches the square where the film shows it."""
    rng = np.random.default_rng(2)
    side_y, side_x = max(1, round(SIDE / SIZE * rows)), max(1, round(SIDE / SIZE * columns))
    films, centres = [], []
    for fy in (0.0, 0.5, 1.0):
        for fx in (0.0, 0.5, 1.0):
            pixels = background(rng, rows, columns)
            top, left = round(fy * (rows - side_y)), round(fx * (columns - side_x))
            pixels[top : top + side_y, left : left + side_x] = 250
            films.append(film(pixels))
            centres.append(((top + side_y / 2) / rows, (left + side_x / 2) / columns))
    for reading, (y, x) in zip(predictor.read(films), centres, strict=True):
        grid = reading.maps[0]
        row, column = np.unravel_index(int(grid.argmax()), grid.shape)
        where = reading.rectangle
        inside_y = where.top + y * (where.bottom - where.top)
        inside_x = where.left + x * (where.right - where.left)
        reach = 0.5 / grid.shape[0] + SIDE / SIZE / 2 + 0.02
        assert abs((row + 0.5) / grid.shape[0] - inside_y) <= reach
        assert abs((column + 0.5) / grid.shape[1] - inside_x) <= reach


def test_a_film_without_a_square_stays_cold(predictor: Predictor) -> None:
    rng = np.random.default_rng(3)
    empty = background(rng, 400, 400)
    marked = empty.copy()
    marked[300:360, 320:380] = 250
    without, with_square = predictor.read([film(empty), film(marked)])
    assert with_square.maps[0].max() > without.maps[0].max() + 1.5
