"""``python -m tests.simulations.coverage``: how often nominal 95 % intervals hold the truth, films clustered in patients or not.

Scores are binormal with a known AUROC, labels and scores alike within a patient (intraclass correlation 0.4), patients of as many
films as NIH's. For each setting: the share of repetitions in which the interval of the AUROC, and that of the sensitivity at the
threshold whose true sensitivity is 80 %, hold the truth; their mean widths; and in how many repetitions there was no interval.
With 400 repetitions each share is known to about 2 points.
"""

import argparse
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from chexview.evaluation.bootstrap import patient_weights
from chexview.evaluation.intervals import auroc_estimate, share_estimate
from chexview.evaluation.selection import Selection

PATIENTS = 600
ALIKE = 0.4
TRUE_SENSITIVITY = 0.8


@dataclass(frozen=True, slots=True)
class Setting:
    """Films of patients alike or independent, and how many of them have the finding."""

    clustered: bool
    positives: int
    auroc: float


@dataclass(frozen=True, slots=True)
class Covered:
    """Shares of repetitions in which an interval held the truth, mean widths, and the share without interval."""

    auroc: float
    auroc_width: float
    sensitivity: float
    sensitivity_width: float
    without: float
    patients: float


SETTINGS = tuple(
    Setting(clustered, positives, auroc)
    for clustered, counts in ((False, (10, 30, 100)), (True, (10, 30, 100, 400)))
    for positives in counts
    for auroc in (0.75, 0.9)
)


def drawn(setting: Setting, generator: np.random.Generator) -> Selection:
    """One set of films."""
    if setting.clustered:
        sizes = 1 + np.floor(generator.pareto(1.1, PATIENTS) * 2.2).clip(0, 183).astype(int)
        owner = np.repeat(np.arange(PATIENTS), sizes)
    else:
        owner = np.arange(2000)
    shared, films = (ALIKE if setting.clustered else 0.0), len(owner)
    own = generator.normal(size=(2, owner.max() + 1))
    liability, noise = (
        np.sqrt(shared) * own[k][owner] + np.sqrt(1 - shared) * generator.normal(size=films) for k in (0, 1)
    )
    labels = liability >= np.partition(liability, films - setting.positives)[films - setting.positives]
    return Selection.of(labels, noise + np.sqrt(2) * norm.ppf(setting.auroc) * labels, owner)


def coverage(setting: Setting, repetitions: int, resamples: int = 300, seed: int = 7) -> Covered:
    """The coverage of a setting's intervals."""
    generator = np.random.default_rng([seed, setting.positives, setting.clustered, round(100 * setting.auroc)])
    distance = np.sqrt(2) * norm.ppf(setting.auroc)
    threshold = distance - norm.ppf(TRUE_SENSITIVITY)
    held: list[tuple[float, float]] = []
    widths: list[tuple[float, float]] = []
    patients, without = 0, 0
    for _ in range(repetitions):
        chosen = drawn(setting, generator)
        patient_weights.cache_clear()
        area = auroc_estimate(chosen, resamples, int(generator.integers(2**31)))
        rate = share_estimate(chosen.logits[chosen.labels] >= threshold, chosen.patients[chosen.labels])
        patients += chosen.positive_patients
        if area.low is None or area.high is None or rate.low is None or rate.high is None:
            without += 1
            continue
        held.append((area.low <= setting.auroc <= area.high, rate.low <= TRUE_SENSITIVITY <= rate.high))
        widths.append((area.high - area.low, rate.high - rate.low))
    shares, wide = (np.mean(table, axis=0) if table else (np.nan, np.nan) for table in (held, widths))
    summary = float(shares[0]), float(wide[0]), float(shares[1]), float(wide[1])
    return Covered(*summary, without / repetitions, patients / repetitions)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=200)
    repetitions = parser.parse_args().repetitions
    print("films        positive (patients)  AUROC   covered  width   sensitivity covered  width   no interval")
    for setting in SETTINGS:
        found = coverage(setting, repetitions)
        print(
            f"{'clustered' if setting.clustered else 'independent':<12} {setting.positives:>8} ({found.patients:.0f})"
            f"{'':<8} {setting.auroc:.2f}    {100 * found.auroc:5.1f} %  {found.auroc_width:.3f}   "
            f"{100 * found.sensitivity:13.1f} %   {found.sensitivity_width:.3f}   {100 * found.without:8.1f} %",
            flush=True,
        )


if __name__ == "__main__":
    main()
