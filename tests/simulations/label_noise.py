"""How often the interval of the noise-corrected AUROC covers the true one: ``python -m tests.simulations.label_noise``."""

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from chexview.evaluation.label_noise import LabelSample, corrected_auroc
from chexview.evaluation.selection import Selection

APART = 1.5
TRUE_AREA = float(ndtr(APART / np.sqrt(2)))


def drawn(
    generator: np.random.Generator, films: int, prevalence: float, label: tuple[float, float]
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_], npt.NDArray[np.float32]]:
    """Truth, label and logits of films; the label has the sensitivity and specificity given, whatever the logit."""
    truth = generator.random(films) < prevalence
    hit, right = generator.random(films) < label[0], generator.random(films) < label[1]
    return truth, np.where(truth, hit, ~right), (generator.normal(size=films) + APART * truth).astype(np.float32)


def covered(repetitions: int, seed: int = 0, films: int = 3000, adjudicated: int = 900) -> float:
    """The share of repetitions whose interval holds the true area: label 0.6 and 0.97, 10 % of films with the finding."""
    generator = np.random.default_rng(seed)
    inside = 0
    for _ in range(repetitions):
        _, label, logits = drawn(generator, films, 0.1, (0.6, 0.97))
        truth, sampled, _ = drawn(generator, adjudicated, 0.15, (0.6, 0.97))
        sample = LabelSample(sampled, truth, np.arange(adjudicated))
        found = corrected_auroc(Selection.of(label, logits), sample, resamples=200)
        inside += found.low is not None and found.high is not None and found.low <= TRUE_AREA <= found.high
    return inside / repetitions


if __name__ == "__main__":
    print(f"noise-corrected AUROC: {covered(1000):.3f} of 1,000 intervals of 95 % hold the true one")
