"""Two runs on the same films: the difference of their AUROCs, tested with patients as clusters.

Film-level tests of such differences raise false alarms in 8 to 20 % of cases on NIH's films at a nominal 5 %; with
Obuchowski's clustered covariance it was 4 to 7 %. Of 14 findings at least one looks different by chance in a third of
comparisons, hence Holm's correction (Holm 1979, Scandinavian Journal of Statistics 6:65).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtr, ndtri

from chexview.errors import RunError
from chexview.evaluation.curves import auroc
from chexview.evaluation.delong import cluster_covariance, cluster_delong
from chexview.evaluation.estimate import Remark, class_remark
from chexview.evaluation.examination import Truth, examine
from chexview.evaluation.intervals import LOST, has_interval, replicated_auroc
from chexview.evaluation.run import ValidationRun
from chexview.evaluation.selection import Selection


@dataclass(frozen=True, slots=True)
class AurocDifference:
    """``first - second`` with its 95 % interval and two-sided p; each None if it cannot be had.

    ``p_holm`` is p corrected for all findings compared with it; equal to ``p`` for a single one.
    """

    finding: str
    first: float | None
    second: float | None
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    p_holm: float | None
    films: int
    positive_patients: int
    remark: Remark = Remark.NONE


@dataclass(frozen=True, slots=True, eq=False)
class Matched:
    """The films that two runs share, in the same order, and how many films of each the other lacks."""

    first: Selection
    second: Selection
    only_first: int
    only_second: int


def matched(
    first: ValidationRun, second: ValidationRun, finding: str, list_name: str, truth: Truth | None = None
) -> Matched:
    """The films of a list of the first run of known label that the second run has as well, by the runs' labels or by ``truth``.

    Raises RunError if the runs share no such film, or if a shared film's label differs between them.
    """
    one = examine(first, list_name, finding, truth).selection
    images = second.table.column("image")
    labels = second.labels(finding) if truth is None else truth.labels(finding, images)
    known = np.flatnonzero(labels >= 0)
    place = {image: row for row, image in zip(known.tolist(), images[known].tolist(), strict=True)}
    names = first.table.column("image")[one.rows]
    rows = np.array([place.get(name, -1) for name in names], dtype=np.int64)
    shared = rows >= 0
    if not shared.any():
        raise RunError(f"The runs {first.name} and {second.name} share no film of {finding}; they cannot be compared.")
    one, rows = one.where(shared), rows[shared]
    differing = int(np.count_nonzero((labels[rows] == 1) != one.labels))
    if differing:
        raise RunError(
            f"{differing} shared films have other labels of {finding} in {second.name} than in {first.name}; "
            "runs can be compared only on the same labels."
        )
    scores = second.logits(finding)[rows]
    other = Selection(finding, list_name, one.labels, scores, one.patients, one.patient_count, one.rows)
    return Matched(one, other, int(np.count_nonzero(~shared)), len(known) - len(rows))


@dataclass(frozen=True, slots=True)
class MeanDifference:
    """The one primary number of a comparison: the difference of the mean AUROCs over ``findings``, with its 95 % interval and
    two-sided p from the resamples of patients that both runs share, and the smallest true difference that such a comparison
    sees four times in five (2.8 standard errors); None if they cannot be had."""

    value: float | None
    low: float | None
    high: float | None
    p: float | None
    detectable: float | None
    findings: tuple[str, ...]


def mean_difference(pairs: Sequence[tuple[Selection, Selection]]) -> MeanDifference:
    """Over the findings with at least 5 patients of each class; the selections must be of one list's patients."""
    chosen = [(one, other) for one, other in pairs if has_interval(one)]
    findings = tuple(one.finding for one, _ in chosen)
    if not chosen:
        return MeanDifference(None, None, None, None, None, ())
    value = float(np.mean([auroc(a.labels, a.logits) - auroc(b.labels, b.logits) for a, b in chosen]))
    replicates = np.stack([replicated_auroc(one) - replicated_auroc(other) for one, other in chosen])
    means = replicates[:, np.isfinite(replicates).all(axis=0)].mean(axis=0)
    spread = float(means.std(ddof=1)) if len(means) > (1 - LOST) * replicates.shape[1] else 0.0
    if not spread > 1e-12:
        return MeanDifference(value, None, None, None, None, findings)
    half, p = float(ndtri(0.975)) * spread, float(2 * ndtr(-abs(value) / spread))
    return MeanDifference(value, value - half, value + half, p, _detectable(spread), findings)


def only_difference(item: AurocDifference) -> MeanDifference:
    """The same of a single finding, from its own interval: one number never has two."""
    spread = None if item.low is None or item.high is None else (item.high - item.low) / 2 / float(ndtri(0.975))
    detectable = None if spread is None else _detectable(spread)
    return MeanDifference(item.difference, item.low, item.high, item.p, detectable, (item.finding,))


