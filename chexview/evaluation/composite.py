"""Composite findings: the score of "at least one of these" from the scores of the parts."""

import numpy as np
import numpy.typing as npt


def any_of(log_odds: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Log-odds (n,) that at least one of the parts is present, from the parts' log-odds (n, parts).

    The parts count as independent given the film: the probability is 1 minus the product of the complements.
    Computed without leaving log space, so that neither end saturates: with s = sum log(1 + e^z), it is log(e^s - 1).
    """
    total = np.logaddexp(0.0, np.asarray(log_odds, dtype=np.float64)).sum(axis=-1)
    return np.asarray(total + np.log(-np.expm1(-total)))


def any_label(labels: npt.NDArray[np.int8]) -> npt.NDArray[np.int8]:
    """The composite's label (n,) from its parts' (n, parts): 1 where one is 1, 0 if all are 0, else -1."""
    present = (labels == 1).any(axis=-1)
    absent = (labels == 0).all(axis=-1)
    return np.where(present, 1, np.where(absent, 0, -1)).astype(np.int8)
