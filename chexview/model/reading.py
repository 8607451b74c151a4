"""The Reading: what one film got from one checkpoint."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from chexview.geometry import Rectangle
from chexview.model.card import HEATMAP_SCALE


@dataclass(frozen=True, slots=True)
class FindingScore:
    """One finding of one reading.

    ``log_odds`` is ``slope * logit + intercept`` and ``probability`` its sigmoid; where the checkpoint has no calibration
    for the finding, ``calibrated`` is False, ``probability`` is an uncalibrated score and nothing is flagged.
    ``threshold`` is the operating point in logits (None: no operating point), and ``flagged`` means
    ``logit >= threshold``. ``base + sum of contributions = log_odds``. ``heatmap_scale`` is the value of ``slope * map``, in
    log-odds, at which a heatmap's colours are full: the card's, for every film the same.
    """

    name: str
    logit: float
    log_odds: float
    probability: float
    calibrated: bool
    threshold: float | None
    flagged: bool
    base: float
    slope: float = 1.0
    heatmap_scale: float = HEATMAP_SCALE

    def at(self, threshold: float | None) -> "FindingScore":
        """The same score at another operating point; what is not calibrated has none and is never flagged."""
        threshold = threshold if self.calibrated else None
        return replace(self, threshold=threshold, flagged=threshold is not None and self.logit >= threshold)

    @property
    def margin(self) -> float:
        """Calibrated log-odds over the operating point, the key of every sorting; minus infinity if there is none."""
        return self.slope * (self.logit - self.threshold) if self.threshold is not None else float("-inf")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Reading:
    """What one film got from one checkpoint.

    ``maps`` and ``cell_contributions`` are float32 (findings, rows, columns) in the order of ``findings``: the class maps
    as the network gives them, and what each cell adds to the log-odds of its finding. ``picture`` is
    the uint8 (size, size) input the network saw; ``rectangle`` is where the film lies in it. ``features`` float32 (channels,)
    are the means of the network's last feature maps, by which similar films are found.
    """

    checkpoint: str
    checkpoint_digest: str
    film_digest: str
    policy: str
    findings: tuple[FindingScore, ...]
    maps: npt.NDArray[np.float32]
    cell_contributions: npt.NDArray[np.float32]
    picture: npt.NDArray[np.uint8]
    rectangle: Rectangle
    cautions: tuple[str, ...]
    seconds: float
    device: str
    features: npt.NDArray[np.float32] | None = None

    def score(self, name: str) -> FindingScore:
        """The score of the finding ``name``; raises KeyError where this checkpoint does not assess it."""
        return self.findings[self.index(name)]

    def at(self, policy: str, thresholds: Mapping[str, float]) -> "Reading":
        """The same reading at the operating points of ``policy``, logits by finding."""
        scores = tuple(score.at(thresholds.get(score.name)) for score in self.findings)
        return replace(self, policy=policy, findings=scores)

    @property
    def probabilities(self) -> dict[str, float]:
        """The calibrated probability of each finding that the checkpoint has a calibration for, in the findings' order."""
        return {score.name: score.probability for score in self.findings if score.calibrated}

    def contributions(self, name: str) -> npt.NDArray[np.float32]:
        """What each cell of the film adds to the log-odds of the finding ``name``, float32 (rows, columns).

        ``score(name).base`` plus their sum is ``score(name).log_odds``. Raises KeyError if this checkpoint does not
        assess the finding.
        """
        cells: npt.NDArray[np.float32] = self.cell_contributions[self.index(name)]
        return cells

    def index(self, name: str) -> int:
        """The position of ``name`` in ``maps`` and ``cell_contributions``; raises KeyError where it is not assessed."""
        for position, score in enumerate(self.findings):
            if score.name == name:
                return position
        raise KeyError(name)

    def __repr__(self) -> str:
        return f"Reading({self.checkpoint}, film {self.film_digest[:12]}, {len(self.findings)} findings)"
