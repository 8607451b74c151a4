"""Films are drawn by lot; half of them have the finding where that is wanted."""

import numpy as np

from chexview.studies.choosing import draw

IMAGES = [f"{k:03}.png" for k in range(60)]
LABELS = np.array([1] * 8 + [0] * 40 + [-1] * 12, np.int8)


def test_the_same_seed_draws_the_same_films() -> None:
    assert draw(IMAGES, 20, 3) == draw(IMAGES, 20, 3) != draw(IMAGES, 20, 4)
    assert len(set(draw(IMAGES, 20, 3))) == 20
    assert draw(IMAGES, 99, 3) == tuple(IMAGES)


def test_half_have_the_finding_as_far_as_there_are_as_many() -> None:
    for count, present in ((10, 5), (11, 5), (16, 8), (30, 8), (99, 8)):
        chosen = [IMAGES.index(image) for image in draw(IMAGES, count, 1, LABELS)]
        assert (LABELS[chosen] == 1).sum() == present
        assert len(chosen) == min(count, present + 40)
        assert (LABELS[chosen] >= 0).all()
    assert (LABELS[[IMAGES.index(image) for image in draw(IMAGES[:10], 10, 1, LABELS[:10])]] == 1).sum() == 8
