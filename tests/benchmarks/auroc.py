"""``python -m tests.benchmarks.auroc``: 1,000 patient resamples of 14 AUROCs against a loop over scikit-learn.

25,596 synthetic films of 2,797 patients, as many as NIH's test list has, with its share of films for each finding. Both sides
work on the same resamples in one process, turn by turn; CPU time, of all threads, is compared. The loop is timed on a sample
of resamples, every finding alike, and extrapolated; what it finds there must be what the fast way found.
"""

import time
from collections.abc import Callable

import numpy as np
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from chexview.evaluation.bootstrap import RESAMPLES, Ranked, patient_weights, replicates
from chexview.evaluation.selection import Selection
from chexview.findings import NAMES

FILMS, PATIENTS = 25_596, 2_797
POSITIVES = (3279, 1069, 4658, 6112, 1748, 1623, 555, 2665, 1815, 925, 1093, 435, 1143, 86)
GOAL = 200
ROUNDS = 5


def synthetic(seed: int = 1) -> list[Selection]:
    """One selection for each finding; films of a patient are alike in label and logit."""
    generator = np.random.default_rng(seed)
    size = 1 + np.floor(generator.pareto(1.1, PATIENTS) * 2.2).clip(0, 183).astype(int)
    owner = np.repeat(np.arange(PATIENTS), size)
    owner = np.concatenate([owner, generator.choice(owner, max(0, FILMS - len(owner)))])
    owner = np.concatenate([np.arange(PATIENTS), generator.permutation(owner)])[:FILMS]
    made = []
    for name, positives in zip(NAMES, POSITIVES, strict=True):
        liability = 1.5 * generator.normal(size=PATIENTS)[owner] + generator.normal(size=FILMS)
        labels = liability > np.partition(liability, FILMS - positives - 1)[FILMS - positives - 1]
        noise = np.sqrt(0.4) * generator.normal(size=PATIENTS)[owner] + np.sqrt(0.6) * generator.normal(size=FILMS)
        made.append(Selection.of(labels, noise + np.sqrt(2) * norm.ppf(0.8) * labels, owner, name, "test"))
    return made


def _seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    """Prints the ratio and what it is made of."""
    selections = synthetic()
    weights = patient_weights(PATIENTS, RESAMPLES)
    films = [np.flatnonzero(selections[0].patients == patient) for patient in range(PATIENTS)]
    fast = np.empty((len(selections), RESAMPLES))
    sampled = {}

    def ours() -> None:
        for k, selection in enumerate(selections):
            fast[k] = replicates(Ranked.of(selection), weights, with_precision=False).auroc

    def loop(b: int) -> None:
        times = weights[:, b].astype(int)
        drawn = np.concatenate([np.tile(films[patient], times[patient]) for patient in np.flatnonzero(times)])
        for k, selection in enumerate(selections):
            sampled[k, b] = roc_auc_score(selection.labels[drawn], selection.logits[drawn])

    ours()
    spent = {"ours": [_seconds(ours)], "loop": [_seconds(lambda: loop(0))]}
    for turn in range(1, ROUNDS):
        spent["ours"].append(_seconds(ours))
        spent["loop"].append(_seconds(lambda turn=turn: loop(turn)))
    worst = max(abs(fast[place] - area) for place, area in sampled.items())
    if worst > 1e-12:
        raise AssertionError(f"the two ways differ by {worst}")
    quick, slow = float(np.median(spent["ours"])), float(np.median(spent["loop"])) * RESAMPLES
    print(
        f"{len(selections)} AUROCs x {RESAMPLES} resamples of {FILMS} films: {quick:.2f} s of CPU time, "
        f"scikit-learn's loop {slow:.0f} s (from {ROUNDS} resamples); largest difference {worst:.1e}"
    )
    print(f"RATIO auroc_bootstrap_vs_sklearn {slow / quick:.0f} >= {GOAL}")


if __name__ == "__main__":
    main()
