"""Occlusion and perturbations against a network whose answer is known by construction.

It counts what is brighter than a film without a square can be: its score follows a planted square, wherever it is, and nothing
else.
"""

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import Tensor, nn

from chexview.calibration import Calibration
from chexview.films.radiograph import Radiograph, VoiFunction, Window
from chexview.geometry import Rectangle
from chexview.model.card import Card
from chexview.model.checkpoint import Checkpoint
from chexview.model.network import CheXNet, Shape
from chexview.model.perturbations import (
    Perturbation,
    PerturbationResult,
    cover,
    markers,
    occlude,
    perturb,
    score_changes,
)
from chexview.model.predictor import Predictor

SIZE, SIDE = 192, 32
BRIGHT = 180.0
Pixels = npt.NDArray[np.uint8]


class Planted(CheXNet):
    """Its one feature is how much of a cell is brighter than ``BRIGHT``; the mean over cells knows no left or right."""

    def __init__(self) -> None:
        super().__init__(2, shape=Shape(growth=4, blocks=(1, 1, 1, 1), stem=8))
        self.classifier = nn.Linear(1, 2)
        with torch.no_grad():
            self.classifier.weight.copy_(torch.tensor([[100.0], [0.0]]))
            self.classifier.bias.copy_(torch.tensor([-2.0, -1.0]))

    def embed(self, x: Tensor) -> Tensor:
        return self.relu(nn.functional.avg_pool2d((x.float() - BRIGHT).clamp(min=0) / (255 - BRIGHT), 32))


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    card = Card(
        name="squares",
        title="Squares",
        findings=("Square", "Nothing"),
        input_size=SIZE,
        weights="",
        calibration={"Square": Calibration(2.0, 0.5)},
    )
    return Predictor(Checkpoint(card, Planted().eval()), torch.device("cpu"))


def film(pixels: Pixels) -> Radiograph:
    view = Window("full range", 127.5, 255.0, VoiFunction.LINEAR_EXACT)
    return Radiograph(pixels.astype(np.uint16), 1.0, 0.0, (view,), "0" * 64)


def planted(rows: int, columns: int, top: float, left: float) -> Pixels:
    """Noise on a slope with a bright square at shares of the film."""
    rng = np.random.default_rng(0)
    slope = np.linspace(20, 90, columns)[None, :] + np.linspace(0, 40, rows)[:, None]
    pixels = np.clip(slope + rng.normal(0, 4, (rows, columns)), 0, 150).astype(np.uint8)
    height, width = round(rows * SIDE / SIZE), round(columns * SIDE / SIZE)
    y, x = round(top * rows), round(left * columns)
    pixels[y : y + height, x : x + width] = 250
    return pixels


@pytest.mark.parametrize(("rows", "columns"), [(192, 192), (500, 420), (600, 300), (300, 600)])
def test_covering_the_square_drops_the_score_and_covering_elsewhere_does_not(
    predictor: Predictor, rows: int, columns: int
) -> None:
    one = film(planted(rows, columns, 0.5, 0.25))
    reading = predictor.read([one])[0]
    over, beside = Rectangle.of_size(0.22, 0.47, 0.23, 0.23), Rectangle.of_size(0.6, 0.2, 0.23, 0.23)
    there, elsewhere = occlude(predictor, one, over), occlude(predictor, one, beside)
    square, nothing = there.changes
    assert square.logit_before == pytest.approx(reading.score("Square").logit, abs=1e-5)
    assert square.probability_before == pytest.approx(reading.score("Square").probability, abs=1e-6)
    assert square.logit_after == pytest.approx(-2.0, abs=1e-4)
    assert square.moved == pytest.approx(2.0 * (square.logit_after - square.logit_before))
    assert square.calibrated and not nothing.calibrated
    assert nothing.moved == pytest.approx(0.0, abs=1e-6)
    assert elsewhere.changes[0].moved == pytest.approx(0.0, abs=1e-5)
    assert there.region == over and there.picture.shape == (SIZE, SIZE) and there.picture.max() < BRIGHT


def test_words_give_both_probabilities() -> None:
    card = Card(name="", title="", findings=("Mass",), input_size=32, weights="")
    (change,) = score_changes(card, np.array([0.4895], np.float32), np.array([-0.8], np.float32))
    assert change.words == "0.62 -> 0.31"


@pytest.mark.parametrize("corner", [(0.0, 0.0), (0.8, 0.0), (0.4, 0.4), (0.0, 0.8), (0.8, 0.8), (0.0, 0.4)])
def test_a_cover_takes_on_its_surroundings(corner: tuple[float, float]) -> None:
    region = Rectangle.of_size(*corner, 0.2, 0.2)
    flat = np.full((100, 80), 0.3, np.float32)
    flat[region.slices(100, 80)] = 1.0
    np.testing.assert_allclose(cover(flat, region), 0.3, atol=1e-6)
    ramp = np.linspace(0, 1, 80, dtype=np.float32)[None, :].repeat(100, 0)
    spoilt = ramp.copy()
    spoilt[region.slices(100, 80)] = 5.0
    filled = cover(spoilt, region)
    outside = np.ones((100, 80), np.bool_)
    outside[region.slices(100, 80)] = False
    np.testing.assert_array_equal(filled[outside], ramp[outside])
    np.testing.assert_allclose(filled, ramp, atol=0.21)
    assert spoilt[region.slices(100, 80)].min() == 5.0