def _detectable(spread: float) -> float:
    """The true difference that is told from none four times in five, of a difference with this standard error."""
    return float(ndtri(0.975) + ndtri(0.8)) * spread


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Films with (or without) the finding that only one of two runs tells rightly at its operating point, and the two-sided p of
    McNemar's test with patients as clusters (Durkalski et al., Statistics in Medicine 2003, 22:2417); None without any."""

    only_first: int
    only_second: int
    films: int
    p: float | None


def disagreement(one: Selection, other: Selection, thresholds: tuple[float, float], positive: bool) -> Disagreement:
    """Sensitivity (``positive``) or specificity of two runs on the same films, compared at their thresholds."""
    mask = one.labels if positive else ~one.labels
    right = [
        (item.logits[mask] >= np.float32(cut)) == positive for item, cut in zip((one, other), thresholds, strict=True)
    ]
    gap = right[0].astype(np.int64) - right[1].astype(np.int64)
    sums = np.bincount(one.patients[mask], weights=gap, minlength=1)
    spread = float(np.sqrt(np.sum(sums**2)))
    p = float(2 * ndtr(-abs(sums.sum()) / spread)) if spread else None
    return Disagreement(int((gap > 0).sum()), int((gap < 0).sum()), int(mask.sum()), p)


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Every finding's difference, that of the means, and the films of the finding that has most of them in common."""

    differences: tuple[AurocDifference, ...]
    mean: MeanDifference
    most: Matched

    def of(self, finding: str) -> AurocDifference:
        """One finding's difference. Raises RunError if it was not compared."""
        for item in self.differences:
            if item.finding == finding:
                return item
        raise RunError(f"The two runs share no film with a label of {finding}; choose another finding, truth or run.")


def compare_runs(
    first: ValidationRun,
    second: ValidationRun,
    findings: Sequence[str],
    list_name: str,
    truth: Truth | None = None,
) -> Comparison:
    """The findings of two runs on the films of a list that they share, by the runs' labels, or by ``truth``.

    With a truth, findings that it does not judge on any of these films are left out. A composite counts in the mean only where
    no single finding does. Raises RunError if no film is shared, or labels differ.
    """
    judged = [
        finding
        for finding in findings
        if truth is None or (truth.judges(finding) and examine(first, list_name, finding, truth).films)
    ]
    every = [matched(first, second, finding, list_name, truth) for finding in judged or findings[:1]]
    pairs = [(item.first, item.second) for item in every]
    single = [pair for pair in pairs if pair[0].finding not in first.composites]
    differences, mean = compare(pairs), mean_difference(single or pairs)
    if len(mean.findings) == 1:
        mean = only_difference(next(item for item in differences if item.finding == mean.findings[0]))
    return Comparison(differences, mean, max(every, key=lambda item: item.first.films))


def compare(pairs: Sequence[tuple[Selection, Selection]]) -> tuple[AurocDifference, ...]:
    """The difference of AUROCs for each pair of selections of the same films, with Holm's correction over all pairs.

    Raises ValueError if the two of a pair are not of the same films, labels and patients.
    """
    bare = [_compare(one, other) for one, other in pairs]
    corrected = iter(holm([item.p for item in bare if item.p is not None]))
    return tuple(replace(item, p_holm=next(corrected)) if item.p is not None else item for item in bare)


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Holm's step-down correction, in the order given; never above 1."""
    order = np.argsort(p_values, kind="stable")
    factors = len(p_values) - np.arange(len(p_values))
    raised = np.maximum.accumulate(np.asarray(p_values, dtype=np.float64)[order] * factors).clip(max=1.0)
    result = np.empty(len(p_values))
    result[order] = raised
    return tuple(result.tolist())


def _compare(one: Selection, other: Selection) -> AurocDifference:
    covariance = cluster_covariance(one, other)
    films, patients, remark = one.films, one.positive_patients, class_remark(one)
    if remark in (Remark.NO_POSITIVE, Remark.NO_NEGATIVE):
        return AurocDifference(one.finding, None, None, None, None, None, None, None, films, patients, remark)
    a, b = cluster_delong(one), cluster_delong(other)
    gap = a.auroc - b.auroc
    variance = a.variance + b.variance - 2 * covariance
    if remark is Remark.TOO_FEW or not variance > 1e-15:
        remark = remark if remark is Remark.TOO_FEW else Remark.NO_SPREAD
        return AurocDifference(one.finding, a.auroc, b.auroc, gap, None, None, None, None, films, patients, remark)
    spread = float(np.sqrt(variance))
    half = float(ndtri(0.975)) * spread
    p = float(2 * ndtr(-abs(gap) / spread))
    return AurocDifference(one.finding, a.auroc, b.auroc, gap, gap - half, gap + half, p, p, films, patients, remark)
