"""How often the interval of the noise-corrected AUROC covers the true one: ``python -m tests.simulations.label_noise``."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from chexview.evaluation.label_noise import LabelSample, corrected_auroc, corrected_confusion
from chexview.evaluation.selection import Selection
from tests.simulations.printing import print_shares

APART = 1.5
CUT = 1.0
"""The logit from which films are flagged."""
TRUE_AREA = float(ndtr(APART / np.sqrt(2)))


def drawn(
    generator: np.random.Generator, films: int, prevalence: float, label: tuple[float, float]
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_], npt.NDArray[np.float32]]:
    """Truth, label and logits of films; the label has the sensitivity and specificity given, whatever the logit."""
    truth = generator.random(films) < prevalence
    hit, right = generator.random(films) < label[0], generator.random(films) < label[1]
    return truth, np.where(truth, hit, ~right), (generator.normal(size=films) + APART * truth).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Coverage:
    """Shares of repetitions whose interval holds the true area, sensitivity and specificity."""

    area: float
    sensitivity: float
    specificity: float


def coverage(repetitions: int, seed: int = 0, films: int = 3000, adjudicated: int = 900) -> Coverage:
    """The coverage for a label of sensitivity 0.6 and specificity 0.97, 10 % of films with the finding."""
    generator = np.random.default_rng(seed)
    inside = np.zeros(3)
    true = TRUE_AREA, float(ndtr(APART - CUT)), float(ndtr(CUT))
    for _ in range(repetitions):
        _, label, logits = drawn(generator, films, 0.1, (0.6, 0.97))
        truth, sampled, _ = drawn(generator, adjudicated, 0.15, (0.6, 0.97))
        sample, selection = LabelSample(sampled, truth, np.arange(adjudicated)), Selection.of(label, logits)
        rates = corrected_confusion(selection, CUT, sample, resamples=200)
        found = corrected_auroc(selection, sample, resamples=200), rates.sensitivity, rates.specificity
        inside += [
            item.low is not None and item.high is not None and item.low <= value <= item.high
            for item, value in zip(found, true, strict=True)
        ]
    return Coverage(*(inside / repetitions).tolist())


if __name__ == "__main__":
    print_shares(__doc__ or "", coverage, "noise-corrected ")
