"""Decision curves: is flagging by the model better than flagging everybody, or nobody?

Vickers and Elkin, Medical Decision Making 2006, 26:565. Who flags from a probability p on holds one missed finding to be worth
(1 - p) / p false alarms; the net benefit counts both in found findings per film.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from chexview.calibration import Calibration
from chexview.evaluation.prevalence import recalibrated
from chexview.evaluation.selection import Selection

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class DecisionCurve:
    """At each of ``thresholds`` (k,), probabilities: net benefit of the model and of flagging everybody (nobody's is 0), films
    flagged and findings missed, both as shares of all films."""

    thresholds: Doubles
    model: Doubles
    everybody: Doubles
    flagged: Doubles
    missed: Doubles
    prevalence: float


def decision_curve(
    selection: Selection,
    calibration: Calibration,
    thresholds: npt.NDArray[np.floating[Any]] | None = None,
    prevalence: float | None = None,
) -> DecisionCurve:
    """The curve of calibrated probabilities; at another ``prevalence`` than the films' own, which also moves the probabilities.

    Without ``thresholds``, 1 to 99 %. Raises ValueError if one class has no film or a threshold is not between 0 and 1.
    """
    positives, negatives = selection.positive_films, selection.films - selection.positive_films
    if not positives or not negatives:
        raise ValueError("a decision curve needs films with and without the finding")
    own = positives / selection.films
    share = own if prevalence is None else prevalence
    line = calibration if prevalence is None else recalibrated(calibration, own, prevalence)
    cuts = np.linspace(0.01, 0.99, 99) if thresholds is None else np.asarray(thresholds, dtype=np.float64)
    if not ((cuts > 0) & (cuts < 1)).all():
        raise ValueError("thresholds are probabilities between 0 and 1")
    given = line.probability(selection.logits.astype(np.float64))
    flagged = given[None, :] >= cuts[:, None]
    sensitivity = flagged[:, selection.labels].mean(axis=1)
    alarms = flagged[:, ~selection.labels].mean(axis=1)
    odds = cuts / (1 - cuts)
    return DecisionCurve(
        thresholds=cuts,
        model=sensitivity * share - alarms * (1 - share) * odds,
        everybody=share - (1 - share) * odds,
        flagged=sensitivity * share + alarms * (1 - share),
        missed=(1 - sensitivity) * share,
        prevalence=share,
    )
