"""``python -m tests.simulations.readers``: simulated readers of known accuracy, and how often their intervals hold it.

Films of patients who have one to six of them; readers and model see a film through noise that films of a patient share in part
(intraclass correlation 0.3). Each reader flags from a cut of his own, so that the true sensitivity and specificity are known, and
so are the mean reader's and the model's at his specificity. Told are the shares of repetitions whose 95 % interval holds them.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

from chexview.evaluation.bootstrap import patient_weights
from chexview.evaluation.intervals import share_estimate
from chexview.evaluation.readers import MeanReader, ReaderAnswers, mean_reader
from chexview.evaluation.selection import Selection
from tests.simulations.printing import print_shares

PATIENTS, PREVALENCE, ALIKE = 300, 0.25, 0.3
MODEL = 1.6
READERS = ((1.2, 0.9), (1.5, 1.1), (1.8, 1.3), (1.4, 0.7))
"""How far apart the classes are for each reader, in standard deviations, and the cut from which a film is flagged."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is true: of each reader, of their mean, and of the model at the mean's specificity and sensitivity."""

    sensitivities: tuple[float, ...]
    specificities: tuple[float, ...]
    model_sensitivity: float
    model_specificity: float

    @property
    def mean(self) -> tuple[float, float]:
        """The mean reader's sensitivity and specificity."""
        return float(np.mean(self.sensitivities)), float(np.mean(self.specificities))


def known() -> Known:
    """From the normal distribution alone."""
    sensitivities = tuple(float(norm.cdf(apart - cut)) for apart, cut in READERS)
    specificities = tuple(float(norm.cdf(cut)) for _, cut in READERS)
    sensitivity, specificity = np.mean(sensitivities), np.mean(specificities)
    return Known(
        sensitivities,
        specificities,
        float(norm.cdf(MODEL - norm.ppf(specificity))),
        float(norm.cdf(MODEL - norm.ppf(sensitivity))),
    )


def drawn(generator: np.random.Generator) -> tuple[Selection, tuple[ReaderAnswers, ...]]:
    """One set of films with the model's scores, and each reader's answers on two films in three."""
    owner = np.repeat(np.arange(PATIENTS), generator.integers(1, 7, PATIENTS))
    films = len(owner)
    truth = generator.random(films) < PREVALENCE

    def seen(apart: float) -> npt.NDArray[np.float64]:
        shared = generator.normal(size=PATIENTS)[owner]
        return apart * truth + np.sqrt(ALIKE) * shared + np.sqrt(1 - ALIKE) * generator.normal(size=films)

    selection = Selection.of(truth, seen(MODEL).astype(np.float32), owner)
    answers = []
    for k, (apart, cut) in enumerate(READERS):
        read = np.flatnonzero(generator.random(films) < 2 / 3)
        answers.append(ReaderAnswers(str(k), read, seen(apart)[read] >= cut, 0))
    return selection, tuple(answers)


@dataclass(frozen=True, slots=True)
class Coverage:
    """Shares of repetitions in which an interval held what is true."""

    reader_sensitivity: float
    reader_specificity: float
    mean_sensitivity: float
    mean_specificity: float
    gain_sensitivity: float
    gain_specificity: float


def coverage(repetitions: int, seed: int = 0, resamples: int = 200) -> Coverage:
    """The coverage of a reader's rates, of the mean reader's, and of what the model gains at either of them."""
    generator, truth = np.random.default_rng(seed), known()
    points: list[tuple[bool, bool]] = []
    means: list[tuple[bool, bool, bool, bool]] = []
    for _ in range(repetitions):
        selection, answers = drawn(generator)
        for k, given in enumerate(answers):
            labels, owners = selection.labels[given.films], selection.patients[given.films]
            rates = (
                share_estimate(given.flagged[labels], owners[labels]),
                share_estimate(~given.flagged[~labels], owners[~labels]),
            )
            held = [
                _holds(rate.low, rate.high, value)
                for rate, value in zip(rates, (truth.sensitivities[k], truth.specificities[k]), strict=True)
            ]
            points.append((held[0], held[1]))
        patient_weights.cache_clear()
        found = mean_reader(selection, answers, resamples, int(generator.integers(2**31)))
        if found is not None:
            means.append(_held(found, truth))
    shares = (float(value) for value in (*np.mean(points, axis=0), *np.mean(means, axis=0)))
    return Coverage(*shares)


def _held(found: MeanReader, truth: Known) -> tuple[bool, bool, bool, bool]:
    sensitivity, specificity = truth.mean
    gains = truth.model_sensitivity - sensitivity, truth.model_specificity - specificity
    return (
        _holds(*(found.sensitivity_interval or (None, None)), sensitivity),
        _holds(*(found.specificity_interval or (None, None)), specificity),
        _holds(found.gain_sensitivity.low, found.gain_sensitivity.high, gains[0]),
        _holds(found.gain_specificity.low, found.gain_specificity.high, gains[1]),
    )


def _holds(low: float | None, high: float | None, value: float) -> bool:
    return low is not None and high is not None and low <= value <= high


if __name__ == "__main__":
    print_shares(__doc__ or "", coverage)
