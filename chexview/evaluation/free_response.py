"""Where, not only whether: marks judged by regions. FROC, AFROC, weighted AFROC and LROC (Chakraborty, Observer Performance
Methods for Diagnostic Imaging, 2017; Swensson, Medical Physics 1996, 23:1709).

A mark is a place with a rating; it hits a region in which it lies. Of several marks in one region the highest counts; a region
without a mark is rated below every mark, and so is a film without the finding that has none.

- FROC: share of regions hit, over false marks a film.
- AFROC: share of regions hit, over the share of films without the finding whose highest mark reaches the threshold; its area is the
  chance that a region is rated above such a film.
- wAFROC: likewise, all regions of a film together counting as one, so that films with many regions do not decide alone.
- LROC: share of films with the finding whose highest mark of all hits a region; a film whose highest mark lies elsewhere is missed.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from chexview.evaluation.bootstrap import RESAMPLES, SEED, patient_weights
from chexview.evaluation.curves import RocCurve, roc
from chexview.evaluation.estimate import Estimate, Remark, about, class_remark
from chexview.evaluation.intervals import LOST, auroc_estimate, effective_patients, logit_interval, t_quantile
from chexview.evaluation.selection import Selection
from chexview.geometry import Rectangle

Doubles = npt.NDArray[np.float64]
NEIGHBOURHOOD = 3
"""Cells across within which only the highest is a mark."""


@dataclass(frozen=True, slots=True)
class RatedMark:
    """A place on a film, as shares of its width and height, and how strongly it is marked."""

    x: float
    y: float
    rating: float

    def hits(self, region: Rectangle) -> bool:
        """Whether it lies in a region, its edge included."""
        return region.left <= self.x <= region.right and region.top <= self.y <= region.bottom


@dataclass(frozen=True, slots=True)
class MarkedFilm:
    """One film: its patient, the regions of the finding (none: it is free of it) and the marks on it."""

    patient: str
    regions: tuple[Rectangle, ...]
    marks: tuple[RatedMark, ...]


@dataclass(frozen=True, slots=True, eq=False)
class FrocCurve:
    """At falling thresholds (k,): the share of regions hit and the false marks a film."""

    thresholds: Doubles
    hit: Doubles
    false_marks: Doubles

    def hit_within(self, false_marks: float) -> float:
        """The largest share of regions hit with at most so many false marks a film."""
        return float(self.hit[self.false_marks <= false_marks + 1e-12].max(initial=0.0))


@dataclass(frozen=True, slots=True, eq=False)
class LrocCurve:
    """At falling thresholds (k,), from none flagged: the share of films with the finding that are flagged and whose highest mark
    hits, and the share of films without it that are flagged."""

    located: Doubles
    false_alarms: Doubles


@dataclass(frozen=True, eq=False)
class FreeResponse:
    """Films with marks and regions of one finding; everything else is computed when asked for."""

    films: tuple[MarkedFilm, ...]

    @cached_property
    def _patients(self) -> npt.NDArray[np.int64]:
        return np.unique([film.patient for film in self.films], return_inverse=True)[1].astype(np.int64)

    @cached_property
    def _best(self) -> list[list[float]]:
        """For each film the highest rating in each of its regions, minus infinity where none was marked."""
        return [
            [max((mark.rating for mark in film.marks if mark.hits(region)), default=-np.inf) for region in film.regions]
            for film in self.films
        ]

    @cached_property
    def _false(self) -> list[list[float]]:
        """For each film the ratings of marks that hit no region."""
        return [
            [mark.rating for mark in film.marks if not any(mark.hits(region) for region in film.regions)]
            for film in self.films
        ]

    @cached_property
    def froc(self) -> FrocCurve:
        """The free-response curve over all films."""
        found = np.array([rating for film in self._best for rating in film], np.float64)
        false = np.array([rating for film in self._false for rating in film], np.float64)
        thresholds = np.unique(np.r_[found[np.isfinite(found)], false])[::-1]
        reached = np.searchsorted(np.sort(found), thresholds, side="left")
        wrong = np.searchsorted(np.sort(false), thresholds, side="left")
        return FrocCurve(
            thresholds,
            (len(found) - reached) / max(len(found), 1),
            (len(false) - wrong) / max(len(self.films), 1),
        )

    @cached_property
    def afroc_selection(self) -> Selection:
        """Regions as positives and films without the finding as negatives, whose ROC is the AFROC."""
        ratings, labels, owners = self._normals()
        for film, best in enumerate(self._best):
            ratings += best
            labels += [True] * len(best)
            owners += [int(self._patients[film])] * len(best)
        return self._selection(ratings, labels, owners)

    @cached_property
    def lroc_selection(self) -> Selection:
        """Films with the finding as positives, rated only where the highest mark of all hits; others as in the AFROC."""
        _, labels, owners = self._normals()
        with_it = [k for k, film in enumerate(self.films) if film.regions]
        labels += [True] * len(with_it)
        owners += [int(self._patients[k]) for k in with_it]
        return self._selection(self._lroc_ratings, labels, owners)

    @cached_property
    def _lroc_ratings(self) -> list[float]:
        """Of films without the finding, then of those with it; minus infinity where none was marked, or the highest mark misses."""
        ratings = self._normals()[0]
        for best, false in zip(self._best, self._false, strict=True):
            if best:
                ratings.append(max(best) if max(best) >= max(false, default=-np.inf) else -np.inf)
        return ratings

    @cached_property
    def afroc(self) -> RocCurve:
        """The AFROC curve."""
        return roc(self.afroc_selection.labels, self.afroc_selection.logits)

    @cached_property
    def lroc(self) -> LrocCurve:
        """The LROC curve; it ends where the films missed begin, so its last point is the share ever found."""
        curve = roc(self.lroc_selection.labels, self.lroc_selection.logits)
        end = None if np.isfinite(self._lroc_ratings).all() else -1
        return LrocCurve(curve.sensitivity[:end], curve.false_positive_rate[:end])

    @cached_property
    def afroc_area(self) -> Estimate:
        """The area under the AFROC curve; films and patients count regions and films without the finding."""
        return auroc_estimate(self.afroc_selection)

    @cached_property
    def lroc_area(self) -> Estimate:
        """The area under the LROC curve, a film missed counting as rated below every other."""
        return self._estimate(self.lroc_selection, self.lroc_replicates)

    @cached_property
    def lroc_replicates(self) -> Doubles:
        """That area (1 + resamples,): first of the films themselves, then of each resample of patients."""
        weights = np.ones(self.lroc_selection.positive_films)
        return self._replicates(self.lroc_selection, weights, missed_lose=True)

    @cached_property
    def weighted_afroc_area(self) -> Estimate:
        """The area under the weighted AFROC curve."""
        return self._estimate(self.afroc_selection, self.weighted_afroc_replicates)

    @cached_property
    def weighted_afroc_replicates(self) -> Doubles:
        """That area (1 + resamples,), as in :attr:`lroc_replicates`."""
        weights = np.concatenate([np.full(len(best), 1 / len(best)) for best in self._best if best] or [np.empty(0)])
        return self._replicates(self.afroc_selection, weights)

    def _normals(self) -> tuple[list[float], list[bool], list[int]]:
        free = [k for k, film in enumerate(self.films) if not film.regions]
        return (
            [max(self._false[k], default=-np.inf) for k in free],
            [False] * len(free),
            [int(self._patients[k]) for k in free],
        )

    def _selection(self, ratings: list[float], labels: list[bool], owners: list[int]) -> Selection:
        values = np.array(ratings, np.float64)
        known = values[np.isfinite(values)]
        lowest = float(known.min()) - 1 if len(known) else 0.0
        scores = np.where(np.isfinite(values), values, lowest).astype(np.float32)
        count = int(self._patients.max()) + 1 if len(self._patients) else 0
        codes = np.array(owners, np.int64)
        return Selection("", "", np.array(labels, bool), scores, codes, count, np.arange(len(scores)))

    def _replicates(self, selection: Selection, weights: Doubles, missed_lose: bool = False) -> Doubles:
        """The area with weights for the positives (1 + resamples,), first of the films themselves; NaN without both classes."""
        pairs, totals = self._pairs(selection, weights, missed_lose)
        count = selection.patient_count
        drawn = np.c_[np.ones(count), patient_weights(count, RESAMPLES, SEED)].astype(np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(
                np.einsum("pb,pb->b", pairs.T @ drawn, drawn) / ((totals[0] @ drawn) * (totals[1] @ drawn))
            )

    @staticmethod
    def _estimate(selection: Selection, replicates: Doubles) -> Estimate:
        """The area and its interval from resamples of patients."""
        remark = class_remark(selection)
        if remark in (Remark.NO_POSITIVE, Remark.NO_NEGATIVE):
            return about(selection, None, None, remark)
        value = float(replicates[0])
        if remark is Remark.TOO_FEW:
            return about(selection, value, None, remark)
        known = replicates[1:][np.isfinite(replicates[1:])]
        if len(known) < (1 - LOST) * (len(replicates) - 1):
            return about(selection, value, None, Remark.UNSTABLE)
        interval = logit_interval(value, float(known.std(ddof=1)), effective_patients(selection) - 1)
        return about(selection, value, interval, remark if interval else Remark.NO_SPREAD)

    @staticmethod
    def _pairs(selection: Selection, weights: Doubles, missed_lose: bool) -> tuple[Doubles, tuple[Doubles, Doubles]]:
        """Pairs won (patients, patients), positives by negatives, and both weights by patient.

        With ``missed_lose`` a positive of the lowest rating wins nothing, not even half of a tie.
        """
        count, truth = selection.patient_count, selection.labels
        positive, negative = selection.logits[truth], selection.logits[~truth]
        owners, others = selection.patients[truth], selection.patients[~truth]
        won = (positive[:, None] > negative) + 0.5 * (positive[:, None] == negative)
        if missed_lose and len(positive):
            won[positive == selection.logits.min()] = 0.0
        by_owner = np.zeros((count, len(negative)))
        np.add.at(by_owner, owners, weights[:, None] * won)
        pairs = np.zeros((count, count))
        np.add.at(pairs.T, others, by_owner.T)
        totals = (
            np.bincount(owners, weights, count).astype(np.float64),
            np.bincount(others, minlength=count).astype(np.float64),
        )
        return pairs, totals


@dataclass(frozen=True, slots=True)
class AreaGain:
    """How much larger one area is than another on the same films, with its 95 % interval; None with too few patients."""

    value: float
    low: float | None
    high: float | None


def gain(one: Doubles, other: Doubles, selection: Selection) -> AreaGain | None:
    """The gain of one area over another, both (1 + resamples,) of the same films and resamples; ``selection`` is of them.

    None if a class is missing.
    """
    value = float(one[0] - other[0])
    if not np.isfinite(value):
        return None
    apart = (one - other)[1:]
    known = apart[np.isfinite(apart)]
    remark = class_remark(selection)
    if remark not in (Remark.NONE, Remark.FEW) or len(known) < (1 - LOST) * len(apart):
        return AreaGain(value, None, None)
    half = t_quantile(effective_patients(selection) - 1) * float(known.std(ddof=1))
    return AreaGain(value, max(-1.0, value - half), min(1.0, value + half))


def marks_of(heatmap: npt.NDArray[np.floating], floor: float = 0.0, most: int = 10) -> tuple[RatedMark, ...]:
    """The peaks of a map (h, w) of the whole film over ``floor``, highest first: cells that no neighbour surpasses."""
    values = np.asarray(heatmap, np.float64)
    peaks = (values == ndimage.maximum_filter(values, NEIGHBOURHOOD, mode="nearest")) & (values > floor)
    parts, count = ndimage.label(peaks, np.ones((3, 3)))
    centres = ndimage.center_of_mass(peaks, parts, list(range(1, count + 1))) if count else []
    rows, columns = values.shape
    found = [
        RatedMark((x + 0.5) / columns, (y + 0.5) / rows, float(values[parts == k].max()))
        for k, (y, x) in enumerate(centres, 1)
    ]
    return tuple(sorted(found, key=lambda mark: -mark.rating)[:most])
