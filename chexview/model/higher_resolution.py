"""A film read at a multiple of the checkpoint's input size: a class map of more cells, and how far the scores move."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chexview.films.grey import grey
from chexview.films.radiograph import Radiograph
from chexview.geometry import Rectangle
from chexview.model.eye import eye
from chexview.model.perturbations import ScoreChange, score_changes
from chexview.model.predictor import Predictor

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class HigherResolution:
    """A film read at a multiple of the size that the network was trained at.

    ``maps`` are float32 (findings, rows, columns), signed logits that sum to ``logits`` as a reading's do; ``contributions`` each
    cell's share of the calibrated log-odds, for what the calibration is worth at this size. ``rectangle`` is where the film lies.
    """

    size: int
    trained_size: int
    logits: Floats
    maps: Floats
    contributions: Floats
    changes: tuple[ScoreChange, ...]
    picture: npt.NDArray[np.uint8]
    rectangle: Rectangle

    def change(self, finding: str) -> ScoreChange:
        """How far a finding's logit moved from the trained size to this one; raises KeyError where it is not assessed."""
        for change in self.changes:
            if change.finding == finding:
                return change
        raise KeyError(finding)


def read_at_higher_resolution(predictor: Predictor, film: Radiograph, times: int = 2) -> HigherResolution:
    """The film read at ``times`` the checkpoint's input size, which gives a map of so many times the cells a side.

    The network is convolutional up to the pooling of its cells, so that any size goes through it (Long et al., CVPR 2015),
    and base and contributions still add up. But it sees everything ``times`` larger than what it learnt.
    """
    seen, trained = grey(film), predictor.card.input_size
    sight = eye(seen, trained * times)
    logits, maps = predictor.forward(sight.picture[None])
    before, _ = predictor.forward(eye(seen, trained).picture[None])
    lines = [predictor.card.calibration.get(name) for name in predictor.card.findings]
    slopes = np.array([line.slope if line else 1.0 for line in lines], np.float32)
    return HigherResolution(
        size=trained * times,
        trained_size=trained,
        logits=logits[0],
        maps=maps[0],
        contributions=slopes[:, None, None] * predictor.contributions(maps)[0],
        changes=score_changes(predictor.card, before[0], logits[0]),
        picture=sight.picture,
        rectangle=sight.rectangle,
    )
