"""Marks and regions: the curves by hand on five films, areas as a count of pairs, peaks of a planted map."""

import itertools

import numpy as np
import pytest

from chexview.evaluation.estimate import Remark
from chexview.evaluation.free_response import FreeResponse, MarkedFilm, RatedMark, marks_of
from chexview.geometry import Rectangle

LEFT, RIGHT = Rectangle(0.0, 0.0, 0.4, 1.0), Rectangle(0.6, 0.0, 1.0, 1.0)


def film(patient: str, regions: tuple[Rectangle, ...], *marks: tuple[float, float]) -> MarkedFilm:
    return MarkedFilm(patient, regions, tuple(RatedMark(x, 0.5, rating) for x, rating in marks))


@pytest.fixture
def five() -> FreeResponse:
    return FreeResponse(
        (
            film("1", (LEFT, RIGHT), (0.1, 4.0), (0.2, 3.0), (0.5, 1.0)),  # one of two regions hit, by two marks
            film("2", (RIGHT,), (0.7, 2.0), (0.1, 3.5)),  # hit, but the highest mark lies elsewhere
            film("3", (LEFT,)),  # missed
            film("4", (), (0.5, 2.5)),
            film("5", ()),
        )
    )


def test_the_free_response_curve_by_hand(five: FreeResponse) -> None:
    curve = five.froc
    assert curve.thresholds.tolist() == [4.0, 3.5, 2.5, 2.0, 1.0]
    np.testing.assert_allclose(curve.hit, [0.25, 0.25, 0.25, 0.5, 0.5])
    np.testing.assert_allclose(curve.false_marks, [0, 0.2, 0.4, 0.4, 0.6])


def test_the_areas_by_hand(five: FreeResponse) -> None:
    """Regions rated 4, none, 2, none against films rated 2.5 and none; none ties with none."""
    assert five.afroc_area.value == pytest.approx((2 + 0.5 + 1 + 0.5) / 8)
    assert five.weighted_afroc_area.value == pytest.approx((0.5 * 2 + 0.5 * 0.5 + 1 + 0.5) / 6)
    assert five.lroc_area.value == pytest.approx(2 / 6)
    assert five.lroc_area.remark is Remark.TOO_FEW and five.lroc_area.low is None
    np.testing.assert_allclose(five.lroc.located, [0, 1 / 3, 1 / 3])
    np.testing.assert_allclose(five.lroc.false_alarms, [0, 0, 0.5])
    assert five.lroc_selection.positive_films == 3 and five.afroc.positives == 4
    assert five.froc.hit_within(0.3) == 0.25 and five.froc.hit_within(0.5) == 0.5


def planted(patients: int = 80) -> FreeResponse:
    generator = np.random.default_rng(3)
    films = []
    for k in range(patients):
        regions = ((), (LEFT,), (LEFT, RIGHT))[k % 3]
        marks = [(float(generator.random()), float(generator.normal())) for _ in range(2)]
        marks += [((region.left + region.right) / 2, float(generator.normal(1.0))) for region in regions]
        films += [film(str(k), regions, *marks)] * (1 + k % 2)
    return FreeResponse(tuple(films))


def test_the_areas_are_shares_of_pairs_with_intervals() -> None:
    found = planted()
    best = [(rating, 1 / len(film)) for film in found._best for rating in film]
    free = [max(found._false[k], default=-np.inf) for k, film in enumerate(found.films) if not film.regions]
    won = [(weight, (a > b) + 0.5 * (a == b)) for (a, weight), b in itertools.product(best, free)]
    assert found.afroc_area.value == pytest.approx(np.mean([score for _, score in won]))
    expected = sum(weight * score for weight, score in won) / sum(weight for weight, _ in won)
    area = found.weighted_afroc_area
    assert area.value == pytest.approx(expected)
    for estimate in (area, found.afroc_area, found.lroc_area):
        assert estimate.low is not None and estimate.high is not None and estimate.value is not None
        assert 0 < estimate.low < estimate.value < estimate.high < 1
    assert area.high - area.low == pytest.approx(found.afroc_area.high - found.afroc_area.low, rel=0.35)


def test_without_films_of_a_class_there_is_no_area() -> None:
    only = FreeResponse((film("1", (LEFT,), (0.1, 1.0)),))
    assert only.weighted_afroc_area.value is None and only.afroc_area.remark is Remark.NO_NEGATIVE


def test_peaks_of_a_map_are_its_marks() -> None:
    heatmap = np.zeros((10, 20))
    heatmap[2, 5], heatmap[2, 6] = 3.0, 1.0
    heatmap[7, 15:17] = 2.0
    heatmap[9, 0] = -1.0
    first, second = marks_of(heatmap)
    assert (first.x, first.y, first.rating) == (0.275, 0.25, 3.0)
    assert (second.x, second.y, second.rating) == (0.8, 0.75, 2.0)
    assert marks_of(heatmap, floor=2.5) == (first,) and marks_of(heatmap, most=1) == (first,)
    assert marks_of(np.zeros((4, 4))) == ()
