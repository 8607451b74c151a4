"""The control: what blur and brightness alone are worth.

Where sharp and soft films, or bright and dark ones, differ in their labels, a network can score without looking at the
chest. A logistic regression on a few such statistics of the network's own input shows how far that carries.
"""

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

STATISTICS = ("mean", "spread", "5 %", "25 %", "50 %", "75 %", "95 %", "log gradient", "log Laplacian", "border")


def statistics(films: npt.NDArray[np.uint8], wanted: npt.NDArray[np.intp]) -> npt.NDArray[np.float32]:
    """The ``wanted`` rows (M,) of network inputs (N, S, S), read one by one, to float32 (M, 10): brightness, contrast,
    sharpness and the brightness of the border."""
    rows = []
    for row in wanted:
        x = films[row].astype(np.float32)
        gradient = np.abs(np.diff(x, axis=0)).mean() + np.abs(np.diff(x, axis=1)).mean()
        laplacian = (4 * x[1:-1, 1:-1] - x[:-2, 1:-1] - x[2:, 1:-1] - x[1:-1, :-2] - x[1:-1, 2:]).var()
        border = np.concatenate([x[:2].ravel(), x[-2:].ravel(), x[:, :2].ravel(), x[:, -2:].ravel()]).mean()
        levels = np.percentile(x, [5, 25, 50, 75, 95])
        rows.append([x.mean(), x.std(), *levels, np.log1p(gradient), np.log1p(laplacian), border])
    return np.asarray(rows, dtype=np.float32)


def control(
    training: npt.NDArray[np.float32], labels: npt.NDArray[np.float32], others: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32] | None:
    """Log-odds (M,) for the ``others`` (M, 10) from a regression fitted to ``training`` (N, 10) and ``labels`` (N,).

    Labels may be NaN (unknown). None if the training films hold one class only.
    """
    known = np.isfinite(labels)
    y = labels[known] > 0
    if y.all() or not y.any():
        return None
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    model.fit(training[known], y)
    return np.asarray(model.decision_function(others), dtype=np.float32)
