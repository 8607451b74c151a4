"""A class map of more cells: it adds up, and says how far scores moved."""

import numpy as np
import pytest

from chexview.films.radiograph import Radiograph
from chexview.model.higher_resolution import read_at_higher_resolution
from chexview.model.predictor import Predictor


def test_a_finer_map_adds_up_and_says_how_far_scores_moved(bundled: Predictor, example: Radiograph) -> None:
    reading, fine = bundled.read([example])[0], read_at_higher_resolution(bundled, example)
    size = bundled.card.input_size
    assert (fine.trained_size, fine.size, fine.picture.shape) == (size, 2 * size, (2 * size, 2 * size))
    assert fine.maps.shape == (len(reading.findings), 2 * reading.maps.shape[1], 2 * reading.maps.shape[2])
    np.testing.assert_allclose(
        bundled.contributions(fine.maps[None])[0].sum((-2, -1)) + bundled.bias, fine.logits, atol=1e-4
    )
    for k, score in enumerate(reading.findings):
        change = fine.change(score.name)
        assert change.logit_before == pytest.approx(score.logit, abs=1e-4)
        assert score.base + fine.contributions[k].sum() == pytest.approx(change.log_odds_after, abs=1e-4)
    with pytest.raises(KeyError):
        fine.change("Gout")