def test_a_cover_over_everything_is_the_mean_and_an_edge_is_met() -> None:
    ramp = np.linspace(0, 1, 100, dtype=np.float32)[None, :].repeat(100, 0)
    np.testing.assert_allclose(cover(ramp, Rectangle.of_size(0, 0, 1, 1)), 0.5, atol=1e-6)
    filled = cover(ramp, Rectangle.of_size(0.3, 0.3, 0.4, 0.4))
    assert np.abs(np.diff(filled, axis=1)).max() < 0.05
    np.testing.assert_allclose(filled[50], ramp[50], atol=0.03)


@pytest.mark.parametrize(
    "wrong", [(-0.1, 0, 0.5, 0.5), (0, 0, 0, 0.5), (0.6, 0, 0.5, 0.5), (0, float("nan"), 0.1, 0.1)]
)
def test_a_region_lies_within_the_film(wrong: tuple[float, float, float, float]) -> None:
    with pytest.raises(ValueError, match="within the film"):
        cover(np.zeros((10, 10), np.float32), Rectangle.of_size(*wrong))


def test_a_region_smaller_than_a_pixel_covers_one() -> None:
    down, across = Rectangle.of_size(1.0 - 1e-12, 0.5, 1e-12, 1e-12).slices(10, 10)
    assert (down, across) == (slice(5, 6), slice(9, 10))


def by_perturbation(found: tuple[PerturbationResult, ...]) -> dict[Perturbation, PerturbationResult]:
    return {item.perturbation: item for item in found}


def test_a_network_without_sides_does_not_mind_a_mirror(predictor: Predictor) -> None:
    found = by_perturbation(perturb(predictor, film(planted(192, 192, 0.5, 0.3))))
    assert abs(found[Perturbation.FLIP].largest.moved) < 1e-5
    for perturbation in (
        Perturbation.LEFT,
        Perturbation.RIGHT,
        Perturbation.UP,
        Perturbation.DOWN,
        Perturbation.CORNERS,
    ):
        assert abs(found[perturbation].largest.moved) < 1e-4
    for perturbation in (Perturbation.CLOCKWISE, Perturbation.ANTICLOCKWISE):
        assert abs(found[perturbation].largest.moved) < 0.2 * found[perturbation].largest.log_odds_before


def test_a_symmetric_film_is_the_same_mirrored_for_any_network() -> None:
    torch.manual_seed(0)
    network = CheXNet(2, shape=Shape(growth=8, blocks=(1, 1, 1, 1), stem=16)).eval()
    card = Card(name="any", title="Any", findings=("Mass", "Nodule"), input_size=SIZE, weights="")
    half = planted(SIZE, SIZE // 2, 0.4, 0.3)
    one = film(np.concatenate([half, half[:, ::-1]], 1))
    (flip,) = perturb(Predictor(Checkpoint(card, network), torch.device("cpu")), one, (Perturbation.FLIP,))
    assert abs(flip.largest.moved) < 1e-5


def test_a_score_that_hangs_on_a_corner_is_found_out(predictor: Predictor) -> None:
    """The square stands in for a marker: in the corner, small, and bright."""
    pixels = planted(384, 384, 0.5, 2.0)
    pixels[12:36, 340:364] = 250
    found = by_perturbation(perturb(predictor, film(pixels)))
    for perturbation in (Perturbation.CORNERS, Perturbation.MARKERS):
        assert found[perturbation].changes[0].logit_after == pytest.approx(-2.0, abs=1e-4)
        assert found[perturbation].largest.finding == "Square" and found[perturbation].largest.moved < -0.5


def test_only_marks_near_the_edges_are_markers(predictor: Predictor) -> None:
    pixels = np.full((SIZE, SIZE), 40, np.uint8)
    pixels[90:100, 90:100] = 250
    assert markers(pixels) == ()
    assert Perturbation.MARKERS not in by_perturbation(perturb(predictor, film(pixels)))
    pixels[8:16, 8:16] = 250
    (region,) = markers(pixels)
    down, across = region.slices(SIZE, SIZE)
    assert (down, across) == (slice(6, 18), slice(6, 18))


def test_shifts_and_turns_go_where_they_say(predictor: Predictor) -> None:
    pixels = np.full((SIZE, SIZE), 40, np.uint8)
    pixels[90:102, 150:162] = 250
    found = by_perturbation(perturb(predictor, film(pixels)))

    def centre(perturbation: Perturbation) -> tuple[float, float]:
        y, x = np.nonzero(found[perturbation].picture > 145)
        return float(y.mean()) - 95.5, float(x.mean()) - 155.5

    assert centre(Perturbation.LEFT) == (0.0, -10.0)
    assert centre(Perturbation.RIGHT) == (0.0, 10.0)
    assert centre(Perturbation.UP) == (-10.0, 0.0)
    assert centre(Perturbation.DOWN) == (10.0, 0.0)
    turned = np.sin(np.radians(4.0)) * 60.0
    assert centre(Perturbation.CLOCKWISE)[0] == pytest.approx(turned, abs=0.7)
    assert centre(Perturbation.ANTICLOCKWISE)[0] == pytest.approx(-turned, abs=0.7)
    np.testing.assert_array_equal(found[Perturbation.FLIP].picture, pixels[:, ::-1])


def test_bars_beside_a_long_film_stay_where_they_are(predictor: Predictor) -> None:
    for item in perturb(predictor, film(planted(600, 300, 0.5, 0.3))):
        bars = (item.picture == 0).all(0)
        assert bars[:30].all() and bars[-30:].all() and not bars[40:-40].any()
        assert item.perturbation.words and item.perturbation.note
